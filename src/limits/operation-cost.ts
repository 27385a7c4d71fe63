import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { ServiceError } from '../errors.js';
import { amountOf, type Run } from './amount.js';
import { planCost, type CostNode } from './cost-plan.js';
import { createVariables } from './given-arguments.js';

/** An operation of a valid document, and the variables that came with it. */
export interface GivenOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What an operation costs, before it runs. What depends on the document alone is computed once,
 * so a document that comes again costs a few multiplications. Throws OPERATION_TOO_COSTLY above
 * `maxCost`.
 */
export function createOperationCost(maxCost: number): (given: GivenOperation) => number {
  const plans = new WeakMap<OperationDefinitionNode, Plan>();
  return ({ schema, document, operation, variables }) => {
    let plan = plans.get(operation);
    if (!plan) {
      const root = planCost(schema, document, operation);
      plans.set(operation, (plan = { root, variables: createVariables(operation) }));
    }
    const run = runOf(plan, variables);
    const cost = amountOf(plan.root.amount, run);
    if (cost > maxCost) throw tooCostly(cost, maxCost, plan.root, run);
    return cost;
  };
}

interface Plan {
  readonly root: CostNode;
  readonly variables: ReturnType<typeof createVariables>;
}

const NO_RUN: Run = { variables: {}, series: {}, known: new Map() };

function runOf({ root, variables }: Plan, given: GivenOperation['variables']): Run {
  if (typeof root.amount === 'number') return NO_RUN;
  return { variables: variables(given), series: {}, known: new Map() };
}

function tooCostly(cost: number, maxCost: number, root: CostNode, run: Run): ServiceError {
  return new ServiceError(
    'OPERATION_TOO_COSTLY',
    `The operation costs ${shown(cost)} and may cost ${shown(maxCost)}, in days of one metric of one portfolio; most of it is ${driverOf(root, run)}. Request fewer portfolios, days or metrics, or for pages one after the other.`,
  );
}

/** The path to the most costly field, as deep as one part is at least half of the total. */
function driverOf(root: CostNode, start: Run): string {
  const path: string[] = [];
  let run = start;
  for (let node: CostNode | undefined = root; node;) {
    const below: Run = node.enter?.(run) ?? run;
    const parts: { readonly part: CostNode; readonly cost: number }[] = node.parts.map((part) => ({
      part,
      cost: amountOf(part.amount, below),
    }));
    const whole = parts.reduce((total, { cost }) => total + cost, 0);
    const most = parts.toSorted((one, other) => other.cost - one.cost)[0];
    if (!most || (path.length > 0 && most.cost * 2 < whole)) break;
    node = most.part;
    run = below;
    if (node.field === null) continue;
    const times = amountOf(node.times, run);
    path.push(times === 1 ? node.field : `${node.field} (× ${shown(times)})`);
  }
  return path.join('.');
}

function shown(amount: number): string {
  return amount < 1e15 ? amount.toLocaleString('en') : 'more than 10^15';
}
