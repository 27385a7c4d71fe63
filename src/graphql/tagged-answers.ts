import type { ApolloServerPlugin } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { fragmentsOf, rootFields } from '../access/root-fields.js';
import { isVersioned } from '../aggregates/versioned.js';
import type { RequestContext } from './context.js';

/**
 * Gives an answer the tag of the reading that was taken before it was computed, where every field
 * asked for is versioned and none failed.
 */
export function taggedAnswers(): ApolloServerPlugin<RequestContext> {
  const known = new WeakMap<OperationDefinitionNode, boolean>();
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ contextValue: { tag }, schema, document, operation, response }) {
          if (!tag || !operation || !document || response.body.kind !== 'single') return;
          if (response.body.singleResult.errors) return;
          let isTagged = known.get(operation);
          if (isTagged === undefined) {
            known.set(operation, (isTagged = asksVersionedOnly(schema, document, operation)));
          }
          if (isTagged) response.http.headers.set('etag', tag);
        },
      };
    },
  };
}

function asksVersionedOnly(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  if (operation.operation !== OperationTypeNode.QUERY) return false;
  const query = schema.getQueryType()!;
  return rootFields(operation, fragmentsOf(document)).every((field) => isVersioned(query, field));
}
