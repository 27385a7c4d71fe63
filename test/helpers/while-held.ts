import type { Database } from '../../src/database/database.js';

/** Holds the one session of the embedded engine while something else is tried. */
export async function whileHeld<Result>(
  database: Database,
  attempt: () => Promise<Result>,
): Promise<Result> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let held: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve) => {
    held = database.transaction(async (session) => {
      await session.query('SELECT 1');
      resolve();
      await released;
    });
  });
  try {
    return await attempt();
  } finally {
    release();
    await held;
  }
}
