/**
 * Reads DATEs from the database whose socket directory is the argument, in one time zone after
 * another, and prints what it got. A process of its own, because jest keeps its tests away from
 * the time zone of theirs.
 */
import 'reflect-metadata';
import { createDataSource } from '../../dist/src/database/data-source.js';

const dataSource = await createDataSource({
  socketDir: process.argv[2],
  user: 'postgres',
}).initialize();
const seen = [];
for (const zone of ['America/Los_Angeles', 'Pacific/Kiritimati', 'UTC']) {
  process.env.TZ = zone;
  const rows = await dataSource.query(
    `SELECT '2024-03-10'::date AS day, NULL::date AS none, '0001-01-01'::date AS first,
      '9999-12-31'::date AS last, '2024-03-10 00:30'::timestamptz AS instant,
      current_setting('TimeZone') AS session`,
  );
  seen.push({ zone, offset: new Date(2024, 0, 1).getTimezoneOffset(), ...rows[0] });
}
await dataSource.destroy();
process.stdout.write(JSON.stringify(seen));
