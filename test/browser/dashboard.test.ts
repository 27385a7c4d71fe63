import { readdir, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetReadObjects } from 'hyparquet';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import {
  DAILY_HEADER,
  dayAfter,
  lines,
  PORTFOLIO_HEADER,
  writeImport,
} from '../helpers/import-files.js';
import { Processes, type RunningServer } from '../helpers/processes.js';
import { portfolioId } from '../helpers/test-data.js';
import { seriousFindings } from './accessibility.js';
import { launch, open, type WatchedPage } from './chromium.js';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/dashboard/assets/', import.meta.url));
const APPLE = '5a3f1c00-0000-4000-8000-000000000002';
const MAX_BYTES = 100_000;
/** How long it takes until the screen is checked by itself, and some more. */
const CHECKED_MS = 40_000;

const PAGES = [
  { name: 'portfolios', address: '#/', shows: '.portfolios .number' },
  { name: 'portfolio', address: `#/portfolio/${APPLE}`, shows: '.panel canvas >> nth=4' },
  { name: 'league', address: '#/league', shows: 'table.league tbody tr' },
  { name: 'aggregates', address: '#/aggregates', shows: '.card >> nth=3' },
];
const SCREENS: readonly BrowserContextOptions[] = [
  { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
];

const processes = new Processes();
let browser: Browser;
let server: RunningServer;
let current: WatchedPage | undefined;

beforeAll(async () => {
  [browser, server] = await Promise.all([
    launch(),
    processes.directory().then((directory) => processes.server(`${directory}/data`)),
  ]);
});
afterEach(async () => {
  await current?.close();
  current = undefined;
});
afterAll(async () => {
  await browser.close();
  await processes.close();
});

/** Opens a page of the dashboard, which is closed after the test. */
async function show(
  address: string,
  options?: Parameters<typeof open>[2],
  of: RunningServer = server,
): Promise<WatchedPage> {
  current = await open(browser, new URL(`/${address}`, of.url).href, options);
  return current;
}

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, element: Locator): Promise<void> {
  for (let tabs = 0; tabs < 20; tabs += 1) {
    if (await element.and(page.locator(':focus')).count()) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${element.toString()} is not reached by Tab`);
}

/** Records what the states of refreshes say from now on; gives them when it is called. */
async function recordStates(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`
    const states = (globalThis.states = []);
    new MutationObserver(() => {
      for (const { textContent } of document.querySelectorAll('.progress [role=status]'))
        states.push(textContent);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  `);
  return () => page.evaluate<string[]>('globalThis.states');
}

/** Prints what was measured; how fast a machine is, is no matter of right and wrong. */
function report(what: string, values: readonly number[]): void {
  process.stdout.write(`${what}: ${values.map((value) => Math.round(value)).join(', ')}\n`);
}

/** What a link downloads, and the name it has. */
async function download(
  page: Page,
  link: string,
): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: link, exact: true }).click(),
  ]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

const text = (page: Page, selector: string): Promise<string | null> =>
  page.locator(selector).textContent();
const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};

describe.each(SCREENS)('on a screen of $viewport.width pixels, $colorScheme', (screen) => {
  test.each(PAGES)('$name: no error, no finding, nothing beside the screen', async (shown) => {
    const { page, faults } = await show(shown.address, screen);
    await page.locator(shown.shows).first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(
      screen.viewport!.width,
    );
    expect(faults).toEqual([]);
  });
});

test('all that is loaded is below 100 KB', async () => {
  const files = (await readdir(BUILT)).filter((file) => file.endsWith('.br'));
  const sizes = await Promise.all(files.map(async (file) => (await stat(BUILT + file)).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_BYTES);
});

describe('portfolios', () => {
  test('are searched, sorted, and shown by another number', async () => {
    const { page, faults } = await show('#/');
    const names = page.locator('.portfolios tbody th a');
    await page.locator('.portfolios .number').first().waitFor();
    expect(await names.allTextContents()).toEqual([
      'Apple',
      'Half S&P 500, half Apple, rebalanced daily',
      'Half S&P 500, half cash, rebalanced daily',
      'S&P 500',
    ]);
    await page.getByLabel('Number shown').selectOption('VOLATILITY');
    await page.getByRole('button', { name: '1 year' }).click();
    await page.locator('th[aria-sort=descending]').waitFor();
    expect(await names.first().textContent()).toBe('Apple');
    const { portfolio } = await server.data(
      `{ portfolio(id: "${APPLE}") { rolling1y { volatility } } }`,
    );
    const percent = `${(portfolio.rolling1y.volatility * 100).toFixed(2)}%`;
    expect(await page.locator('.portfolios tbody tr >> nth=0').textContent()).toContain(percent);
    await page.getByLabel('Search').fill('CASH');
    await expect(
      page.getByRole('status').filter({ hasText: '1 portfolio' }).waitFor(),
    ).resolves.toBeUndefined();
    expect(await names.allTextContents()).toEqual(['Half S&P 500, half cash, rebalanced daily']);
    await page.getByLabel('Search').fill('nothing of that name');
    await page.getByText('No portfolio’s name contains').waitFor();
    expect(faults).toEqual([]);
  });
});

describe('a portfolio', () => {
  test('has its charts read by the keyboard, as the API has the numbers', async () => {
    const { page, faults } = await show(`#/portfolio/${APPLE}`);
    await page.locator('.panel canvas >> nth=4').waitFor();
    await page.getByRole('application', { name: 'Charts' }).focus();
    await press(page, 'End', 'ArrowLeft', 'ArrowLeft');
    const { portfolio } = await server.data(
      `{ portfolio(id: "${APPLE}") { rollingSeries(window: ONE_YEAR, metrics: [VOLATILITY, BETA], from: "2018-05-09", to: "2018-05-09") { days columns { values } } } }`,
    );
    const [[volatility], [beta]] = portfolio.rollingSeries.columns.map(
      ({ values }: { values: number[] }) => values,
    );
    const said = await text(page, '[data-testid=read-out]');
    expect(said).toMatch(/^9 May 2018\. /);
    expect(said).toContain(`Rolling volatility: ${(volatility * 100).toFixed(2)}%`);
    expect(said).toContain(`Beta over one year: ${beta.toFixed(2)}`);
    expect(await page.locator('.panel-values').first().textContent()).toContain('9 May 2018');

    await page.getByText('Values as a table').click();
    const row = page.locator('.chart-table tbody tr', { hasText: '9 May 2018' }).first();
    expect(await row.textContent()).toContain(`${(volatility * 100).toFixed(2)}%`);
    expect(faults).toEqual([]);
  });

  test('shares one period among its charts, in its address and its links', async () => {
    const { page, faults } = await show(`#/portfolio/${APPLE}`);
    await page.locator('.panel canvas >> nth=4').waitFor();
    await page.getByRole('radio', { name: '6 months' }).check();
    await page.getByRole('radio', { name: '30 days' }).check();
    await page.getByText('window of 30 days').waitFor();
    expect(page.url()).toContain('period=6M');
    expect(await page.getByLabel('From', { exact: true }).inputValue()).toBe('2017-11-11');
    const csv = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
    const { searchParams } = new URL(csv!);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      portfolios: APPLE,
      window: 'THIRTY_DAYS',
      from: '2017-11-11',
      to: '2018-05-11',
      format: 'csv',
    });
    // Dragging over a chart selects a part of the period for all.
    const box = (await page.locator('.panel canvas').first().boundingBox())!;
    await page.mouse.move(box.x + 200, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 40);
    await page.mouse.up();
    await page.waitForURL(/from=20/);
    expect(faults).toEqual([]);
  });

  test('is downloaded as CSV and as Parquet with the numbers of its charts', async () => {
    const { page, faults } = await show(`#/portfolio/${APPLE}?period=6M`);
    await page.locator('.panel canvas >> nth=4').waitFor();
    const [csv, parquet] = [await download(page, 'CSV'), await download(page, 'Parquet')];
    expect(csv.name).toBe('series-ONE_YEAR-2017-11-11-2018-05-11.csv');
    const [header, ...written] = csv.bytes.toString().trimEnd().split('\n');
    const names = header!.split(',');
    const { portfolio } = await server.data(
      `{ portfolio(id: "${APPLE}") { rollingSeries(window: ONE_YEAR, metrics: [${names.slice(3).join(', ')}], from: "2017-11-11", to: "2018-05-11") { days observations columns { values } } } }`,
    );
    const { days, observations, columns } = portfolio.rollingSeries as {
      days: string[];
      observations: number[];
      columns: { values: number[] }[];
    };
    const rows = days.map((day, index) => [
      APPLE,
      day,
      observations[index],
      ...columns.map(({ values }) => values[index]),
    ]);
    expect(rows.length).toBeGreaterThan(100);
    expect(written).toEqual(rows.map((row) => row.join(',')));
    const { buffer, byteOffset, byteLength } = parquet.bytes;
    const file = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const objects = await parquetReadObjects({ file });
    expect(
      objects.map((row) => [
        APPLE,
        (row['day'] as Date).toISOString().slice(0, 10),
        ...names.slice(2).map((name) => row[name] as number),
      ]),
    ).toEqual(rows);
    expect(faults).toEqual([]);
  });

  test('that is unknown is said to be', async () => {
    const { page, faults } = await show(`#/portfolio/${portfolioId(999)}`);
    await page.getByRole('heading', { name: 'No such portfolio' }).waitFor();
    expect(faults).toEqual([]);
  });

  test('names its formulas on hover', async () => {
    const { page } = await show(`#/portfolio/${APPLE}`);
    await page.getByRole('button', { name: 'Sharpe ratio', exact: true }).hover();
    const formula = page.getByRole('tooltip').filter({ hasText: '(mean(r) − rf) / s · √A' });
    expect(await formula.first().isVisible()).toBe(true);
  });
});

