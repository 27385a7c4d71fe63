import { GraphQLError, type ValidationRule } from 'graphql';
import { createMeasure } from './document-size.js';
import type { OperationLimits } from './limits-config.js';

/** The validation rule that bounds how deep and how large an operation is. */
export function documentLimits({
  maxDepth,
  maxAliases,
  maxFields,
}: Pick<OperationLimits, 'maxDepth' | 'maxAliases' | 'maxFields'>): ValidationRule {
  return (context) => {
    const measure = createMeasure((name) => context.getFragment(name));
    return {
      OperationDefinition(operation) {
        const { depth, aliases, fields } = measure(operation.selectionSet);
        const check = (what: string, count: number, max: number): void => {
          if (count <= max) return;
          const message = `An operation takes at most ${max} ${what}, but got ${shown(count)}`;
          context.reportError(new GraphQLError(message, { nodes: operation }));
        };
        check('fields below each other', depth, maxDepth);
        check('aliases, fragments in place of their spreads', aliases, maxAliases);
        check('fields, fragments in place of their spreads', fields, maxFields);
      },
    };
  };
}

/** Fragments make numbers of hundreds of digits. */
function shown(count: number): string {
  return count < 1e15 ? String(count) : 'more than 10^15';
}
