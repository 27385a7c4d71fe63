import type { Client } from 'pg';
import type { QueryRunner } from 'typeorm';

/** Ends the connection of a runner, so that no caller gets it again. Never fails. */
export async function abandon(runner: QueryRunner): Promise<void> {
  const client = (await runner.connect().catch(() => undefined)) as Client | undefined;
  // The pool takes back no connection that is ending; how that ends does not matter.
  void client?.end().catch(() => undefined);
}
