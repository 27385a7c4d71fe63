import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { deleteDaysMutation, deletePortfolioMutation } from '../../src/commands/delete-command.js';
import { HEALTH_QUERY } from '../../src/commands/health-command.js';
import { PORTFOLIO_QUERY } from '../../src/commands/portfolio-argument.js';
import { CANCEL, progressOf, REFRESH_ALL, REFRESH_ONE } from '../../src/commands/refresh-query.js';
import { REPORT_QUERY } from '../../src/commands/report-command.js';
import { STATUS_QUERY } from '../../src/commands/status-query.js';

const CONTRACT = new URL('../contract.graphql', import.meta.url);

test.each([
  ['status', STATUS_QUERY],
  ['health', HEALTH_QUERY],
  ['report', REPORT_QUERY],
  ['refresh of one', REFRESH_ONE],
  ['refresh of all', REFRESH_ALL],
  ['progress', progressOf(['1', '2']).query],
  ['cancel', CANCEL],
  ['a portfolio by id or code', PORTFOLIO_QUERY],
  ['deletion of a portfolio', deletePortfolioMutation(false)],
  ['deletion of days', deleteDaysMutation(false)],
])('%s selects nothing beyond the contract, so any server can respond', async (_name, query) => {
  const contract = buildSchema(await readFile(CONTRACT, 'utf8'));
  expect(validate(contract, parse(query))).toEqual([]);
});

test('the progress of several refreshes is one operation, with a variable each', () => {
  const { query, variables } = progressOf(['7', '9']);
  expect(query).toContain('query Progress($id0: ID!, $id1: ID!)');
  expect(query).toContain('r1: aggregateRefresh(id: $id1)');
  expect(variables).toEqual({ id0: '7', id1: '9' });
});
