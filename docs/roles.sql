-- Two roles with least privileges, for docs/operating.md "Roles in the database". Run it as a
-- superuser in the database after `npm run migrate`, and again after each upgrade:
--
--   psql -X -v ON_ERROR_STOP=1 -f docs/roles.sql postgres://postgres@localhost/metrics
--
-- metrics_server serves: it reads, records rows, refreshes, and changes refresh policies.
-- metrics_aggregates owns the continuous aggregates, because TimescaleDB lets no role but their owner
-- refresh them; metrics_server is a member of it. Tables, triggers and keys stay with the role that
-- migrates. Other names: -v server=… -v aggregates=…
\if :{?server}
\else
\set server metrics_server
\endif
\if :{?aggregates}
\else
\set aggregates metrics_aggregates
\endif
BEGIN;

SELECT format('CREATE ROLE %I LOGIN', :'server')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'server') \gexec
-- LOGIN, because TimescaleDB runs its policies as their owner; without a password no client can.
SELECT format('CREATE ROLE %I LOGIN', :'aggregates')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'aggregates') \gexec
SELECT tableowner AS migrator FROM pg_tables
WHERE schemaname = current_schema() AND tablename = 'portfolio_metrics' \gset
GRANT :"aggregates" TO :"server", :"migrator";

SELECT format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema()) \gexec
SELECT format('GRANT USAGE ON SCHEMA %I TO %I, %I', current_schema(), :'server', :'aggregates') \gexec

-- The owner of an aggregate reads its source and runs its policy.
GRANT SELECT ON portfolio_metrics TO :"aggregates";
SELECT format('ALTER MATERIALIZED VIEW %I OWNER TO %I', view_name, :'aggregates')
FROM timescaledb_information.continuous_aggregates
WHERE hypertable_schema = current_schema() AND hypertable_name = 'portfolio_metrics'
ORDER BY view_name \gexec
-- Older versions of TimescaleDB leave the policy to the owner before.
SELECT format('SELECT remove_continuous_aggregate_policy(%L)', view.user_view_name),
  format('SELECT alter_job(add_continuous_aggregate_policy(%L, %L::interval, %L::interval, %L::interval), scheduled => %L)',
    view.user_view_name, job.config ->> 'start_offset', job.config ->> 'end_offset',
    job.schedule_interval, job.scheduled)
FROM timescaledb_information.jobs AS job
JOIN _timescaledb_catalog.continuous_agg AS view
  ON view.mat_hypertable_id = (job.config ->> 'mat_hypertable_id')::int
WHERE job.proc_name = 'policy_refresh_continuous_aggregate'
  AND view.user_view_schema = current_schema() AND job.owner::text <> :'aggregates'
  AND view.raw_hypertable_id = (SELECT id FROM _timescaledb_catalog.hypertable
    WHERE schema_name = current_schema() AND table_name = 'portfolio_metrics') \gexec

GRANT USAGE, SELECT, UPDATE ON SEQUENCE portfolio_metrics_recorded_no TO :"server";
GRANT SELECT, INSERT, UPDATE, DELETE ON
  portfolios, portfolio_metrics, aggregate_refreshes, pruned_policy_runs, scheduled_jobs,
  metric_changes, metric_changes_pruned, complete_chunks, portfolio_writes, portfolio_writes_pruned
  TO :"server";
-- Keys are made and revoked by the role that migrates: `rolling-metrics keys`.
GRANT SELECT ON migrations, api_keys, portfolio_metrics_out_of_bounds TO :"server";

COMMIT;
