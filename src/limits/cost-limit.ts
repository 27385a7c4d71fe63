import type { ApolloServerPlugin } from '@apollo/server';
import type { CostGate } from './cost-gate.js';
import type { OperationLimits } from './limits-config.js';
import { createOperationCost } from './operation-cost.js';

/** What of a request says how long it counts. */
export interface CostContext {
  /** Aborts when the response is wanted no longer. */
  readonly signal?: AbortSignal | undefined;
  /** Registers what is called when the response has been passed on, or never will be. */
  readonly whenEnded?: ((action: () => void) => void) | undefined;
}

/**
 * Refuses operations that cost too much before anything runs, also those that were run before
 * with other variables; costly ones wait for room among those that run. A request with
 * `extensions: { cost: true }` receives the cost.
 */
export function costLimit(
  { maxCost }: Pick<OperationLimits, 'maxCost'>,
  gate: CostGate,
): ApolloServerPlugin<CostContext> {
  const costOf = createOperationCost(maxCost);
  return {
    async requestDidStart({ request, contextValue: { signal, whenEnded } }) {
      let cost: number | undefined;
      return {
        async didResolveOperation({ schema, document, operation }) {
          if (!operation) return;
          cost = costOf({ schema, document, operation, variables: request.variables });
          const leave = await gate.enter(cost, signal);
          if (leave && whenEnded) whenEnded(leave);
          else leave?.();
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
