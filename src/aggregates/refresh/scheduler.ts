import { AdvisoryLocks } from '../../database/advisory-locks.js';
import type { Database, Queryable } from '../../database/database.js';
import { toDay } from '../../metrics/calendar.js';
import { findDueJobs, runJob, type DueJob } from '../../timescale/due-jobs.js';
import { findAggregateBySqlName } from '../registry.js';
import type { RefreshService } from './refresh-service.js';

/** How often to look for jobs that are due. */
const CHECK_MS = 30_000;
/** Any number that no other program takes for an advisory lock. */
const SCHEDULER_LOCKS = 7_373_368;

/**
 * Runs TimescaleDB's jobs (refresh, compression) where its background workers do not: those it
 * lists, on the schedules it holds. Of several instances one runs jobs at a time, and what one has
 * run is not due for the others. A job that was due several times while no process ran runs once.
 */
export class Scheduler {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly closing = new AbortController();
  private readonly locks: AdvisoryLocks;

  constructor(
    database: Database,
    private readonly refreshes: RefreshService,
    private readonly now: () => Date,
    /** Receives the failure of a job; the others run all the same. */
    private readonly onError: (error: unknown) => void,
  ) {
    this.locks = new AdvisoryLocks(database, SCHEDULER_LOCKS);
  }

  /** Runs what is due now and from now on. */
  start(): void {
    this.running = this.runDueJobs()
      .catch(this.onError)
      .finally(() => {
        if (this.closing.signal.aborted) return;
        this.timer = setTimeout(() => this.start(), CHECK_MS).unref();
      });
  }

  /** Runs every job that is due, one after the other, unless another instance does. */
  async runDueJobs(): Promise<void> {
    await this.locks.tryWith('jobs', async (session) => {
      for (const job of await findDueJobs(session, this.now())) {
        if (this.closing.signal.aborted) return;
        await this.markStarted(session, job);
        await this.run(session, job).catch(this.onError);
      }
    });
  }

  /** Ends after the job that runs. */
  async close(): Promise<void> {
    this.closing.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(session: Queryable, job: DueJob): Promise<void> {
    const { view_name, from_day, end_day } = job;
    if (view_name === null) return runJob(session, job);
    const name = findAggregateBySqlName(view_name);
    const from = from_day === null ? null : toDay(from_day);
    const to = end_day === null ? null : toDay(end_day) - 1;
    if (!name || (from !== null && to !== null && from > to)) return;
    await this.refreshes.run({ name, from, to, origin: 'POLICY' }, undefined, this.closing.signal);
  }

  /** Before it runs, so that a job that ends with the process does not begin again at once. */
  private markStarted(session: Queryable, { job_id }: DueJob): Promise<unknown> {
    return session.query(
      `INSERT INTO scheduled_jobs AS run (job_id, last_started_at) VALUES ($1, $2)
      ON CONFLICT (job_id) DO UPDATE SET last_started_at = excluded.last_started_at`,
      [job_id, this.now()],
    );
  }
}
