/** What commands print: results on stdout, everything else on stderr. */

/** Columns aligned by width; numbers to the right. Chinese characters take two places on a terminal. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ''))));
  const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  return cells
    .map((row) =>
      row
        .map((cell, column) => {
          const blank = ' '.repeat((widths[column] as number) - width(cell));
          return numeric[column] ? blank + cell : cell + blank;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function width(text: string): number {
  return [...text].reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
        ? 2
        : 1),
    0,
  );
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

const NOTE_MILLISECONDS_BETWEEN = 10_000;
const BAR_MILLISECONDS_BETWEEN = 100;

/** Progress: one line that is written over on a terminal, else one line per ten seconds. `done` clears it. */
export function progress(now: () => number = Date.now): { show(text: string): void; done(): void } {
  const isTerminal = process.stderr.isTTY === true;
  let last = now();
  return {
    show(text) {
      if (now() - last < (isTerminal ? BAR_MILLISECONDS_BETWEEN : NOTE_MILLISECONDS_BETWEEN)) return;
      last = now();
      process.stderr.write(isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    done() {
      if (isTerminal) process.stderr.write('\r\u001b[K');
    },
  };
}
