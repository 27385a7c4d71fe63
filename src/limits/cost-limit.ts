import type { ApolloServerPlugin } from '@apollo/server';
import type { OperationLimits } from './limits-config.js';
import { createOperationCost } from './operation-cost.js';

/**
 * Refuses operations that cost too much before anything runs, also those that were run before
 * with other variables. A request with `extensions: { cost: true }` receives the cost.
 */
export function costLimit({ maxCost }: Pick<OperationLimits, 'maxCost'>): ApolloServerPlugin {
  const costOf = createOperationCost(maxCost);
  return {
    async requestDidStart({ request }) {
      let cost: number | undefined;
      return {
        async didResolveOperation({ schema, document, operation }) {
          if (operation)
            cost = costOf({ schema, document, operation, variables: request.variables });
        },
        async willSendResponse({ response: { body } }) {
          if (cost === undefined || request.extensions?.['cost'] !== true) return;
          if (body.kind !== 'single') return;
          const { singleResult } = body;
          singleResult.extensions = {
            ...singleResult.extensions,
            cost: { operation: cost, limit: maxCost },
          };
        },
      };
    },
  };
}
