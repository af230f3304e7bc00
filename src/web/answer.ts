/** What the page reads from an answer on the screen, as JSON text: where it leads to next. */
import type { SavedQuery } from './saved-query';

/** A finding in an answer. */
export interface ShownFinding {
  id: string;
  version: number;
  /** It is the first of a list that one looks through, and not the one that was asked for. */
  isFirstOfList: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: any answer to any query
function dataOf(answerText: string): any {
  try {
    return JSON.parse(answerText).data ?? {};
  } catch {
    return {};
  }
}

/** The person key of the first finding in an answer to the findings query; null when there is none. It leads from a finding to the person. */
export function personOfFirstFinding(answerText: string): string | null {
  const edges: unknown = dataOf(answerText).findings?.edges;
  if (!Array.isArray(edges)) return null;
  return edges.map((edge) => edge?.node?.person?.id).find((id) => typeof id === 'string') ?? null;
}

/** The finding that an answer shows or changed, or the first of a list of them; null when there is none. */
export function findingIn(answerText: string): ShownFinding | null {
  const data = dataOf(answerText);
  const changed = data.takeUpFindings ?? data.decideFindings ?? data.giveBackFindings;
  const one = data.finding ?? changed?.[0];
  const found = one ?? data.findings?.edges?.[0]?.node;
  if (typeof found?.id !== 'string' || !Number.isInteger(found.version)) return null;
  return { id: found.id, version: found.version, isFirstOfList: !one };
}

/** Whether a saved query is about findings that its variables name. */
export function isAboutFinding({ operation, variables }: SavedQuery): boolean {
  return 'findings' in variables || ('id' in variables && operation !== 'OnePerson');
}

/** The variables of a saved query, with the finding in place of its example. */
export function forFinding(saved: SavedQuery, { id, version }: ShownFinding): Record<string, unknown> {
  return { ...saved.variables, ...('findings' in saved.variables ? { findings: [{ id, version }] } : { id }) };
}

/** The audit receipt of an answer: the hash under which `heyan audit prove` finds the access again. */
export function receiptOf(answerText: string): string | null {
  try {
    const receipt: unknown = JSON.parse(answerText).extensions.receipt;
    return typeof receipt === 'string' ? receipt : null;
  } catch {
    return null;
  }
}
