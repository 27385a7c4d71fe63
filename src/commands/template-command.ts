import type { Command } from 'commander';

/** A file that can be imported as it is, for users to replace its rows by theirs. */
export const TEMPLATE = `# A row for each portfolio and day. Returns are decimal fractions: 0.0021 is 0.21 %.
# portfolio, date and one column with values are enough; an empty field is no value.
# To import it: rolling-metrics import --create-portfolios daily.csv
portfolio,date,return,value,benchmark
GROWTH,2024-01-02,,1000000.00,
GROWTH,2024-01-03,0.0021,1002100.00,0.0018
GROWTH,2024-01-04,-0.0034,998692.86,-0.0029
GROWTH,2024-01-05,0.0012,999891.29,0.0015
INCOME,2024-01-02,,500000.00,
INCOME,2024-01-03,0.0006,500300.00,0.0018
INCOME,2024-01-04,-0.0011,499749.67,-0.0029
INCOME,2024-01-05,0.0004,499949.57,0.0015
`;

/** Adds the command that prints a file to start from. */
export function addTemplateCommand(program: Command): void {
  program
    .command('template')
    .description('Print a small file that `import` takes, to start from.')
    .action(() => {
      process.stdout.write(TEMPLATE);
    });
}
