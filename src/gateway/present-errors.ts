/**
 * Which errors callers see. Those we wrote for them pass as they are; everything else is reported to the operator and becomes one sentence,
 * because a driver's message may hold a value.
 */
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { LIMITS } from './limits';

/** Codes whose messages were written for callers. */
const FOR_CALLERS = new Set([
  'NOT_SHARED',
  'BAD_USER_INPUT',
  'CONFLICT',
  'KEPT_ELSEWHERE',
  'TOO_MANY_RECORDS',
  'TIMEOUT',
  'AUDIT_UNAVAILABLE',
]);

/** The result with each error fit to leave. */
export function presentErrors(result: ExecutionResult, report: (error: unknown) => void): ExecutionResult {
  if (!result.errors?.length) return result;
  return { ...result, errors: result.errors.map((error) => present(error, report)) };
}

/**
 * An error of a request that failed to parse or validate, fit to leave: a limit keeps its own code, and what the caller wrote in the place of
 * a value, which may be a number of a person, is not repeated.
 */
export function presentInvalid(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { locations: _locations, ...rest } = formatted;
  const failed = formatted.extensions?.code;
  if (failed !== 'GRAPHQL_VALIDATION_FAILED' && failed !== 'GRAPHQL_PARSE_FAILED') return rest;
  const original = (error as { originalError?: GraphQLError }).originalError;
  const limit = beyondParser(formatted.message);
  if (limit) return { ...rest, message: limit.message, extensions: { ...formatted.extensions, code: limit.code } };
  const code = original?.extensions?.code ?? failed;
  return { ...rest, message: withoutValues(formatted.message), extensions: { ...formatted.extensions, code } };
}

/** Limits that end parsing itself: the parser counts tokens, and what is nested deeper than its stack is deeper than any limit. */
function beyondParser(message: string): { code: string; message: string } | undefined {
  if (/more tha[nt] \d+ tokens/.test(message))
    return { code: 'TOO_MANY_TOKENS', message: `The operation has too many tokens: at most ${LIMITS.tokens}` };
  if (/call stack/.test(message))
    return { code: 'TOO_DEEP', message: `The operation has too many levels: at most ${LIMITS.depth}` };
  return undefined;
}

/** As graphql-js words them: `… cannot represent a non string value: VALUE`, `Value "VALUE" does not exist …`, `…, found String "VALUE"`. */
function withoutValues(message: string): string {
  return message
    .replace(/(cannot represent [^:]*): .*$/s, '$1')
    .replace(/^Value ".*" does not exist in/s, 'This value does not exist in')
    .replace(/(Expected value of type "[^"]*"), found .*$/s, '$1')
    .replace(/, found (\w+) ".*$/s, ', found $1')
    .replace(/^(Syntax Error: Unexpected \w+) ".*$/s, '$1');
}

function present(error: GraphQLError, report: (error: unknown) => void): GraphQLError {
  const { code, serviceName, ...rest } = (error.extensions ?? {}) as Record<string, unknown>;
  if (typeof code === 'string' && FOR_CALLERS.has(code)) {
    return new GraphQLError(error.message, { path: error.path, extensions: { code, ...rest } });
  }
  // graphql-js itself refuses variables and arguments that do not fit: those name no value of a record.
  if (
    code === undefined &&
    error.originalError === undefined &&
    error.path === undefined &&
    error.nodes !== undefined
  ) {
    return new GraphQLError(error.message, { extensions: { code: 'BAD_USER_INPUT' } });
  }
  report(error);
  const bureau = typeof serviceName === 'string' ? serviceName.toLowerCase() : null;
  const message = bureau
    ? `The ${bureau} bureau could not answer; this is not the same as no record`
    : 'The answer could not be made; try again later';
  return new GraphQLError(message, { path: error.path, extensions: { code: 'UNAVAILABLE', bureau } });
}
