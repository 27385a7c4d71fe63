import { EVERY_TENANT } from '../../access/tenant.js';
import type { Database } from '../../database/database.js';
import { LAST_ROWS, otherPeriods, type OtherPeriods } from '../../metrics/rows-a-year.js';
import { IN_BOUNDS } from '../../timescale/aggregate-state.js';

/** How many portfolios a look reads, in the order of their ids, from where the last one ended. */
const PORTFOLIOS_A_LOOK = 200;
/** Portfolios of all tenants that are known to be so, and looked at each time. */
const MAX_KNOWN = 200;
/** Portfolios that are named. */
const MAX_NAMED = 3;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly periods_per_year: number;
  /** The last days with a row, descending, as numbers. */
  readonly days: readonly number[] | null;
  /** Whether the look came to it in the order of ids. */
  readonly is_next: boolean;
}

interface Found extends Omit<Row, 'days' | 'is_next'> {
  readonly other: OtherPeriods;
}

/**
 * Finds portfolios whose rows a year are far from their periodsPerYear: their annualised metrics are
 * wrong. Each look reads a bounded number of portfolios and goes on where the last one ended; those
 * that were found are looked at each time, so that what was fixed is not said again.
 */
export class PeriodsCheck {
  private after = BEFORE_ALL;
  private found = new Map<string, Found>();

  constructor(private readonly maxKnown = MAX_KNOWN) {}

  /** Warnings about portfolios of a tenant, `*` for all. */
  async warnings(database: Database, tenant: string): Promise<string[]> {
    await this.look(database);
    const theirs = [...this.found.values()].filter(
      (portfolio) => tenant === EVERY_TENANT || portfolio.tenant === tenant,
    );
    const named = theirs.slice(0, MAX_NAMED).map(sentenceOf);
    const more = theirs.length - named.length;
    if (more > 0) named.push(`${more} more portfolios have as wrong a periodsPerYear.`);
    return named;
  }

  private async look(database: Database): Promise<void> {
    const { after, found } = this;
    const rows = await database.read<Row>(
      `SELECT portfolio.*, recent.days
      FROM (
        SELECT id, name, tenant, periods_per_year, next.id IS NOT NULL AS is_next
        FROM portfolios LEFT JOIN (
          SELECT id FROM portfolios WHERE id > $1 ORDER BY id LIMIT ${PORTFOLIOS_A_LOOK}
        ) AS next USING (id)
        WHERE next.id IS NOT NULL OR id = ANY($2::uuid[])
      ) AS portfolio
      CROSS JOIN LATERAL (
        SELECT array_agg(last.day) AS days
        FROM (
          SELECT row.asof_date - date '1970-01-01' AS day
          FROM portfolio_metrics AS row
          WHERE row.portfolio_id = portfolio.id AND row.asof_date ${IN_BOUNDS}
          GROUP BY row.asof_date ORDER BY row.asof_date DESC LIMIT ${LAST_ROWS}
        ) AS last
      ) AS recent
      ORDER BY portfolio.id`,
      [after, [...found.keys()]],
    );
    // Of two looks at once the one that ends last counts.
    const next = rows.filter(({ is_next }) => is_next);
    this.after = next.length < PORTFOLIOS_A_LOOK ? BEFORE_ALL : next.at(-1)!.id;
    const wrong = rows.flatMap((row) => judge(row) ?? []);
    this.found = new Map(inTurns(wrong, this.maxKnown).map((each) => [each.id, each]));
  }
}

/** So many, the first of each tenant before the second of any: none of as many tenants crowds out another. */
function inTurns(all: readonly Found[], count: number): readonly Found[] {
  const counts = new Map<string, number>();
  const turns = all.map((each) => {
    const turn = counts.get(each.tenant) ?? 0;
    counts.set(each.tenant, turn + 1);
    return { each, turn };
  });
  turns.sort((a, b) => a.turn - b.turn);
  return turns.slice(0, count).map(({ each }) => each);
}

/** What is to be said of a portfolio; null where nothing is. */
function judge({ days, id, name, tenant, periods_per_year }: Row): Found | null {
  const other = days === null ? null : otherPeriods(days, periods_per_year);
  return other && { id, name, tenant, periods_per_year, other };
}

function sentenceOf({ id, name, periods_per_year: periods, other }: Found): string {
  return `Portfolio ${id} (${name}) has about ${Math.round(other.rowsAYear)} rows a year, but its metrics are annualised by periodsPerYear ${periods}: set it (the mutation upsertPortfolio(input: { id: "${id}", periodsPerYear: ${other.periods} })).`;
}
