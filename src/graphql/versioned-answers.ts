import { HeaderMap } from '@apollo/server';
import type { ApolloServerPlugin, GraphQLResponse } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { fragmentsOf, rootFields } from '../access/root-fields.js';
import { isVersioned } from '../aggregates/versioned.js';
import type { AnswerVersions } from './answer-versions.js';
import type { RequestContext } from './context.js';
import type { KeptAnswers } from './kept-answers.js';

export interface VersionedAnswersOptions {
  readonly versions: AnswerVersions;
  readonly kept: KeptAnswers;
}

/**
 * Where every field asked for is versioned, an answer without errors is given again, as it is, to
 * whoever asks the same in the same version, and to GET it is sent with the tag of its version.
 * The version is that of before the answer was computed, so no answer is older than its version.
 */
export function versionedAnswers({
  versions,
  kept,
}: VersionedAnswersOptions): ApolloServerPlugin<RequestContext> {
  const known = new WeakMap<OperationDefinitionNode, boolean>();
  const isVersionedOnly = (
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode | undefined,
  ): boolean => {
    // Of a document without the operation that was named there is none, whatever the type says.
    if (!operation) return false;
    let answer = known.get(operation);
    if (answer === undefined) {
      known.set(operation, (answer = asksVersionedOnly(schema, document, operation)));
    }
    return answer;
  };
  return {
    async requestDidStart() {
      let keep: ((response: GraphQLResponse) => void) | undefined;
      return {
        async responseForOperation({
          contextValue: { caller, signal },
          schema,
          document,
          operation,
          operationName,
          queryHash,
          request: { http, variables },
        }) {
          // Who asks in process gets data, not text.
          if (!http || !kept.isEnabled || !isVersionedOnly(schema, document, operation))
            return null;
          const version = await versions.current(caller, signal);
          if (version === undefined) return null;
          const { tenant, role } = caller;
          const question = JSON.stringify([tenant, role, queryHash, operationName, variables]);
          const data = kept.find(question, version);
          if (!data) {
            keep = ({ body }) => {
              if (body.kind !== 'single') return;
              const { singleResult } = body;
              if (singleResult.data) kept.keep(question, version, singleResult.data);
            };
            return null;
          }
          return {
            http: { headers: new HeaderMap() },
            body: { kind: 'single', singleResult: { data } },
          };
        },
        async willSendResponse({ contextValue: { tag }, schema, document, operation, response }) {
          if (!document || response.body.kind !== 'single') return;
          if (response.body.singleResult.errors) return;
          keep?.(response);
          if (tag && isVersionedOnly(schema, document, operation)) {
            response.http.headers.set('etag', tag);
          }
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
