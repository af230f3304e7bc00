/** Looking for canaries in an answer: in everything it says, whatever it is written in. */
import type { Answer } from './callers';

/** Values this long occur nowhere by chance, so that they are looked for inside longer texts too. */
const LONG = 9;

/** The places where a value stands; empty is what tests want. */
export function findIn(value: unknown, canaries: readonly unknown[], path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, place) => findIn(item, canaries, `${path}[${place}]`));
  if (value !== null && typeof value === 'object')
    return Object.entries(value).flatMap(([key, item]) => [
      ...(holds(key, canaries) ? [`${path}: the name ${key}`] : []),
      ...findIn(item, canaries, `${path}.${key}`),
    ]);
  return holds(value, canaries) ? [path] : [];
}

function holds(value: unknown, canaries: readonly unknown[]): boolean {
  return canaries.some((canary) => {
    if (value === canary) return true;
    if (typeof value !== 'string' || typeof canary !== 'string' || canary.length < LONG) return false;
    // Cursors are base64url of their inside.
    return value.includes(canary) || Buffer.from(value, 'base64url').toString('utf8').includes(canary);
  });
}

/** The places in data, errors, extensions and headers of an answer where a canary stands. */
export function leaksOf(answer: Answer, canaries: readonly unknown[]): string[] {
  return [...findIn(answer.body, canaries), ...findIn({ headers: answer.headers }, canaries)];
}

const TOLD = ['code', 'field', 'verb', 'provider', 'reason', 'apply'];

/** What is wrong with the refusal of a field; empty when it is as it must be. */
export function faultsOfRefusal({ status, body }: Answer, isMeant: (field: string) => boolean): string[] {
  const errors: { extensions: Record<string, unknown> }[] = body?.errors ?? [];
  const faults: string[] = [];
  if (status !== 200) faults.push(`status ${status}`);
  if (body?.data !== null) faults.push('data is not null');
  if (errors.length === 0) faults.push('no refusal');
  for (const { extensions } of errors) {
    if (extensions?.code !== 'NOT_SHARED') faults.push(`code ${extensions?.code}`);
    else if (!isMeant(String(extensions.field))) faults.push(`refuses ${extensions.field}`);
    else if (Object.keys(extensions).join() !== TOLD.join()) faults.push(`tells ${Object.keys(extensions)}`);
  }
  const beside = Object.keys(body?.extensions ?? {}).filter((name) => name !== 'receipt' && name !== 'freshness');
  if (beside.length > 0 || Object.keys(body?.extensions?.freshness ?? {}).length > 0) faults.push('tells how fresh');
  return faults;
}