describe('the league table', () => {
  test('ranks by any metric and window, and shows what is refused', async () => {
    const { page, faults } = await show('#/league?metric=BETA&window=THIRTY_DAYS');
    const rows = page.locator('.league tbody tr');
    await rows.first().waitFor();
    // Only the one-year window serves beta.
    expect(await page.locator('.league thead').textContent()).toContain('Beta, 1 year');
    expect(await rows.first().textContent()).toContain('Apple');
    await page.getByLabel('As of').fill('2013-06-14');
    await page.getByText('4 portfolios left out: fewer than 120 observations').waitFor();
    await page.getByLabel('As of').fill('2012-06-14');
    await page.getByText('4 portfolios left out: no rows in the window').waitFor();
    expect(faults).toEqual([]);
  });
});

test('the keyboard alone leads everywhere', async () => {
  const { page, faults } = await show('#/');
  await page.locator('.portfolios .number').first().waitFor();
  await press(page, 'Tab');
  expect(await text(page, ':focus')).toBe('Skip to content');
  await press(page, 'Enter', 'Tab');
  await page.keyboard.type('cash');
  await page.getByRole('status').filter({ hasText: '1 portfolio' }).waitFor();
  const link = page.locator('.portfolios tbody th a');
  await tabTo(page, link);
  await press(page, 'Enter');
  await page.getByRole('heading', { name: 'Half S&P 500, half cash' }).waitFor();
  expect(await text(page, ':focus')).toContain('half cash');
  const radio = page.getByRole('radio', { name: '1 year' }).first();
  await tabTo(page, radio);
  await press(page, 'ArrowLeft');
  await page.getByText('window of 90 days').waitFor();
  expect(faults).toEqual([]);
});

