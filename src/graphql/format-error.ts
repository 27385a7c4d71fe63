import { randomUUID } from 'node:crypto';
import { unwrapResolverError } from '@apollo/server/errors';
import {
  GraphQLError,
  isValueNode,
  parse,
  visit,
  type ASTNode,
  type GraphQLFormattedError,
} from 'graphql';
import type { Logger } from 'pino';
import { BAD_CHARACTER, passingFault, QUERY_CANCELED, sqlStateOf } from '../database/sql-state.js';
import { ServiceError } from '../errors.js';
import { ScalarError } from '../scalars.js';
import { windowHint } from './window-hint.js';

/**
 * What a client sees of an error. Errors meant for the client stay as they are; a value that a
 * scalar refused becomes BAD_USER_INPUT that names the argument; every other error is masked, with
 * an id that is in the log.
 */
export function createErrorFormatter(
  log: Logger,
  { suggestions }: { readonly suggestions: boolean },
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  const format = formatterOf(log);
  return (given, error) => {
    const formatted = format(given, error);
    const { message } = formatted;
    const shown = suggestions ? withWindows(message) : message.replace(SUGGESTION, '');
    return { ...formatted, message: shortened(shown) };
  };
}

/** What graphql-js adds to a wrong name, which reveals names of the schema. */
const SUGGESTION = / ?Did you mean .+\?$/s;
/** A message with the windows that serve a metric, instead of what is spelled like it. */
function withWindows(message: string): string {
  const hint = windowHint(message);
  return hint ? `${message.replace(SUGGESTION, '')} ${hint}` : message;
}

/** The longest message; it may repeat a value of any length, once for each field that fails. */
const MAX_MESSAGE_LENGTH = 2000;

function shortened(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message;
}

function formatterOf(
  log: Logger,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const cause = causeOf(error);
    if (cause instanceof ServiceError) return withCode(formatted, cause.code, cause.message);
    if (error instanceof GraphQLError && error.originalError instanceof ScalarError) {
      const name = argumentAt(error.nodes?.[0]);
      const message = name ? `${name} ${error.originalError.message}` : error.message;
      return withCode(formatted, 'BAD_USER_INPUT', message);
    }
    if (cause instanceof GraphQLError) {
      const code = formatted.extensions?.['code'];
      // What Apollo refuses before an operation begins, such as a hash that is not the document's.
      const isUnnamed = code === 'INTERNAL_SERVER_ERROR' && !cause.nodes && !cause.path;
      // A variable that is null where its argument must not be is found only by executing.
      const isArgument = code === 'INTERNAL_SERVER_ERROR' && cause.nodes?.some(isValueNode);
      const known = isArgument ? 'BAD_USER_INPUT' : code;
      return withCode(formatted, isUnnamed ? 'BAD_REQUEST' : known, formatted.message);
    }
    if (sqlStateOf(cause) === BAD_CHARACTER) {
      return withCode(
        formatted,
        'BAD_USER_INPUT',
        'A text holds a NUL character, which cannot be stored or looked for.',
      );
    }
    if (sqlStateOf(cause) === QUERY_CANCELED) {
      log.warn({ err: cause }, 'the database cancelled a statement by itself');
      return withCode(
        formatted,
        'QUERY_TIMEOUT',
        'The database has stopped this: it took longer than it may there.',
      );
    }
    const fault = passingFault(cause);
    if (fault) {
      log.warn({ err: cause }, 'the database could not do it just now');
      return withCode(formatted, fault.code, fault.message);
    }
    const id = randomUUID();
    log.error({ err: cause, errorId: id }, 'a request failed unexpectedly');
    return withCode(
      formatted,
      'INTERNAL_SERVER_ERROR',
      `Something went wrong here; the log has it as ${id}.`,
    );
  };
}

/** What was thrown, out of what it was wrapped in. */
function causeOf(error: unknown): unknown {
  // What fails before an operation begins Apollo wraps with its message in the open.
  if (error instanceof GraphQLError && !error.nodes && !error.path && error.originalError) {
    return error.originalError;
  }
  return unwrapResolverError(error);
}

/** The error with nothing in its extensions but the code: no stack, no statement. */
function withCode(
  { locations, path }: GraphQLFormattedError,
  code: unknown,
  message: string,
): GraphQLFormattedError {
  return {
    message,
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: { code },
  };
}

/** The name of the argument in which a value stands in the document. */
function argumentAt(value: ASTNode | undefined): string | undefined {
  if (!value?.loc) return undefined;
  const { source, start } = value.loc;
  let name: string | undefined;
  visit(parse(source), {
    Argument(argument) {
      if (argument.loc && argument.loc.start <= start && start < argument.loc.end) {
        name = argument.name.value;
      }
    },
  });
  return name;
}
