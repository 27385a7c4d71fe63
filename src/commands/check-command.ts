import type { DataFaultKind } from '../metrics/data-quality.js';
import { printJson, type ClientContext } from './client-context.js';
import { requestData, type Executor } from './executor.js';
import { findPortfolio } from './portfolio-argument.js';

/** Portfolios of a page: looking at all rows of each costs. */
const PAGE_SIZE = 20;

const CHECK_QUERY = `query Check($ids: [UUID!], $first: Int!, $after: String) {
  portfolios(ids: $ids, first: $first, after: $after) {
    edges {
      node {
        id
        name
        dataQuality {
          kind
          from
          to
          sentence
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`;

interface CheckedPortfolio {
  readonly id: string;
  readonly name: string;
  readonly dataQuality: readonly {
    readonly kind: DataFaultKind;
    readonly from: string;
    readonly to: string;
    readonly sentence: string;
  }[];
}

interface CheckData {
  readonly portfolios: {
    readonly edges: readonly { readonly node: CheckedPortfolio }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** Prints what looks wrong in the rows of portfolios, all unless some are named; returns 0 when nothing does. */
export async function checkData(
  { execute, output, colors }: ClientContext,
  named: readonly string[],
  { json = false }: { readonly json?: boolean },
): Promise<number> {
  const ids: string[] = [];
  for (const idOrCode of named) ids.push((await findPortfolio(execute, idOrCode)).id);
  let [checked, findings] = [0, 0];
  const faulty: CheckedPortfolio[] = [];
  for await (const portfolio of checkedPortfolios(execute, ids.length > 0 ? ids : null)) {
    checked += 1;
    findings += portfolio.dataQuality.length;
    if (portfolio.dataQuality.length === 0) continue;
    if (json) {
      faulty.push(portfolio);
      continue;
    }
    output.line(`${portfolio.name} (${portfolio.id})`);
    for (const { kind, sentence } of portfolio.dataQuality) {
      output.line(`  ${colors.yellow(kind.toLowerCase().replaceAll('_', ' '))}  ${sentence}`);
    }
  }
  if (json) printJson(output, faulty);
  else output.line(`Portfolios checked: ${checked}; findings: ${findings}.`);
  return findings === 0 ? 0 : 1;
}

async function* checkedPortfolios(
  execute: Executor,
  ids: readonly string[] | null,
): AsyncGenerator<CheckedPortfolio, void> {
  let after: string | null = null;
  for (;;) {
    const { portfolios }: CheckData = await requestData(execute, CHECK_QUERY, {
      ids,
      first: PAGE_SIZE,
      after,
    });
    yield* portfolios.edges.map(({ node }) => node);
    if (!portfolios.pageInfo.hasNextPage) return;
    after = portfolios.pageInfo.endCursor;
  }
}
