/**
 * What an operator's query may not hold: it is read in the order of its watermark, from where the last run ended, so it becomes a part of another
 * statement. What the query may do is for the rights of its database user to decide, who should be allowed to read and nothing else.
 */

/** Text, quoted names and comments, in which nothing is a word of SQL. */
const QUIET = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** What is wrong with it, in sentences; empty when nothing is. */
export function queryFaults(query: string): string[] {
  const words = query.replace(QUIET, (part) => (part.startsWith('--') || part.startsWith('/*') ? ' ' : 'x'));
  const faults: string[] = [];
  if (!/^\s*(select|with)\b/i.test(words)) faults.push('write a select');
  if (words.includes(';')) faults.push('holds a semicolon: write one statement and leave it out');
  if (/\border\s+by\b/i.test(outsideBrackets(words)))
    faults.push('holds order by: leave it out, the rows are read in the order of watermark and key');
  return faults;
}

/** An order inside brackets is a window's or a part's, and changes nothing about the rows' own. */
function outsideBrackets(words: string): string {
  let depth = 0;
  let outside = '';
  for (const character of words) {
    if (character === '(') depth++;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0) outside += character;
  }
  return outside;
}
