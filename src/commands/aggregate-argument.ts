import { AGGREGATE_NAMES, AGGREGATES, type AggregateName } from '../aggregates/registry.js';
import { Failure } from '../errors.js';

/** What all names in the database begin with. */
const PREFIX = 'portfolio_metrics_';

/**
 * The aggregate that an operator names by its GraphQL name, its name in the database, or what the
 * table of `status` calls it (`30d_rolling`), in any case. Throws a Failure that lists the names.
 */
export function aggregateNamed(text: string): AggregateName {
  // The GraphQL name is the name in the database in capitals.
  const wanted = text.trim().toLowerCase();
  const names = AGGREGATE_NAMES.map((name) => ({ name, sqlName: AGGREGATES[name].sqlName }));
  const found = names.find(({ name, sqlName }) =>
    [name.toLowerCase(), sqlName, shortName(sqlName)].includes(wanted),
  );
  if (found) return found.name;
  const list = names.map(({ sqlName }) => `  ${sqlName}`).join('\n');
  throw new Failure(`There is no aggregate ${JSON.stringify(text)}. These there are:\n${list}`);
}

/** The name without what all have in common: "30d_rolling". */
export function shortName(sqlName: string): string {
  return sqlName.startsWith(PREFIX) ? sqlName.slice(PREFIX.length) : sqlName;
}
