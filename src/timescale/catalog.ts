/** Where TimescaleDB keeps what it knows of hypertables, chunks and invalidations. */
export const CATALOG = '_timescaledb_catalog';

/** TimescaleDB counts microseconds since 1970-01-01: those of a day. */
export const DAY = 86_400_000_000;
/** The lowest value of a date; below it are TimescaleDB's minus infinity and its neighbours. */
export const LOWEST = -210_866_803_200_000_000;
/** No date is as high; above it is TimescaleDB's infinity. */
export const HIGHEST = 9_000_000_000_000_000_000n;