describe('freshness', () => {
  test('a stale mark appears, a refresh with progress runs, and the mark goes', async () => {
    const { page, faults } = await show(`#/portfolio/${APPLE}`);
    await page.locator('.panel canvas >> nth=4').waitFor();
    expect(await page.locator('.stale-mark').count()).toBe(0);
    const { portfolio } = await server.data(
      `{ portfolio(id: "${APPLE}") { dailySeries { days returns } } }`,
    );
    const { days, returns } = portfolio.dailySeries as { days: string[]; returns: number[] };
    // So many days that each refresh takes several slices.
    const rows = days.map((asofDate, n) => ({
      portfolioId: APPLE,
      asofDate,
      twr1d: returns[n]! + 0.0001,
    }));
    await server.data(
      'mutation ($rows: [DailyMetricsInput!]!) { recordDailyMetrics(rows: $rows, refresh: false) { updated } }',
      { rows },
    );
    await page.getByText('Stale numbers.').first().waitFor({ timeout: CHECKED_MS });
    await page.locator('td .stale-mark').nth(3).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    const aggregates = await open(browser, new URL('/#/aggregates', server.url).href);
    const cards = aggregates.page.locator('.card');
    await cards.last().waitFor();
    expect(await seriousFindings(aggregates.page)).toEqual([]);
    const states = await recordStates(aggregates.page);
    const names = ['30 days', '60 days', '90 days', '1 year'];
    for (const name of names) {
      const card = cards.filter({ has: aggregates.page.getByRole('heading', { name }) });
      expect(await card.textContent()).toContain('only a refresh by hand will');
      await card.getByRole('button', { name: 'Refresh pending days' }).click();
    }
    await aggregates.page.getByText('No days are pending.').nth(3).waitFor({ timeout: 90_000 });

    expect((await states()).filter((state) => /^Running, [1-9]\d* %$/.test(state))).not.toEqual([]);
    expect(aggregates.faults).toEqual([]);
    await aggregates.close();

    await page.locator('.stale-mark').first().waitFor({ state: 'detached' });
    expect(await page.getByText('Stale numbers.').count()).toBe(0);
    expect(faults).toEqual([]);
  });
});

