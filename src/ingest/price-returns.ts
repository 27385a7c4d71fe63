import type { Queryable } from '../database/database.js';
import { badUserInput } from '../errors.js';
import { IN_BOUNDS } from '../timescale/aggregate-state.js';
import { MAX_PRICE, MIN_PRICE } from './values.js';

/** What a stored value must be to be a price; others are taken for absent. */
const IS_PRICE = `portfolio_value_base BETWEEN ${MIN_PRICE} AND ${MAX_PRICE}`;

/** The official row of a portfolio's day. */
const IS_OFFICIAL = `NOT EXISTS (
  SELECT FROM portfolio_metrics AS later
  WHERE later.portfolio_id = row.portfolio_id AND later.asof_date = row.asof_date
    AND later.recorded_no > row.recorded_no)`;

/**
 * The prices of staged portfolios by day, each with the price before it: staged ones (the last line
 * of a day counts), and stored ones of other days from the last price before the staged days to the
 * first one after them. `stored_before` is the price before a stored one among stored ones alone.
 */
function pricesOf(staged: string): string {
  const stored = (condition: string, end: string): string => `
    SELECT span.portfolio_id, found.* FROM span CROSS JOIN LATERAL (
      SELECT asof_date, pricing_pack_id, portfolio_value_base::double precision AS price, twr_1d
      FROM portfolio_metrics AS row
      WHERE row.portfolio_id = span.portfolio_id AND ${condition} AND ${IS_PRICE} AND ${IS_OFFICIAL}
      ${end}
    ) AS found`;
  return `
    staged_days AS (
      SELECT DISTINCT ON (portfolio_id, asof_date) portfolio_id, asof_date,
        portfolio_value_base::double precision AS price
      FROM ${staged} ORDER BY portfolio_id, asof_date, line DESC
    ), span AS (
      SELECT portfolio_id, min(asof_date) AS first, max(asof_date) AS last
      FROM ${staged} GROUP BY portfolio_id
    ), stored AS (
      SELECT *, lag(price) OVER (PARTITION BY portfolio_id ORDER BY asof_date) AS stored_before
      FROM (
        (${stored('row.asof_date BETWEEN span.first AND span.last', '')}) UNION ALL
        (${stored('row.asof_date < span.first', 'ORDER BY asof_date DESC LIMIT 1')}) UNION ALL
        (${stored('row.asof_date > span.last', 'ORDER BY asof_date LIMIT 1')})
      ) AS around
    ), prices AS (
      SELECT *, lag(price) OVER (PARTITION BY portfolio_id ORDER BY asof_date) AS price_before
      FROM (
        SELECT portfolio_id, asof_date, price, true AS is_staged, NULL AS pricing_pack_id,
          NULL::double precision AS twr_1d, NULL::double precision AS stored_before
        FROM staged_days WHERE price IS NOT NULL
        UNION ALL
        SELECT portfolio_id, asof_date, price, false, pricing_pack_id, twr_1d, stored_before
        FROM stored
        WHERE NOT EXISTS (
          SELECT FROM staged_days AS same
          WHERE same.portfolio_id = stored.portfolio_id AND same.asof_date = stored.asof_date
        )
      ) AS each
    )`;
}

/**
 * Computes the returns of staged prices, p(t) / p(t-1) - 1 over the rows there are, stored ones
 * among them; the first price of a portfolio has none, and leaves one that is stored. A stored row
 * whose return was computed from its price gets the one from the price that is before it now, none
 * without one, and is staged for that; gives how many. `returnBit` says that a row gives its return.
 */
export async function computeReturns(
  session: Queryable,
  staged: string,
  returnBit: number,
): Promise<number> {
  await session.query(`ANALYZE ${staged}`);
  await session.query(`
    WITH ${pricesOf(staged)}
    UPDATE ${staged} AS row
    SET twr_1d = row.portfolio_value_base::double precision / prices.price_before - 1,
      given = CASE WHEN row.portfolio_value_base IS NULL OR prices.price_before IS NOT NULL
        THEN row.given | ${returnBit} ELSE row.given END
    FROM ${staged} AS same
    LEFT JOIN prices ON prices.is_staged
      AND prices.portfolio_id = same.portfolio_id AND prices.asof_date = same.asof_date
    WHERE row.ctid = same.ctid`);
  const followers = await session.query<{ readonly portfolio_id: string }>(`
    WITH ${pricesOf(staged)}
    INSERT INTO ${staged} (line, given, portfolio_id, asof_date, pricing_pack_id, twr_1d)
    SELECT 0, ${returnBit}, portfolio_id, asof_date, pricing_pack_id, price / price_before - 1
    FROM prices
    WHERE NOT is_staged
      AND twr_1d IS NOT DISTINCT FROM price / stored_before - 1
      AND twr_1d IS DISTINCT FROM price / price_before - 1
    RETURNING portfolio_id`);
  return followers.length;
}

