/**
 * The cross-check, measured once for `check` and `check-delta`: over two hundred thousand claims and over two million, everyone and one late
 * certificate of death at a time, beside one bare `count(*)` per rule over the joins it needs.
 */
import { millisecondsOf, ROUNDS, type Rounds } from './figure';
import { JOINS } from './joins';
import { type City, openCities } from './matching-city';
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
  const { tenth, whole } = await openCities(stage);
  const taken: Checks = { full: { ours: [], other: [] }, fullOfTenth: [], delta: [], deltaOfTenth: [] };
  const parts = [
    async () => taken.full.ours.push(await checkAll(whole)),
    async () => taken.full.other.push(await countAll(whole)),
    async () => taken.fullOfTenth.push(await checkAll(tenth)),
    async () => taken.deltaOfTenth.push(await learn(tenth)),
    async () => taken.delta.push(await learn(whole)),
  ];
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const part of round % 2 ? parts.toReversed() : parts) await part();
    return taken;
  } finally {
    for (const city of [tenth, whole]) await city.close();
  }
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