describe('a refresh policy', () => {
  test('is edited by the keyboard, and what TimescaleDB refuses is said', async () => {
    const { page, faults } = await show('#/aggregates');
    const card = page
      .locator('.card')
      .filter({ has: page.getByRole('heading', { name: '30 days' }) });
    await card.getByText('Edit the policy').focus();
    await press(page, 'Enter');
    const save = card.getByRole('button', { name: 'Save policy' });
    expect(await save.isDisabled()).toBe(true);
    const amount = card.getByLabel('Runs every: how many');
    await tabTo(page, amount);
    await page.keyboard.type('2');
    await press(page, 'Enter');
    await card.getByText('Every 2 hours, from 1 month before to 1 hour before.').waitFor();
    expect(await card.getByRole('status').filter({ hasText: 'Saved.' }).count()).toBe(1);
    const stored = async (): Promise<unknown> =>
      (
        await server.data(
          '{ aggregateStatus(viewName: PORTFOLIO_METRICS_30D_ROLLING) { scheduleInterval startOffset endOffset } }',
        )
      ).aggregateStatus[0];
    expect(await stored()).toEqual({
      scheduleInterval: 'PT2H',
      startOffset: 'P1M',
      endOffset: 'PT1H',
    });
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);

    // One day and an hour are no two days.
    await card.getByLabel('First day, before the run: unit').selectOption('day');
    await save.click();
    await card.getByRole('alert').filter({ hasText: 'cannot be so' }).waitFor();
    expect(await stored()).toMatchObject({ startOffset: 'P1M' });
    await card.getByLabel('First day, before the run: unit').selectOption('the oldest day');
    await save.click();
    await card.getByText('Every 2 hours, from the oldest day to 1 hour before.').waitFor();
    expect(await stored()).toMatchObject({ startOffset: null });
  });
});

