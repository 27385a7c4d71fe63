/** Prints the rows of a file of SQL, their values separated by commas. */
import { readFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create()).connect();
const result = await connection.runAndReadAll(await readFile(process.argv[2], 'utf8'));
for (const row of result.getRows()) console.log(row.map(String).join(','));
