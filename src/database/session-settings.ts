/**
 * What every session is set to, in the syntax of -c and of SET. Statements are short: compiling
 * their expressions takes longer than it saves. No disk has to seek: days come in the order of
 * their index, without a sort. What is prepared is planned once and not for each parameter: for
 * a portfolio's series that takes several times longer than reading them.
 */
export const SESSION_SETTINGS = [
  'TimeZone=UTC',
  'jit=off',
  'random_page_cost=1.1',
  'plan_cache_mode=force_generic_plan',
] as const;
