import type { ApolloServerPlugin } from '@apollo/server';
import {
  OperationTypeNode,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { fragmentsOf, rootFields } from '../../access/root-fields.js';
import { isCacheable } from '../../aggregates/revisions/cacheable.js';
import type { RequestContext } from '../../graphql/context.js';

/** Marks the dependencies of a response as complete where all its root fields are cacheable and none failed. */
export function cacheableOperations(): ApolloServerPlugin<RequestContext> {
  const known = new WeakMap<OperationDefinitionNode, boolean>();
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ contextValue, schema, document, operation, response: { body } }) {
          const { dependencies } = contextValue;
          if (!dependencies || !document || !operation) return;
          if (body.kind !== 'single' || body.singleResult.errors) return;
          let isComplete = known.get(operation);
          if (isComplete === undefined) {
            known.set(operation, (isComplete = hasOnlyCacheable(schema, document, operation)));
          }
          if (isComplete) dependencies.complete();
        },
      };
    },
  };
}

function hasOnlyCacheable(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  if (operation.operation !== OperationTypeNode.QUERY) return false;
  const query = schema.getQueryType()!;
  return rootFields(operation, fragmentsOf(document)).every((field) => isCacheable(query, field));
}
