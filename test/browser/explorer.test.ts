import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { Processes, type RunningServer } from '../helpers/processes.js';
import { seriousFindings } from './accessibility.js';
import { launch, open } from './chromium.js';

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

test.each(['light', 'dark'] as const)(
  'the explorer opens with the tour and runs it, without another host (%s)',
  async (colorScheme) => {
    const address = new URL('/graphiql/', server.url).href;
    const opened = await open(browser, address, { colorScheme });
    const { page, faults } = opened;
    // The documented operations, in their order.
    await page.getByRole('tab', { name: 'Portfolios' }).waitFor();
    expect(await page.getByRole('tab').allTextContents()).toEqual([
      'Portfolios',
      'FourWindows',
      'Chart',
      'LeagueTable',
      'Health',
    ]);
    await page.getByRole('tab', { name: 'LeagueTable' }).click();
    await page.getByRole('button', { name: /Execute query/ }).click();
    await page.locator('.result-window').getByText('"entries"').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
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
