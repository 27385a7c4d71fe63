import type { ApolloServerPlugin } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { fragmentsOf, rootFields } from '../access/root-fields.js';
import { isVersioned } from '../aggregates/revisions/versioned.js';
import type { RequestContext } from './context.js';

/** Where an answer is told that it has a version. */
export interface VersionedAnswer {
  /** Takes the version that it will have; before it is computed, so that it is never older. */
  take(): Promise<void>;
  /** It is what every answer of that version to this question is. */
  confirm(): void;
}

/** Versions the answers to operations all of whose fields are versioned and none of which failed. */
export function versionedAnswers(): ApolloServerPlugin<RequestContext> {
  const known = new WeakMap<OperationDefinitionNode, boolean>();
  return {
    async requestDidStart() {
      let taken: VersionedAnswer | undefined;
      return {
        async responseForOperation({ contextValue: { answer }, schema, document, operation }) {
          // Of a document without the operation that was named there is none, whatever the type says.
          const asked = operation as OperationDefinitionNode | undefined;
          if (!answer || !asked) return null;
          let isVersionedOnly = known.get(asked);
          if (isVersionedOnly === undefined) {
            known.set(asked, (isVersionedOnly = asksVersionedOnly(schema, document, asked)));
          }
          if (isVersionedOnly) await (taken = answer).take();
          return null;
        },
        async willSendResponse({ response: { body } }) {
          if (body.kind === 'single' && !body.singleResult.errors) taken?.confirm();
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