test('a server that does not respond makes all numbers old', async () => {
  const other = await processes.server(`${await processes.directory()}/data`, {
    SAMPLE_DATA: 'off',
  });
  const { page, faults } = await show('#/', {}, other);
  await page.getByText('There are no portfolios yet.').waitFor();
  expect(faults).toEqual([]);
  await other.stop();
  await page.getByText(/No response since .*: numbers may be old/).waitFor({ timeout: CHECKED_MS });
});

describe('where a key is required', () => {
  test('it is entered once, stored in the session alone, and forgotten', async () => {
    const dataDir = `${await processes.directory()}/data`;
    const closed = await processes.server(dataDir, { SAMPLE_DATA: 'off', ACCESS: 'required' });
    const keyFor = async (name: string, role: string, tenant: string): Promise<string> => {
      const options = ['--name', name, '--role', role, '--tenant', tenant];
      return (await processes.cli(dataDir, 'keys', 'create', ...options)).stdout.trim();
    };
    const { page } = await show('#/aggregates', {}, closed);
    await page.getByText('This server requires an access key').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    const enter = async (key: string): Promise<void> => {
      await page.getByLabel('Key').fill(key);
      await page.getByLabel('Key').press('Enter');
    };
    await enter('wrong');
    await page.getByText('does not accept the key').waitFor();
    await enter(await keyFor('me', 'operator', '*'));
    await page.getByRole('heading', { name: 'Recent refreshes' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Recent refreshes' }).waitFor();
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
    await page.getByRole('button', { name: 'Refresh all days' }).first().click();
    await page.locator('.progress').getByText('Succeeded').waitFor();
    await page.getByRole('button', { name: 'Forget key' }).click();
    await page.getByText('This server requires an access key').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);

    // What a key may not do is disabled, and a sentence says why.
    const policy = page.locator('details.policy').first();
    const refresh = page.getByRole('button', { name: 'Refresh all days' }).first();
    for (const [role, tenant, reason, mayRefresh] of [
      [
        'reader',
        '*',
        'Changing policies needs the role operator; this key has the role reader.',
        false,
      ],
      ['operator', 'acme', 'this one has the tenant acme.', true],
    ] as const) {
      await enter(await keyFor(role, role, tenant));
      await policy.getByText('the policy').click();
      await policy.getByText(reason).waitFor();
      expect(await policy.getByLabel('Runs every: how many').isDisabled()).toBe(true);
      expect(await refresh.isEnabled()).toBe(mayRefresh);
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole('button', { name: 'Forget key' }).click();
      await page.getByText('This server requires an access key').waitFor();
    }
    await closed.stop();
  });
});

describe('other data', () => {
  const COUNT = 10_000;
  const GAPS = portfolioId(COUNT + 1);
  let large: RunningServer;

  beforeAll(async () => {
    const directory = await processes.directory();
    large = await processes.server(`${directory}/data`, { SAMPLE_DATA: 'off' });
    const named = Array.from({ length: COUNT }, (_, n) => {
      const number = String(n + 1).padStart(5, '0');
      return `${portfolioId(n + 1)},Fund ${number},USD,`;
    });
    // Rows on 60 days, none for 60, then 60 again; the benchmark begins with the second half.
    const gapped = Array.from({ length: 120 }, (_, n) => {
      const day = dayAfter(n < 60 ? n : n + 60, '2020-01-01');
      return `${GAPS},${day},${n % 2 ? 0.01 : -0.005},100,${n < 60 ? '' : 0.001},,,`;
    });
    const files = await writeImport(directory, {
      portfolios: lines(PORTFOLIO_HEADER, ...named, `${GAPS},Gaps,USD,INDEX`),
      daily: lines(DAILY_HEADER, ...gapped),
    });
    const { code, stderr } = await processes.cli(
      `${directory}/data`,
      ...files,
      '--periods-per-year',
      '365',
    );
    if (code !== 0) throw new Error(stderr);
  });

  test('10,000 portfolios scroll, and are sorted whole', async () => {
    const { page, faults } = await show('#/', {}, large);
    await page.getByText('10001 portfolios').waitFor();
    await page.locator('.count', { hasText: 'loaded so far' }).waitFor({ state: 'detached' });
    await page.evaluate("document.querySelector('.scrolled').scrollTo(0, 1e9)");
    await page.getByText('Gaps').waitFor();
    expect(await page.locator('.portfolios tbody tr').count()).toBeLessThan(60);
    await page.getByRole('button', { name: '30 days' }).click();
    await page.evaluate("document.querySelector('.scrolled').scrollTo(0, 0)");
    await page.locator('.portfolios tbody tr >> nth=0', { hasText: 'Gaps' }).waitFor();
    // Frames while it scrolls through all rows.
    const frames = await page.evaluate<number[]>(`new Promise((resolve) => {
      const element = document.querySelector('.scrolled');
      const times = [];
      const step = (time) => {
        times.push(time);
        element.scrollBy(0, 1500);
        if (times.length < 120) requestAnimationFrame(step);
        else resolve(times.slice(1).map((end, index) => end - times[index]));
      };
      requestAnimationFrame(step);
    })`);
    report('frames while 10,000 rows scroll, median and slowest in ms', [
      frames.toSorted((a, b) => a - b)[frames.length >> 1]!,
      Math.max(...frames),
    ]);
    expect(faults).toEqual([]);
  });

  test('gaps stay gaps, and a partial benchmark is drawn and said to be', async () => {
    const { page, faults } = await show(`#/portfolio/${GAPS}?window=THIRTY_DAYS`, {}, large);
    await page.locator('.panel canvas').first().waitFor();
    await page.getByText('The benchmark has returns on 60 of 120 days').waitFor();
    await page.getByText('INDEX').first().waitFor();
    expect(faults).toEqual([]);
  });
});

/** Measures from the charts' data, parsed, to the frame that shows the fifth chart. */
const MEASURED = `
  const { json } = Response.prototype;
  Response.prototype.json = async function () {
    const result = await json.call(this);
    if (result.data?.portfolio?.series) performance.mark('data');
    return result;
  };
  new MutationObserver((_, observer) => {
    if (document.querySelectorAll('.panel canvas').length < 5) return;
    observer.disconnect();
    requestAnimationFrame(() => performance.measure('charts', 'data'));
  }).observe(document, { subtree: true, childList: true });
`;

describe('measured', () => {
  test('the first paint, and five charts of four years', async () => {
    const { page } = await show(`#/portfolio/${APPLE}`, { script: MEASURED });
    const [paint, charts] = await page.evaluate<[number, number]>(`new Promise((resolve) => {
      const look = () => {
        const [measured] = performance.getEntriesByName('charts');
        const [painted] = performance.getEntriesByName('first-contentful-paint');
        if (measured && painted) resolve([painted.startTime, measured.duration]);
        else requestAnimationFrame(look);
      };
      look();
    })`);
    report('first contentful paint in ms', [paint]);
    report('five charts drawn after their data in ms', [charts]);
    expect(paint).toBeGreaterThan(0);
    expect(charts).toBeGreaterThan(0);
  });
});

// For README: SCREENSHOTS=on npm run test:browser.
(process.env['SCREENSHOTS'] === 'on' ? test : test.skip)('screenshots', async () => {
  const viewport = { width: 1280, height: 800 };
  const { page } = await show('#/', { viewport, deviceScaleFactor: 1.5 });
  // The last of four portfolios with four windows.
  await page.locator('.sparkline path').nth(15).waitFor();
  await page.screenshot({ path: `${IMAGES}portfolios.png` });
  await page.setViewportSize({ width: 1280, height: 1180 });
  await page.goto(new URL(`/#/portfolio/${APPLE}`, server.url).href);
  await page.locator(PAGES[1]!.shows).waitFor();
  await page.screenshot({ path: `${IMAGES}portfolio.png` });
});
