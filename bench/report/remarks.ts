import type { Engine } from '../data/engine.js';

/** What has to be known of the numbers of an engine. */
export function remarksOf(engine: Engine): string[] {
  return engine.name === 'server'
    ? [
        'Statements were counted on their way to the server, in a round of their own; those of a recorded row are included where the competitor records it.',
      ]
    : [
        'PostGraphile cannot run beside the embedded engine, which has one session and whose data directory has one owner: its column is left out. For the same reason only the bare server and the warm one took turns, the others were measured one by one, and statements were not counted.',
      ];
}
