/**
 * Planted cases: people whose story must, or must not, become a finding. A case wishes for a life, adds what is doubtful about it, and says
 * what the rules make of that. The stories stand in doubtful.ts and traps.ts, one entry each.
 */
import { type Visit, writeClaim } from './claims';
import type { Life, Wish } from './histories';
import type { Institution } from './institutions';
import type { Random } from './random';
import type { Setting } from './setting';

/** The rules of the cross-check for which there are cases. */
export type Rule = 'D1' | 'D3' | 'D8' | 'E0' | 'T1' | 'P1';

/** A finding that must come out: the rule and the source key of its subject. */
export interface Planted {
  rule: Rule;
  subject: string;
}

/** A record that looks as if the rule should fire, and must not; `why` says why. */
export interface Trap extends Planted {
  why: string;
}

export interface Case {
  /** The story in one clause. */
  why: string;
  /** The life it needs, by the day for which the city stands; days in it are day numbers. */
  wish(today: number, random: Random): Wish;
  /** Adds the claims, and says what must come of them. */
  plant(scene: Scene): void;
}

/** One case being played. */
export interface Scene {
  setting: Setting;
  life: Life;
  /** The last day of life; no number when the person lives. */
  death: number;
  /** Source keys of the enrolments, in the order of the wish. */
  enrollments: readonly string[];
  /** An institution that keeps coming up. */
  suspect: Institution;
  /** Files a claim and gives its source key. */
  claim(visit: Visit): string;
  /** The rules fire on the subject. */
  fires(subject: string | undefined, ...rules: Rule[]): void;
  /** The rules do not fire on the subject, though they might seem to. */
  spares(subject: string | undefined, ...rules: Rule[]): void;
}

/** What has been planted so far. */
export interface Ledger {
  planted: Planted[];
  traps: Trap[];
}

/** Plays a case on a life already written to the registers, and enters what must come of it in the ledger. */
export function playCase(
  setting: Setting,
  played: Case,
  life: Life,
  enrollments: readonly string[],
  suspect: Institution,
  ledger: Ledger,
): void {
  const named = (subject: string | undefined): string => {
    if (subject === undefined) throw new Error(`the case "${played.why}" names a record that it does not have`);
    return subject;
  };
  played.plant({
    setting,
    life,
    death: life.death ?? Number.NaN,
    enrollments,
    suspect,
    // No personal account takes part in a planted claim, so that it says one thing.
    claim: (visit) => writeClaim(setting, life, visit),
    fires: (subject, ...rules) => {
      for (const rule of rules) ledger.planted.push({ rule, subject: named(subject) });
    },
    spares: (subject, ...rules) => {
      for (const rule of rules) ledger.traps.push({ rule, subject: named(subject), why: played.why });
    },
  });
}
