import { describe, expect, test } from '@jest/globals';
import type { Executor } from '../../src/commands/executor.js';
import { refreshAggregates, type RefreshOptions } from '../../src/commands/refresh-command.js';
import { Failure } from '../../src/errors.js';
import { recordedContext, recordedDisplay, refreshRow, respondingWith } from './recorded.js';

const SECOND = refreshRow({ id: '8', viewName: 'PORTFOLIO_METRICS_1Y_BETA', state: 'QUEUED' });
const DONE = { state: 'SUCCEEDED', progress: 1, finishedAt: '2018-05-12T12:00:03.000Z' } as const;

async function run(
  execute: Executor,
  options: RefreshOptions = {},
  {
    interrupted = new AbortController().signal,
    pause = (): Promise<void> => Promise.resolve(),
  } = {},
) {
  const { context, lines, errors } = recordedContext(execute);
  const display = recordedDisplay();
  const ending = refreshAggregates(context, options, { display, pause, interrupted });
  const code = await ending.catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    return error.message;
  });
  return { code, lines, errors, display };
}

describe('starting', () => {
  test('requests all aggregates, over all days, without waiting', async () => {
    const { execute, operations } = respondingWith(
      { refreshAllAggregates: [refreshRow(), SECOND] },
      { r0: refreshRow(DONE), r1: { ...SECOND, ...DONE } },
    );
    expect((await run(execute)).code).toBe(0);
    expect(operations[0]!.query).toContain(
      'refreshAllAggregates(from: $from, to: $to, wait: false)',
    );
    expect(operations[0]!.variables).toEqual({ from: null, to: null });
  });

  test('requests the one that is named, over the days given', async () => {
    const { execute, operations } = respondingWith(
      { refreshAggregate: refreshRow() },
      { r0: refreshRow(DONE) },
    );
    const options = { aggregate: '30D_rolling', from: '2018-05-01', to: '2018-05-11' };
    expect((await run(execute, options)).code).toBe(0);
    expect(operations[0]!.query).toContain('wait: false');
    expect(operations[0]!.variables).toEqual({
      viewName: 'PORTFOLIO_METRICS_30D_ROLLING',
      from: '2018-05-01',
      to: '2018-05-11',
    });
  });

  test('requests nothing where the name is wrong', async () => {
    const { execute, operations } = respondingWith({});
    const { code, display } = await run(execute, { aggregate: 'nope' });
    expect(code).toContain('There is no aggregate "nope"');
    expect(operations).toEqual([]);
    expect(display.isClosed).toBe(true);
  });

  test('requests nothing once it is interrupted', async () => {
    const { execute, operations } = respondingWith({});
    const interrupted = AbortSignal.abort(new Failure('Interrupted.'));
    expect((await run(execute, {}, { interrupted })).code).toBe('Interrupted.');
    expect(operations).toEqual([]);
  });
});

