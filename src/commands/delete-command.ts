import type { RefreshState } from '../aggregates/refresh/refresh.js';
import { AGGREGATES, type AggregateName } from '../aggregates/registry.js';
import type { ClientContext } from './client-context.js';
import { requestData } from './executor.js';
import { findPortfolio } from './portfolio-argument.js';

const RESULT = `{
    deleted
    from
    to
    refreshes {
      viewName
      state
      error
    }
  }`;

/** Only a dry run says so: a server that knows of none refuses it, and deletes nothing. */
const dryRunArgument = (dryRun: boolean): string => (dryRun ? ', dryRun: true' : '');

export const deletePortfolioMutation = (dryRun: boolean): string =>
  `mutation DeletePortfolio($id: UUID!, $refresh: Boolean! = true) {
  result: deletePortfolio(id: $id, refresh: $refresh${dryRunArgument(dryRun)}) ${RESULT}
}`;

export const deleteDaysMutation = (dryRun: boolean): string =>
  `mutation DeleteDays($id: UUID!, $from: LocalDate!, $to: LocalDate!, $pack: String, $refresh: Boolean! = true) {
  result: deleteDailyMetrics(portfolioId: $id, from: $from, to: $to, pricingPackId: $pack, refresh: $refresh${dryRunArgument(dryRun)}) ${RESULT}
}`;

interface DeleteData {
  readonly result: {
    readonly deleted: number;
    readonly from: string | null;
    readonly to: string | null;
    readonly refreshes: readonly {
      readonly viewName: AggregateName;
      readonly state: RefreshState;
      readonly error: string | null;
    }[];
  };
}

export interface DeleteOptions {
  readonly dryRun?: boolean;
  readonly refresh: boolean;
}

export interface DeleteDaysOptions extends DeleteOptions {
  /** Inclusive. */
  readonly from: string;
  /** Inclusive. */
  readonly to: string;
  /** Absent: those of all. */
  readonly pack?: string;
}

/** Deletes a portfolio with all its rows; returns 0 when the aggregates are refreshed too. */
export async function deletePortfolio(
  context: ClientContext,
  idOrCode: string,
  { dryRun = false, refresh }: DeleteOptions,
): Promise<number> {
  const { id, name } = await findPortfolio(context.execute, idOrCode);
  const { result } = await requestData<DeleteData>(
    context.execute,
    deletePortfolioMutation(dryRun),
    {
      id,
      refresh,
    },
  );
  return report(context, result, `portfolio ${name} (${id})`, dryRun);
}

/** Deletes the rows of days of a portfolio; returns 0 when the aggregates are refreshed too. */
export async function deleteDays(
  context: ClientContext,
  idOrCode: string,
  { from, to, pack, dryRun = false, refresh }: DeleteDaysOptions,
): Promise<number> {
  const { id, name } = await findPortfolio(context.execute, idOrCode);
  const { result } = await requestData<DeleteData>(context.execute, deleteDaysMutation(dryRun), {
    id,
    from,
    to,
    refresh,
    ...(pack === undefined ? {} : { pack }),
  });
  return report(context, result, `days of portfolio ${name} (${id})`, dryRun);
}

function report(
  { output }: ClientContext,
  { deleted, from, to, refreshes }: DeleteData['result'],
  what: string,
  dryRun: boolean,
): number {
  const rows = `${deleted} ${deleted === 1 ? 'row' : 'rows'}`;
  const days = from === null ? '' : ` from ${from} to ${to}`;
  output.line(
    dryRun
      ? `Would delete ${what}: ${rows}${days}. Nothing was changed: leave out --dry-run to delete.`
      : `Deleted ${what}: ${rows}${days}.`,
  );
  const left = refreshes.filter(({ state }) => state !== 'SUCCEEDED');
  for (const { viewName, state, error } of left) {
    output.error(
      `${AGGREGATES[viewName].sqlName} is not refreshed (${error ?? state.toLowerCase()}): rolling-metrics refresh --from ${from} --to ${to}`,
    );
  }
  return left.length === 0 ? 0 : 1;
}
