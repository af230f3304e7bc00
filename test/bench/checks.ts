/**
 * The cross-check, measured once for `check` and `check-delta`: over two hundred thousand claims and over two million, everyone and one late
 * certificate of death at a time, beside one bare `count(*)` per rule over the joins it needs.
 */
import { millisecondsOf, ROUNDS, type Rounds, sideBySide } from './figure';
import { JOINS } from './joins';
import { CITIES, type City, openCities, TENTH } from './matching-city';
import type { Stage } from './stage';

/** Milliseconds of each round. */
export interface Checks {
  /** All rules over the whole store, beside the bare counts. */
  full: Rounds<number>;
  /** All rules over a tenth of it. */
  fullOfTenth: number[];
  /** From delivery to findings, in the whole store and in a tenth of it. */
  delta: number[];
  deltaOfTenth: number[];
}

const measured = new WeakMap<Stage, Promise<Checks>>();

/** The rounds of this run: the first who asks has them measured. */
export function checks(stage: Stage): Promise<Checks> {
  const known = measured.get(stage) ?? measure(stage);
  measured.set(stage, known);
  return known;
}

async function measure(stage: Stage): Promise<Checks> {
  const city = await openCities(stage);
  try {
    await city.grow(TENTH);
    // What a first run writes, no other does: all the findings.
    await checkAll(city);
    const fullOfTenth = await times(ROUNDS, () => checkAll(city));
    const deltaOfTenth = await times(ROUNDS, () => learn(city));
    await city.grow(CITIES);
    await checkAll(city);
    const full = await sideBySide({ ours: () => checkAll(city), other: () => countAll(city) });
    return { full, fullOfTenth, delta: await times(ROUNDS, () => learn(city)), deltaOfTenth };
  } finally {
    await city.close();
  }
}

async function times(count: number, work: () => Promise<number>): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < count; round++) took.push(await work());
  return took;
}

async function learn(city: City): Promise<number> {
  return millisecondsOf(async () => {
    const { persons, rules } = await city.learnOfDeath();
    if (persons === null) throw new Error('everyone was checked for one death');
    if (!rules.some((rule) => 'opened' in rule && rule.opened > 0)) throw new Error('the death was found nowhere');
  });
}

/** Everyone, by every rule, until the findings stand. Throws when a rule was skipped. */
async function checkAll(city: City): Promise<number> {
  return millisecondsOf(async () => {
    const { rules } = await city.checkAll();
    const skipped = rules.find((rule) => 'skipped' in rule);
    if (skipped) throw new Error(`${skipped.rule} was skipped`);
    const strange = rules.find(({ rule }) => !Object.hasOwn(JOINS, rule));
    if (strange) throw new Error(`${strange.rule} has no bare joins here: say which it needs`);
  });
}

async function countAll({ hub }: City): Promise<number> {
  const client = await hub.database.pool.connect();
  try {
    await client.query(`set jit = off; set work_mem = '128MB'`);
    return await millisecondsOf(async () => {
      for (const joins of Object.values(JOINS)) await client.query(`select count(*) from ${joins}`);
    });
  } finally {
    client.release(true);
  }
}
