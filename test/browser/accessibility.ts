import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const AXE = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

const SERIOUS = new Set(['serious', 'critical']);

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds serious or critical on a page, in words, but for some of its rules. */
export async function seriousFindings(
  page: Page,
  except: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  // Not a script of the page, whose policy would refuse it.
  await page.evaluate(AXE);
  const violations = await page.evaluate<Violation[]>('axe.run().then((run) => run.violations)');
  return violations
    .filter(({ impact, id }) => SERIOUS.has(impact) && !except.has(id))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
}
