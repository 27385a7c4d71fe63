import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { showStatus } from '../../src/commands/status-command.js';
import type { StatusRow } from '../../src/commands/status-query.js';
import { recordedContext, respondingWith } from './recorded.js';

const FRESH: StatusRow = {
  sqlName: 'portfolio_metrics_30d_rolling',
  materializedThrough: '2018-05-11',
  newestSourceDay: '2018-05-11',
  refreshLagSeconds: 725,
  refreshPolicyEnabled: true,
  scheduleInterval: 'PT1H',
  nextRefresh: '2018-05-12T12:47:55.000Z',
  lastRunStatus: 'Success',
  lastError: null,
  totalRows: 5040,
  sizeBytes: 999_424,
  pendingInvalidations: [],
  health: { status: 'HEALTHY' },
};

async function shown(rows: readonly Partial<StatusRow>[], isColored = false): Promise<string> {
  const aggregateStatus = rows.map((row) => ({ ...FRESH, ...row }));
  const { context, lines } = recordedContext(respondingWith({ aggregateStatus }).execute, {
    isColored,
  });
  expect(await showStatus(context, {})).toBe(0);
  return lines.join('\n');
}

describe('the table', () => {
  test('has a row an aggregate, in human units, and a sentence on what waits', async () => {
    const text = await shown([
      {},
      {
        sqlName: 'portfolio_metrics_60d_rolling',
        pendingInvalidations: [
          { from: '2013-01-02', to: '2013-01-03', coveredByPolicy: false },
          { from: '2018-05-11', to: '2018-05-11', coveredByPolicy: true },
        ],
        scheduleInterval: 'PT6H',
        nextRefresh: '2018-05-12T11:59:59.000Z',
        health: { status: 'WARNING' },
      },
      {
        sqlName: 'portfolio_metrics_90d_sharpe',
        refreshPolicyEnabled: false,
        lastRunStatus: 'Failed',
        lastError: 'out of memory',
        health: { status: 'DEGRADED' },
      },
      {
        sqlName: 'portfolio_metrics_1y_beta',
        materializedThrough: null,
        newestSourceDay: null,
        refreshLagSeconds: null,
        refreshPolicyEnabled: false,
        scheduleInterval: null,
        nextRefresh: null,
        lastRunStatus: null,
        totalRows: 0,
        sizeBytes: 0,
        health: { status: 'DEGRADED' },
      },
    ]);
    expect(text).toBe(
      `
portfolio_   materialized  newest      refresh   runs     next                 pending
metrics_…    through       source day      lag  every   run in   rows    size     days  health
30d_rolling  2018-05-11    2018-05-11   12m 5s     1h  47m 55s  5.04K  999 kB        0  HEALTHY
60d_rolling  2018-05-11    2018-05-11   12m 5s     6h  overdue  5.04K  999 kB        3  WARNING
90d_sharpe   2018-05-11    2018-05-11   12m 5s    off        -  5.04K  999 kB        0  DEGRADED
1y_beta      nothing       none          never  never        -      0     0 B        0  DEGRADED

60d_rolling: 2018-05-11 will be refreshed by schedule.
60d_rolling: no scheduled run will reach 2013-01-02 to 2013-01-03; cli refresh does.
90d_sharpe: the last run failed: out of memory`.trimStart(),
    );
  });

  test('fits a terminal of 100 columns at its widest', async () => {
    const text = await shown([
      {
        refreshLagSeconds: 86_400 * 364.9,
        scheduleInterval: 'PT12H30M',
        nextRefresh: '2018-05-13T11:59:00.000Z',
        totalRows: 36_512_345,
        sizeBytes: 1_234_567_890,
        pendingInvalidations: [{ from: '1990-01-01', to: '2018-05-11', coveredByPolicy: true }],
        health: { status: 'DEGRADED' },
      },
    ]);
    const widths = text.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  });

  test('has the same text in colour: green, yellow and red by pending days and health', async () => {
    const rows: Partial<StatusRow>[] = [
      {},
      {
        pendingInvalidations: [{ from: '2018-05-11', to: '2018-05-11', coveredByPolicy: true }],
        health: { status: 'WARNING' },
      },
      {
        pendingInvalidations: [{ from: '2018-05-10', to: '2018-05-11', coveredByPolicy: false }],
        health: { status: 'DEGRADED' },
      },
    ];
    const colored = await shown(rows, true);
    expect(stripVTControlCharacters(colored).replaceAll(/ +$/gm, '')).toBe(await shown(rows));
    for (const [code, texts] of [
      [32, ['0', 'HEALTHY']],
      [33, ['1', 'WARNING']],
      [31, ['2', 'DEGRADED']],
    ] as const) {
      for (const text of texts) expect(colored).toContain(`\u001B[${code}m${text}\u001B[39m`);
    }
  });

  test('of no aggregates is a sentence', async () => {
    expect(await shown([])).toBe('There are no continuous aggregates; run the migrations.');
  });
});

test('--json prints the data of the API and nothing else', async () => {
  const data = { aggregateStatus: [FRESH] };
  const { context, lines, errors } = recordedContext(respondingWith(data).execute, {
    isColored: true,
  });
  expect(await showStatus(context, { json: true })).toBe(0);
  expect(JSON.parse(lines.join('\n'))).toEqual(data);
  expect(errors).toEqual([]);
});