describe('following', () => {
  test('shows every look until all are over, then a sentence each', async () => {
    const { execute } = respondingWith(
      { refreshAllAggregates: [refreshRow(), SECOND] },
      { r0: refreshRow({ progress: 0.5 }), r1: SECOND },
      { r0: refreshRow(DONE), r1: { ...SECOND, state: 'RUNNING', progress: 0.2 } },
      {
        r0: refreshRow(DONE),
        r1: {
          ...SECOND,
          ...DONE,
          pendingAfter: [{ from: '2018-05-11', to: '2018-05-11', coveredByPolicy: true }],
        },
      },
    );
    const { code, lines, errors, display } = await run(execute);
    expect(code).toBe(0);
    expect(display.updates).toEqual([
      'RUNNING 0, QUEUED 0',
      'RUNNING 0.5, QUEUED 0',
      'SUCCEEDED 1, RUNNING 0.2',
      'SUCCEEDED 1, SUCCEEDED 1',
    ]);
    expect(display.isClosed).toBe(true);
    expect(lines).toEqual([
      'portfolio_metrics_30d_rolling is refreshed in 3s.',
      'portfolio_metrics_1y_beta is refreshed in 3s; days that changed meanwhile wait for the next refresh: 2018-05-11.',
    ]);
    expect(errors).toEqual([]);
  });

  test('exits with 1 when one has failed, and says why', async () => {
    const { execute } = respondingWith(
      { refreshAllAggregates: [refreshRow(), SECOND] },
      { r0: refreshRow(DONE), r1: { ...SECOND, state: 'FAILED', error: 'out of memory' } },
    );
    const { code, lines, errors } = await run(execute);
    expect(code).toBe(1);
    expect(lines).toEqual(['portfolio_metrics_30d_rolling is refreshed in 3s.']);
    expect(errors).toEqual(['portfolio_metrics_1y_beta was not refreshed: out of memory']);
  });

  test('--json prints the refreshes as they ended and nothing else', async () => {
    const ended = refreshRow({ state: 'FAILED', error: 'out of memory' });
    const { execute } = respondingWith({ refreshAggregate: refreshRow() }, { r0: ended });
    const { code, lines, errors } = await run(execute, { aggregate: '30d_rolling', json: true });
    expect(code).toBe(1);
    expect(JSON.parse(lines.join('\n'))).toEqual([ended]);
    expect(errors).toEqual([]);
  });

  test('a look that fails is made again', async () => {
    const { execute } = respondingWith(
      { refreshAggregate: refreshRow() },
      new Failure('connection refused'),
      { r0: refreshRow(DONE) },
    );
    expect((await run(execute, { aggregate: '30d_rolling' })).code).toBe(0);
  });

  test('looks that go on failing end it: the state of the refreshes is unknown', async () => {
    const { execute, operations } = respondingWith(
      { refreshAggregate: refreshRow() },
      new Failure('connection refused'),
    );
    const { code } = await run(execute, { aggregate: '30d_rolling' });
    expect(code).toBe('The refreshes are out of sight; they may still run. connection refused');
    expect(operations).toHaveLength(1 + 20);
  });

  test('so does a refresh that the server has forgotten', async () => {
    const { execute } = respondingWith({ refreshAggregate: refreshRow() }, { r0: null });
    const { code } = await run(execute, { aggregate: '30d_rolling' });
    expect(code).toContain('does not know the refresh 7 any more');
  });
});

describe('an interruption', () => {
  test('cancels once what is not over, and waits for its end', async () => {
    const interruption = new AbortController();
    const cancelled: unknown[] = [];
    let looks = 0;
    const execute: Executor = async ({ query, variables }) => {
      if (query.includes('refreshAllAggregates')) {
        return { data: { refreshAllAggregates: [refreshRow(), SECOND] } };
      }
      if (query.includes('cancelRefresh')) {
        cancelled.push(variables);
        return { data: { cancelRefresh: SECOND } };
      }
      looks += 1;
      const state = looks < 4 ? 'RUNNING' : 'CANCELLED';
      return { data: { r0: refreshRow(DONE), r1: { ...SECOND, state, progress: 0.257 } } };
    };
    const pause = async (): Promise<void> => {
      if (looks >= 1) interruption.abort();
    };
    const { code, lines, errors, display } = await run(
      execute,
      {},
      { interrupted: interruption.signal, pause },
    );
    expect(code).toBe(1);
    expect(cancelled).toEqual([{ id: '8' }]);
    expect(looks).toBe(4);
    expect(display.notes).toEqual(['Cancelling; what is refreshed by now stays so.']);
    expect(lines).toEqual(['portfolio_metrics_30d_rolling is refreshed in 3s.']);
    expect(errors).toEqual([
      'portfolio_metrics_1y_beta was cancelled at 25 %; what was refreshed stays so.',
    ]);
  });

  test('while they are being started cancels them too', async () => {
    const interruption = new AbortController();
    const operations: string[] = [];
    const execute: Executor = async ({ query }) => {
      operations.push(query.split(/\W/, 2)[1]!);
      if (operations.length === 1) {
        interruption.abort();
        return { data: { refreshAggregate: refreshRow() } };
      }
      if (query.includes('cancelRefresh')) throw new Failure('connection refused');
      return { data: { r0: refreshRow(DONE) } };
    };
    const { code, display } = await run(
      execute,
      { aggregate: '30d_rolling' },
      { interrupted: interruption.signal },
    );
    expect(operations).toEqual(['RefreshOne', 'Cancel', 'Progress']);
    expect(code).toBe(0);
    expect(display.notes.at(-1)).toBe('The refresh 7 could not be cancelled: connection refused');
  });
});
