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

/** The places that a text takes on a terminal. */
export function width(text: string): number {
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
const BAR_PLACES = 20;
/** Rates and times left are told when there is something to tell them by. */
const RATE_MILLISECONDS_MIN = 1_000;

/** How far something has come that is done bit by bit. */
export interface Step {
  /** What is worked on, as `claim.csv`: rates are told of it as a whole. */
  what: string;
  /** What is being done with it, as `reading`. */
  doing?: string;
  count: number;
  /** What is counted; rows unless told. */
  unit?: string;
  /** How much of it is done, 0 to 1, when the whole is known. */
  share?: number;
}

/** Where progress is shown; stderr unless told. */
export interface ProgressOptions {
  now?: () => number;
  stream?: { isTTY?: boolean; columns?: number; write(text: string): unknown };
}

/**
 * Progress: a bar that is drawn over on a terminal, else one line per ten seconds, each with what is done, the rate, and the time left when the
 * whole is known. `done` clears it.
 */
export function progress(options: ProgressOptions = {}): { show(step: Step | string): void; done(): void } {
  const { now = Date.now, stream = process.stderr } = options;
  const isTerminal = stream.isTTY === true;
  let last = now();
  let begun: Step & { at: number } = { what: '', count: 0, at: last };
  return {
    show(step) {
      const at = now();
      const shown = typeof step === 'string' ? undefined : step;
      if (shown && (shown.what !== begun.what || shown.count < begun.count)) begun = { ...shown, at };
      if (at - last < (isTerminal ? BAR_MILLISECONDS_BETWEEN : NOTE_MILLISECONDS_BETWEEN)) return;
      last = at;
      const text = shown ? stepText(shown, begun, at - begun.at, isTerminal) : (step as string);
      // A line that runs over the edge would not be drawn over.
      stream.write(isTerminal ? `\r\u001b[K${cut(text, (stream.columns ?? 80) - 1)}` : `${text}\n`);
    },
    done() {
      if (isTerminal) stream.write('\r\u001b[K');
    },
  };
}

function stepText(step: Step, begun: Step, milliseconds: number, withBar: boolean): string {
  const { what, doing, count, unit = 'rows', share } = step;
  const rate = milliseconds < RATE_MILLISECONDS_MIN ? 0 : ((count - begun.count) / milliseconds) * 1_000;
  const gained = (share ?? 0) - (begun.share ?? 0);
  const left =
    share !== undefined && gained > 0 && milliseconds >= RATE_MILLISECONDS_MIN
      ? (milliseconds * (1 - share)) / gained
      : undefined;
  const filled = Math.round(BAR_PLACES * Math.min(1, share ?? 0));
  return [
    doing ? `${what}: ${doing}` : what,
    // In ASCII: Chinese terminals give other bars two places.
    ...(share !== undefined && withBar ? [`[${'#'.repeat(filled)}${'-'.repeat(BAR_PLACES - filled)}]`] : []),
    ...(share === undefined ? [] : [`${Math.floor(Math.min(1, share) * 100)} %`]),
    `${grouped(count)} ${unit}`,
    ...(rate >= 1 ? [`${grouped(Math.round(rate))} ${unit}/s`] : []),
    ...(left === undefined ? [] : [`${clock(left)} left`]),
  ].join(withBar ? '  ' : ', ');
}

/** `1,234,567` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** `0:42`, `1:02:05` */
function clock(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** What Chinese terminals give it. */
const ELLIPSIS_PLACES = 2;

/** The beginning of a text that fits into so many places of a terminal. */
export function cut(text: string, places: number): string {
  if (width(text) <= places) return text;
  let kept = '';
  let taken = 0;
  for (const character of text) {
    taken += width(character);
    if (taken > places - ELLIPSIS_PLACES) break;
    kept += character;
  }
  return `${kept}…`;
}
