import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { Processes, type RunningServer } from '../helpers/processes.js';
import { seriousFindings } from './accessibility.js';
import { launch, open } from './chromium.js';

/** Findings in GraphiQL itself: colours of its editors, and tabs that have a button to close them. */
const OF_GRAPHIQL = new Set(['color-contrast', 'nested-interactive']);

const processes = new Processes();
let browser: Browser;
let server: RunningServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([
    launch(),
    processes.directory().then((directory) => processes.server(`${directory}/data`)),
  ]);
});
afterAll(async () => {
  await browser.close();
  await processes.close();
});

/** The response to an operation that is not in its document. */
const UNKNOWN_OPERATION = /status of 400/;

/**
 * Executes the operation of the tab until its result has this text: for a moment after a tab is
 * chosen, too short for a person, GraphiQL still sends the name of the operation before.
 */
async function execute(page: Page, text: string): Promise<void> {
  const result = page.locator('.result-window').getByText(text).first();
  for (let attempt = 1; ; attempt++) {
    await page.getByRole('button', { name: /Execute query/ }).click();
    try {
      return await result.waitFor({ timeout: 5000 });
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

test.each(['light', 'dark'] as const)(
  'the explorer opens with the tour and runs it, without another host (%s)',
  async (colorScheme) => {
    const address = new URL('/graphiql/', server.url).href;
    const opened = await open(browser, address, { colorScheme });
    const { page, faults } = opened;
    // The documented operations, in their order.
    await page.getByRole('tab', { name: 'Portfolios' }).waitFor();
    const names = ['Portfolios', 'FourWindows', 'Chart', 'LeagueTable', 'Health'];
    // Each has an icon after its name.
    expect(await page.getByRole('tab').allTextContents()).toEqual(
      names.map((name) => expect.stringMatching(`^${name}`) as unknown),
    );
    const editor = page.locator('.graphiql-query-editor');
    // A tab that is chosen before the editor is there is not shown in it.
    await editor.getByText('portfolios').first().waitFor();
    await page.getByRole('tab', { name: 'LeagueTable' }).click();
    await editor.getByText('ranking').first().waitFor();
    await execute(page, '"entries"');
    expect(await seriousFindings(page, OF_GRAPHIQL)).toEqual([]);
    expect(faults.filter((fault) => !UNKNOWN_OPERATION.test(fault))).toEqual([]);
    await opened.close();
  },
);

test('the page of Apollo Sandbox, which cannot be loaded, leads to the explorer', async () => {
  const opened = await open(browser, server.url);
  const { page, faults } = opened;
  const link = page.getByRole('link', { name: 'explorer of this server' });
  await link.waitFor();
  // It asks other hosts for the Sandbox, and gets none of it.
  expect(faults.some((fault) => fault.includes('apollographql.com'))).toBe(true);
  await link.click();
  await page.waitForURL('**/graphiql/');
  await page.getByRole('tab', { name: 'Portfolios' }).waitFor();
  await opened.close();
});
