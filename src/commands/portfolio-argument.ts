import { Failure } from '../errors.js';
import { parseUuid } from '../scalars.js';
import { requestData, type Executor } from './executor.js';

export const PORTFOLIO_QUERY = `query Portfolio($id: UUID, $code: String) {
  portfolio(id: $id, code: $code) {
    id
    name
  }
}`;

/** A portfolio that a command names. */
export interface NamedPortfolio {
  readonly id: string;
  readonly name: string;
}

/** The portfolio with this id or code. Throws a Failure where there is none. */
export async function findPortfolio(execute: Executor, idOrCode: string): Promise<NamedPortfolio> {
  const id = parseUuid(idOrCode);
  const variables = id === null ? { code: idOrCode } : { id };
  const { portfolio } = await requestData<{ readonly portfolio: NamedPortfolio | null }>(
    execute,
    PORTFOLIO_QUERY,
    variables,
  );
  if (portfolio) return portfolio;
  const what = id === null ? 'code' : 'id';
  throw new Failure(`There is no portfolio with the ${what} ${JSON.stringify(idOrCode)}.`);
}
