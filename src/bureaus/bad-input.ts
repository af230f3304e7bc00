import { GraphQLError } from 'graphql';

/** An argument that cannot be answered; the message names it and never repeats a person's data. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** `first` of a page, checked against its limits. */
export function pageSize(first: number | null | undefined, standard: number, max: number): number {
  const size = first ?? standard;
  if (!Number.isInteger(size) || size < 1 || size > max) throw badInput(`first must be between 1 and ${max}`);
  return size;
}
