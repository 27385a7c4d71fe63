/**
 * Does what Grafana's data source Infinity does with a query in JSON: sends its request over the days
 * of a panel, selects the rows, and prints the columns, their values separated by commas.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import jsonata from 'jsonata';

/** The time range of the panel. */
const MACROS = {
  '${__from:date:YYYY-MM-DD}': '2018-05-09',
  '${__to:date:YYYY-MM-DD}': '2018-05-11',
};
const TYPES = {
  string: String,
  number: (value) => {
    const number = Number(value);
    if (value === '' || Number.isNaN(number)) throw new Error(`${value} is no number`);
    return number;
  },
  timestamp: (value) => new Date(value).toISOString().slice(0, 10),
};

const text = await readFile(process.argv[2], 'utf8');
const query = JSON.parse(
  Object.entries(MACROS).reduce((all, [macro, day]) => all.replaceAll(macro, day), text),
);
const { method, body_graphql_query: graphql } = query.url_options;
const response = await fetch(query.url, {
  method,
  ...(graphql && {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: graphql }),
  }),
});
if (!response.ok) throw new Error(await response.text());
const content =
  query.type === 'csv' ? parse(await response.text(), { columns: true }) : await response.json();
const rows = query.root_selector ? await jsonata(query.root_selector).evaluate(content) : content;
for (const row of rows) {
  const values = query.columns.map(({ selector, type }) => {
    if (!(selector in row)) throw new Error(`${selector} is not among ${Object.keys(row).join()}`);
    return TYPES[type](row[selector]);
  });
  console.log(values.join(','));
}
