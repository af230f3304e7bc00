/**
 * What an error says, fit for a log. PostgreSQL quotes the value in the message of a data exception (class 22) or a broken constraint (23,
 * PostgreSQL 18, appendix A): of those only the code is told.
 */
export function withoutValues(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^2[23]...$/.test(code) ? `SQLSTATE ${code}` : error.message;
}
