/** One person across all seven bureaus, over HTTP, by 16 connections at once: measured once for `person` and `person-peer`. */
import { CASE_INVESTIGATION } from '../../src/hub/codes';
import { personBodies } from './queries';
import type { Stage } from './stage';
import { CONNECTIONS, type Served } from './traffic';
import { type Question, type Turns, underLoad } from './under-load';

const PERSONS = 200;

/** Of two hundred persons in turn. */
const ONE_PERSON: Question = {
  bodies: (database) => personBodies(database, PERSONS),
  purpose: CASE_INVESTIGATION,
};

const TURNS: Turns = { rounds: 11, seconds: 1, connections: CONNECTIONS };
const SIDES = ['heyan', 'bare', 'peer'] as const;

type Persons = Record<(typeof SIDES)[number], Served[]>;

const measured = new WeakMap<Stage, Promise<Persons>>();

/** The rounds of this run: the first who asks has them measured. */
export function persons(stage: Stage): Promise<Persons> {
  const known =
    measured.get(stage) ?? underLoad(stage, SIDES, ONE_PERSON, [TURNS]).then(([rounds]) => rounds as Persons);
  measured.set(stage, known);
  return known;
}
