import type { Database } from '../../database/database.js';
import { toDay } from '../../metrics/calendar.js';
import type { RefreshService } from './refresh-service.js';
import { findAggregateBySqlName } from '../registry.js';

/** How often to look for jobs that are due. */
const CHECK_MS = 30_000;

interface DueJob {
  readonly job_id: number;
  /** The aggregate of a refresh policy; null for another job. */
  readonly view_name: string | null;
  /** The days that a refresh policy takes now; null: unlimited. */
  readonly from_day: string | null;
  /** The first day that it leaves out. */
  readonly end_day: string | null;
}

/**
 * Runs TimescaleDB's jobs (refresh, compression) on the embedded engine, which has no background
 * workers: those it lists, on the schedules it holds. A job that was due several times while the
 * process slept runs once.
 */
export class Scheduler {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly closing = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly refreshes: RefreshService,
    private readonly now: () => Date,
    /** Told of a job that failed; the others run all the same. */
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Runs what is due now and from now on. */
  start(): void {
    this.running = this.runDueJobs()
      .catch(this.onError)
      .finally(() => {
        if (this.closing.signal.aborted) return;
        this.timer = setTimeout(() => this.start(), CHECK_MS).unref();
      });
  }

  /** Runs every job that is due, one after the other. */
  async runDueJobs(): Promise<void> {
    for (const job of await this.findDueJobs()) {
      if (this.closing.signal.aborted) return;
      await this.markStarted(job);
      await this.run(job).catch(this.onError);
    }
  }

  /** Ends after the job that runs. */
  async close(): Promise<void> {
    this.closing.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  private async run({ job_id, view_name, from_day, end_day }: DueJob): Promise<void> {
    if (view_name === null) {
      await this.database.write('CALL run_job($1)', [job_id]);
      return;
    }
    const name = findAggregateBySqlName(view_name);
    const from = from_day === null ? null : toDay(from_day);
    const to = end_day === null ? null : toDay(end_day) - 1;
    if (!name || (from !== null && to !== null && from > to)) return;
    await this.refreshes.run({ name, from, to, origin: 'POLICY' }, undefined, this.closing.signal);
  }

  private findDueJobs(): Promise<DueJob[]> {
    return this.database.write<DueJob>(
      `SELECT job.job_id, view.user_view_name AS view_name,
        (($1::timestamptz AT TIME ZONE 'UTC') - (job.config ->> 'start_offset')::interval)::date AS from_day,
        (($1::timestamptz AT TIME ZONE 'UTC') - (job.config ->> 'end_offset')::interval)::date AS end_day
      FROM timescaledb_information.jobs AS job
      LEFT JOIN _timescaledb_catalog.continuous_agg AS view
        ON job.proc_name = 'policy_refresh_continuous_aggregate'
        AND view.mat_hypertable_id = (job.config ->> 'mat_hypertable_id')::int
        AND view.user_view_schema = current_schema()
      LEFT JOIN scheduled_jobs AS run ON run.job_id = job.job_id
      WHERE job.scheduled
        AND job.proc_name IN ('policy_refresh_continuous_aggregate', 'policy_compression')
        -- A run in the future is one of a clock that was wrong.
        AND (run.last_started_at IS NULL OR run.last_started_at > $1
          OR run.last_started_at + job.schedule_interval <= $1)
      ORDER BY job.job_id`,
      [this.now()],
    );
  }

  /** Before it runs, so that a job that ends with the process does not begin again at once. */
  private markStarted({ job_id }: DueJob): Promise<unknown> {
    return this.database.write(
      `INSERT INTO scheduled_jobs AS run (job_id, last_started_at) VALUES ($1, $2)
      ON CONFLICT (job_id) DO UPDATE SET last_started_at = excluded.last_started_at`,
      [job_id, this.now()],
    );
  }
}
