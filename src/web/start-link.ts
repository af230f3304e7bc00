import type { Credentials } from './connection';
import { purposes } from './purposes';
import type { SavedQuery } from './saved-query';

/**
 * What `heyan start` puts behind the # of the address it prints: a purpose, a case and the examples of the demo city, so that the first
 * click shows something. A fragment stays in the browser: no server and no log ever sees it. The token is never part of it.
 */
export interface StartLink {
  purpose?: string;
  case?: string;
  idNumber?: string;
  institution?: string;
}

/** Reads a fragment, with or without its #; what it does not know it leaves out. */
export function readStartLink(fragment: string): StartLink {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const names = ['purpose', 'case', 'idNumber', 'institution'] as const;
  return Object.fromEntries(names.flatMap((name) => (given.get(name) ? [[name, given.get(name)]] : [])));
}

/** Saved queries with the link's examples in place of their own; a variable the link does not name stays. */
export function withExamples(queries: readonly SavedQuery[], link: StartLink): SavedQuery[] {
  const examples = Object.entries({ idNumber: link.idNumber, institution: link.institution }).filter(
    ([, value]) => value,
  );
  return queries.map((saved) => ({
    ...saved,
    variables: { ...saved.variables, ...Object.fromEntries(examples.filter(([name]) => name in saved.variables)) },
  }));
}

/** Purpose and case of the link, where none was entered yet. */
export function withLinked(credentials: Credentials, link: StartLink): Credentials {
  if (credentials.purpose) return credentials;
  return { ...credentials, purpose: link.purpose ?? '', caseNumber: link.case ?? '' };
}

/**
 * How to get a token for a purpose of the list, else for fund supervision: a link may bring any text, and nobody is to paste that into a terminal.
 */
export function tokenCommand(purpose: string): string {
  const code = purposes.some((one) => one.code === purpose) ? purpose : 'FUND_SUPERVISION';
  return `npx heyan token --agency <agency> --purpose ${code}`;
}
