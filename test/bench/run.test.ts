import type { Figure } from './figure';
import { run } from './run';
import type { Stage } from './stage';

const figure = (name: string, ratio: number, target: Figure['target']): Figure => ({
  name,
  ours: '1 a/s',
  other: '2 a/s',
  ratio,
  target,
});

let closed = 0;
const open = async () => ({ close: async () => void closed++ }) as Stage;

async function outcome(names: string[], figures: Record<string, Figure[]>): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const benchmarks = Object.fromEntries(
    Object.entries(figures).map(([name, given]) => [name, async () => ({ figures: given, notes: ['why'] })]),
  );
  return { code: await run(names, (line) => lines.push(line), { benchmarks, open }), lines };
}

const fast = figure('fast', 4.125, { atLeast: 4 });
const small = figure('small', 1.5, { atMost: 1.5 });

test.each([
  ['every figure in one line, and 0 when all are met', [], { fast: [fast], small: [small] }, 0, [
    'fast: 1 a/s, 2 a/s, 4.13, >= 4, ok', '  why', 'small: 1 a/s, 2 a/s, 1.50, <= 1.5, ok', '  why',
  ]],
  ['only those that are named', ['small'], { fast: [fast], small: [small] }, 0, ['small: 1 a/s, 2 a/s, 1.50, <= 1.5, ok', '  why']],
  ['where time goes is not said unless it is asked for', [], { fast: [fast], profile: [small] }, 0, ['fast: 1 a/s, 2 a/s, 4.13, >= 4, ok', '  why']],
  ['and then it is', ['profile'], { fast: [fast], profile: [] }, 0, ['  why']],
  ['1 when one is short', [], { fast: [{ ...fast, ratio: 3.99 }, small] }, 1, [
    'fast: 1 a/s, 2 a/s, 3.99, >= 4, short', 'small: 1 a/s, 2 a/s, 1.50, <= 1.5, ok', '  why',
  ]],
  ['1 when a ratio is no number', [], { fast: [{ ...fast, ratio: Number.NaN }] }, 1, ['fast: 1 a/s, 2 a/s, NaN, >= 4, short', '  why']],
  ['2 for a name that is unknown, and nothing is run', ['fast', 'slow'], { fast: [fast] }, 2, ['slow is no benchmark: there are fast']],
] as const)('%s', async (_name, names, figures, code, lines) => {
  expect(await outcome([...names], figures as unknown as Record<string, Figure[]>)).toEqual({ code, lines });
}); // biome-ignore format: tables

test('what was started is ended, also when a benchmark fails', async () => {
  closed = 0;
  const failing = { broken: () => Promise.reject(new Error('broken')) };
  await expect(run([], () => {}, { benchmarks: failing, open })).rejects.toThrow('broken');
  expect(closed).toBe(1);
});
