import { setTimeout as delay } from 'node:timers/promises';
import { collect, createTestClient } from '../http/test-sockets.js';
import { Dice } from './dice.js';
import type { FoundFault } from './found-fault.js';

const FIELD = 'aggregateRefreshed { id }';
/** How long a subscription that goes on is listened to. */
const LISTEN_MS = 20;
/** The deepest that fragments nest around the field. */
const MAX_LEVELS = 3;

/**
 * Subscribes on one connection to what directives leave something of, and nothing: the latter ends
 * alone, at once and without an error, and everything else on the connection goes on.
 */
export async function fuzzSubscriptions(
  url: string,
  seed: number,
  count: number,
): Promise<FoundFault[]> {
  const client = createTestClient(url.replace(/^http/, 'ws'));
  const found: FoundFault[] = [];
  let isOver = false;
  const watch = async (): Promise<void> => {
    const end = await collect(client, `subscription { ${FIELD} }`);
    if (isOver) return;
    found.push({ number: -1, fault: 'a subscription ended', input: JSON.stringify(end) });
  };
  const watching = watch();
  for (let n = 0; n < count; n++) {
    const { selection, isAsked } = anySelection(new Dice(seed, n), MAX_LEVELS);
    const query = `subscription { ${selection} }`;
    let end: unknown;
    const stop = client.subscribe(
      { query },
      {
        next: ({ errors }) => {
          if (errors) end = errors;
        },
        error: (error) => (end = error),
        complete: () => (end ??= 'complete'),
      },
    );
    for (const until = performance.now() + LISTEN_MS * (isAsked ? 1 : 100); ;) {
      await delay(1);
      if (end !== undefined || performance.now() > until) break;
    }
    const expected = isAsked ? undefined : 'complete';
    if (end !== expected) {
      const fault = `a subscription ended with ${JSON.stringify(end)} instead of ${expected}`;
      found.push({ number: -1, fault, input: query });
    }
    stop();
  }
  isOver = true;
  await client.dispose();
  await watching;
  return found;
}

/** The field with directives and in fragments, and whether any of them leaves it out. */
function anySelection(
  dice: Dice,
  levels: number,
): { readonly selection: string; readonly isAsked: boolean } {
  const isIncluded = dice.chance(0.8);
  const directive = dice.pick([
    `@include(if: ${isIncluded})`,
    `@skip(if: ${!isIncluded})`,
    ...(isIncluded ? [''] : []),
  ]);
  if (levels === 0 || dice.chance(0.3)) {
    return { selection: FIELD.replace(' ', ` ${directive} `), isAsked: isIncluded };
  }
  const inner = anySelection(dice, levels - 1);
  const type = dice.pick(['', ' on Subscription']);
  return {
    selection: `...${type} ${directive} { ${inner.selection} }`,
    isAsked: isIncluded && inner.isAsked,
  };
}
