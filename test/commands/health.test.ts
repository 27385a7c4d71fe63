import { expect, test } from '@jest/globals';
import { showHealth } from '../../src/commands/health-command.js';
import { recordedContext, respondingWith } from './recorded.js';

const CHECKED_AT = '2018-05-12T12:00:00.000Z';
const ISSUE = 'portfolio_metrics_30d_rolling holds no rows: import data.';
const WARNING = 'No policy will reach pending days of portfolio_metrics_1y_beta: 2013-01-02.';

const health = (
  status: string,
  issues: readonly string[] = [],
  warnings: readonly string[] = [],
) => ({
  health: { status, checkedAt: CHECKED_AT, issues, warnings, aggregates: [] },
});

test.each([
  [health('HEALTHY'), 0, ['HEALTHY: all aggregates are fresh.']],
  [health('WARNING', [], [WARNING]), 1, ['WARNING: 0 issues, 1 warning.', `  warning  ${WARNING}`]],
  [
    health('DEGRADED', [ISSUE], [WARNING, WARNING]),
    2,
    [
      'DEGRADED: 1 issue, 2 warnings.',
      `  issue    ${ISSUE}`,
      `  warning  ${WARNING}`,
      `  warning  ${WARNING}`,
    ],
  ],
])('%j exits with %d', async (data, code, sentences) => {
  const { context, lines } = recordedContext(respondingWith(data).execute);
  expect(await showHealth(context, {})).toBe(code);
  expect(lines).toEqual([...sentences, `Checked at ${CHECKED_AT}.`]);
});

test('--json prints the data of the API and exits in the same way', async () => {
  const data = health('WARNING', [], [WARNING]);
  const { context, lines } = recordedContext(respondingWith(data).execute);
  expect(await showHealth(context, { json: true })).toBe(1);
  expect(JSON.parse(lines.join('\n'))).toEqual(data);
});

test('a status that is not known here is unknown to a monitor too', async () => {
  const { context } = recordedContext(respondingWith(health('CONFUSED')).execute, {
    isColored: true,
  });
  expect(await showHealth(context, {})).toBe(3);
});
