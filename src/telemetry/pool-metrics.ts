import type { Pool } from 'pg';
import { Gauge, type Registry } from 'prom-client';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Database } from '../database/database.js';

type Count = 'totalCount' | 'idleCount' | 'waitingCount';

/** The connections to the database, counted at each scrape. */
export function addPoolMetrics(registry: Registry, database: Database): void {
  const add = (name: string, help: string, count: Count): void => {
    const gauge = new Gauge({
      name: `rolling_metrics_pool_${name}`,
      help,
      labelNames: ['engine', 'role'],
      registers: [registry],
      collect() {
        for (const [role, pools] of Object.entries(poolsOf(database))) {
          const counts = pools.map((pool) => pool[count]);
          gauge.set(
            { engine: database.engine, role },
            counts.reduce((sum, next) => sum + next, 0),
          );
        }
      },
    });
  };
  add('connections', 'Open connections to the database, busy or idle.', 'totalCount');
  add('idle_connections', 'Open connections to the database that nothing uses.', 'idleCount');
  add('waiting_requests', 'Statements that wait for a free connection.', 'waitingCount');
}

/** The pools by the role of their servers; none of a primary before it is connected. */
function poolsOf({ dataSource, replicas }: Database): Record<string, readonly Pool[]> {
  const primary = (dataSource.driver as PostgresDriver).master as Pool | undefined;
  return {
    ...(primary ? { primary: [primary] } : {}),
    ...(replicas.pools.length > 0 ? { replica: replicas.pools } : {}),
  };
}
