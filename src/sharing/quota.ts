/**
 * Persons per day: an agreement may limit how many persons its agency reaches on one civil day. A person reached again that day counts once;
 * every key of a person counts, since a bureau cannot tell which keys are one person's.
 */
import type { Pool } from 'pg';
import type { Agreement } from './agreement';
import type { Refusal } from './decide';

export interface Quota {
  /** Agreements of these whose persons of the day are used up. */
  exhausted(agreements: readonly Agreement[], day: string): Promise<ReadonlySet<string>>;
  /** Counts persons, by key in hex, and answers with the first agreement that allows no more of them; then nothing may be answered. */
  take(agreements: readonly Agreement[], day: string, persons: readonly string[]): Promise<Agreement | undefined>;
}

/** The agreements of these that count persons. */
export function counting(agreements: readonly Agreement[], ids: readonly string[]): Agreement[] {
  return agreements.filter(({ id, personsPerDay }) => personsPerDay !== null && ids.includes(id));
}

/** Why nothing is answered when an agreement allows no more persons today. */
export function usedUp({ provider, personsPerDay }: Agreement, purpose: string): Refusal {
  const apply = `Persons of today under this agreement: at most ${personsPerDay}. Ask ${provider} for more per day for purpose ${purpose}, or go on tomorrow`;
  return { field: '*', verb: '', provider, reason: 'QUOTA', apply };
}

/** The count kept in the database, for every process. */
export function quotaIn(pool: Pool): Quota {
  return {
    async exhausted(agreements, day) {
      const { rows } = await pool.query<{ id: string }>(
        `select given.id from unnest($1::text[], $2::int[]) given(id, most)
         where (select count(*) from sharing.person_of_day p where p.agreement = given.id and p.day = $3) >= given.most`,
        [agreements.map(({ id }) => id), agreements.map(({ personsPerDay }) => personsPerDay), day],
      );
      return new Set(rows.map(({ id }) => id));
    },
    async take(agreements, day, persons) {
      if (persons.length === 0) return undefined;
      for (const agreement of agreements) {
        const { rows } = await pool.query<{ fits: boolean }>('select sharing.take_persons($1, $2, $3, $4) as fits', [
          agreement.id,
          day,
          persons,
          agreement.personsPerDay,
        ]);
        if (!rows[0]?.fits) return agreement;
      }
      return undefined;
    },
  };
}
