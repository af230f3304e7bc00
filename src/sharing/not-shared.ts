import { GraphQLError } from 'graphql';
import type { Refusal } from './decide';

/** The errors of a refusal: one per refused field, each saying why and what to ask whom for. */
export function notShared(refusals: readonly Refusal[]): GraphQLError[] {
  return refusals.map(
    ({ field, verb, provider, reason, apply }) =>
      new GraphQLError(`Not shared with you${field === '*' ? '' : `: ${field}${verb && ` (${verb})`}`}. ${apply}.`, {
        extensions: { code: 'NOT_SHARED', field, verb, provider, reason, apply },
      }),
  );
}
