/** The portfolios of the sample data, whose last day is 2018-05-11 and stays so. */
export const SAMPLE_PORTFOLIO_IDS = [
  '5a3f1c00-0000-4000-8000-000000000001',
  '5a3f1c00-0000-4000-8000-000000000002',
  '5a3f1c00-0000-4000-8000-000000000003',
  '5a3f1c00-0000-4000-8000-000000000004',
] as const;
