import type { Queryable } from '../database/database.js';
import { Failure } from '../errors.js';
import { CONTINUOUS_AGGREGATES } from '../timescale/catalog.js';

const KEEP = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** What serving takes, by table; docs/roles.sql grants it. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  portfolios: KEEP,
  portfolio_metrics: KEEP,
  aggregate_refreshes: KEEP,
  pruned_policy_runs: KEEP,
  scheduled_jobs: KEEP,
  metric_changes: KEEP,
  metric_changes_pruned: KEEP,
  complete_chunks: KEEP,
  portfolio_writes: KEEP,
  portfolio_writes_pruned: KEEP,
  api_keys: ['SELECT'],
  portfolio_metrics_out_of_bounds: ['SELECT'],
};

interface Rights {
  readonly role: string;
  readonly database: string;
  readonly missing: readonly string[];
}

/**
 * Makes sure that the role of this program may do what serving takes, in a database that is
 * migrated: rather than fail later, in the middle of a request. Throws a Failure that names it.
 */
export async function checkRights(session: Queryable): Promise<void> {
  const needed = Object.entries(NEEDED).flatMap(([table, rights]) =>
    rights.map((right) => ({ table, right })),
  );
  const [row] = await session.query<Rights>(
    `SELECT quote_ident(current_user) AS role, quote_ident(current_database()) AS database, ARRAY(
      SELECT string_agg(needed.privilege, ', ' ORDER BY needed.place) || ' on ' || needed.relation
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS needed (relation, privilege, place)
      WHERE NOT has_table_privilege(needed.relation, needed.privilege)
      GROUP BY needed.relation
      UNION ALL
      SELECT 'ownership of ' || aggregate.view_name
      FROM (${CONTINUOUS_AGGREGATES}) AS aggregate
      JOIN pg_class AS relation ON relation.oid = to_regclass(quote_ident(aggregate.view_name))
      WHERE NOT pg_has_role(relation.relowner, 'USAGE')
      ORDER BY 1
    ) AS missing`,
    [needed.map(({ table }) => table), needed.map(({ right }) => right)],
  );
  const { role, database, missing } = row!;
  if (missing.length === 0) return;
  throw new Failure(
    `Role ${role} lacks rights that this program needs in database ${database}: ${missing.join('; ')}. Let a superuser run, in that database: psql -v ON_ERROR_STOP=1 -v server=${role} -f docs/roles.sql; or name the role that migrated it in DATABASE_URL.`,
  );
}
