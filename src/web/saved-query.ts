/** A first query, one click away on the page. `operation` is the name inside `query`, and the name of its tab. */
export interface SavedQuery {
  operation: string;
  en: string;
  zh: string;
  about: { en: string; zh: string };
  query: string;
  variables: Record<string, unknown>;
  /** It changes something: it is opened, and run by hand when the variables say what is meant. */
  changes?: true;
}
