import type { Pool } from 'pg';
import type { Position } from './position.js';
import type { Replica, ReplicaRead } from './replica.js';

/**
 * The replicas that serve reads. A read never goes to a replica that lacks something the primary
 * has shown to this process.
 */
export class Replicas {
  /** What a replica has to show to serve a read; before it is known the primary serves all. */
  private required: Position | undefined;
  private turn = 0;

  constructor(private readonly all: readonly Replica[] = []) {}

  get pools(): readonly Pool[] {
    return this.all.map(({ connections }) => connections);
  }

  /** From now on reads are served by replicas that show everything up to this position. */
  require(position: Position): void {
    this.required = position;
  }

  /** What a read returns; undefined where the primary has to serve it. */
  async read<Result>(read: ReplicaRead<Result>): Promise<Result | undefined> {
    const usable = this.all.filter(({ isUsable }) => isUsable);
    if (!this.required || usable.length === 0) return undefined;
    this.turn = (this.turn + 1) % usable.length;
    return usable[this.turn]!.read(this.required, read);
  }

  /** Finds out which of them can serve. Never fails. */
  async check(primary = this.required): Promise<void> {
    if (primary) await Promise.all(this.all.map((replica) => replica.check(primary)));
  }

  /** A sentence for each that serves no reads. */
  get warnings(): readonly string[] {
    return this.all.flatMap(({ warning }) => warning ?? []);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((replica) => replica.close()));
  }
}