/** The rows of a portfolio on inclusive days, of one pricing pack or, where it is null, of all. */
export interface DaysOfPortfolio {
  readonly portfolioId: string;
  readonly from: string;
  readonly to: string;
  readonly pricingPackId: string | null;
}

/** A row that stays, and whose return is not that of the prices that are left. */
interface Follower {
  readonly day: string;
  readonly pack: string;
  /** What is stored. */
  readonly stored: number | null;
  /** From the price before that; null where there is none. */
  readonly return: number | null;
  /** Whether it was computed from a price that goes; else it was before its pack was replaced. */
  readonly isComputed: boolean;
}

/**
 * Before rows are deleted: gives the rows that stay, and whose return was computed from a price that
 * goes, the return from the price that is before them then, none without one. Gives their days. Throws
 * BAD_USER_INPUT where an older pricing pack would be official again whose return was computed from a
 * price that was replaced since: returns follow prices only in official rows. Part of a transaction.
 */
export async function computeReturnsWithout(
  transaction: Queryable,
  { portfolioId, from, to, pricingPackId }: DaysOfPortfolio,
  dryRun: boolean,
): Promise<string[]> {
  const nearest = (condition: string, order: string): string => `
    SELECT asof_date FROM portfolio_metrics AS row
    WHERE row.portfolio_id = $1 AND ${condition} AND ${IS_PRICE} AND ${IS_OFFICIAL}
    ORDER BY asof_date ${order} LIMIT 1`;
  const officialOf = (condition: string): string => `
    SELECT *, lag(price) OVER (ORDER BY asof_date) AS price_before
    FROM (
      SELECT DISTINCT ON (asof_date) * FROM near WHERE ${condition}
      ORDER BY asof_date, recorded_no DESC
    ) AS official
    WHERE is_price`;
  const followers = await transaction.query<Follower>(
    `WITH near AS (
      SELECT asof_date, pricing_pack_id, recorded_no, twr_1d, ${IS_PRICE} AS is_price,
        portfolio_value_base::double precision AS price,
        asof_date BETWEEN $2::date AND $3::date AND ($4::text IS NULL OR pricing_pack_id = $4) AS goes
      FROM portfolio_metrics
      WHERE portfolio_id = $1
        AND asof_date BETWEEN coalesce((${nearest('row.asof_date < $2::date', 'DESC')}), $2::date)
          AND coalesce((${nearest(`row.asof_date > $3::date AND row.asof_date ${IN_BOUNDS}`, 'ASC')}), $3::date)
    ), follower AS (
      SELECT now.*, now.price / now.price_before - 1 AS computed,
        coalesce(now.twr_1d = now.price / was.price_before - 1, false) AS is_computed
      FROM (${officialOf('NOT goes')}) AS now
      JOIN (${officialOf('true')}) AS was USING (asof_date)
      WHERE now.asof_date >= $2::date
        AND now.twr_1d IS DISTINCT FROM now.price / now.price_before - 1
        AND (now.twr_1d = now.price / was.price_before - 1
          OR (now.pricing_pack_id <> was.pricing_pack_id
            AND was.twr_1d = was.price / was.price_before - 1))
    )
    SELECT asof_date AS day, pricing_pack_id AS pack, twr_1d AS stored, computed AS "return",
      is_computed AS "isComputed"
    FROM follower ORDER BY asof_date`,
    [portfolioId, from, to, pricingPackId],
  );
  const old = followers.find(({ isComputed }) => !isComputed);
  if (old) throw oldReturn(old);
  const days = followers.map(({ day }) => day);
  // An update of nothing decompresses chunks all the same.
  if (dryRun || days.length === 0) return days;
  await transaction.query(
    `UPDATE portfolio_metrics AS row SET twr_1d = follower.twr_1d, recorded_at = now()
    FROM unnest($2::date[], $3::text[], $4::double precision[]) AS follower (day, pack, twr_1d)
    WHERE row.portfolio_id = $1 AND row.asof_date = follower.day AND row.pricing_pack_id = follower.pack`,
    [portfolioId, days, followers.map(({ pack }) => pack), followers.map((each) => each.return)],
  );
  return days;
}

function oldReturn({ day, pack, stored, return: computed }: Follower): Error {
  return badUserInput(
    `Nothing was deleted: pricing pack ${pack} of ${day} would be official again, but its return is ${stored}, and that of its price and the price before ${computed}. Import its price again (rolling-metrics import --values prices), or record its return (the mutation recordDailyMetrics), then delete.`,
  );
}
