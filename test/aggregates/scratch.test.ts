import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { pino } from 'pino';
import { RefreshService } from '../../src/aggregates/refresh-service.js';
import { createSchema } from '../../src/graphql/schema.js';
import { createSubscriptions } from '../../src/graphql/subscriptions.js';

test('x', async () => {
  const schema = await createSchema();
  const refreshes = new RefreshService({ engine: 'embedded' } as never);
  const subs = createSubscriptions({ schema, createContext: () => ({ refreshes }) as never, log: pino({level:'silent'}) });
  const args = { schema, document: parse('subscription { aggregateRefreshed { id } }'), contextValue: { refreshes } };
  const result = (await (subs.subscribe as any)(args)) as AsyncGenerator;
  const emitter = (refreshes.events as any).emitter;
  console.log('before next', emitter.listenerCount('refresh'));
  const next = result.next();
  await new Promise((r) => setTimeout(r, 20));
  console.log('waiting', emitter.listenerCount('refresh'));
  const ended = result.return(undefined);
  const outcome = await Promise.race([ended.then(() => 'ended'), new Promise((r) => setTimeout(() => r('hangs'), 300))]);
  console.log(outcome, emitter.listenerCount('refresh'));
  console.log(await Promise.race([next.then((x) => JSON.stringify(x)), new Promise((r) => setTimeout(() => r('next hangs'), 300))]));
  expect(1).toBe(1);
});
