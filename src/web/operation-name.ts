import { type DocumentNode, Kind, parse } from 'graphql';

/** What GraphiQL sends for one click. */
export interface SentOperation {
  query: string;
  operationName?: string | null;
  variables?: unknown;
}

/**
 * The operation under a name that stands in its text. GraphiQL reads the name a moment after the text changed, and a click within that
 * moment sends the new text with the old name. A text of several operations none of which is meant goes without a name, and the hub says so.
 */
export function underItsOwnName(sent: SentOperation): SentOperation {
  const names = operationNames(sent.query);
  if (!names || names.includes(sent.operationName ?? undefined)) return sent;
  return { ...sent, operationName: names.length === 1 ? names[0] : undefined };
}

/** The names in the order of the text, undefined for an operation without one; null when the text is no document. */
function operationNames(query: string): (string | undefined)[] | null {
  let document: DocumentNode;
  try {
    document = parse(query, { noLocation: true });
  } catch {
    return null;
  }
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value] : [],
  );
}
