/** Contributions that the tax bureau collects. */
import type { Bureau } from '../bureau';
import { feedOf } from '../feed';
import { filedPerson, personPart } from '../person';
import { placesOf } from '../places';
import { Contribution } from './contribution';
import { paidFor } from './paid-for';

const { Person, resolver } = personPart(Contribution, {
  field: 'contributions',
  order: { sql: 'r.period', type: 'text', newestFirst: true, reads: ['period'] },
});

export const bureau: Bureau = {
  name: 'contribution',
  records: [Contribution],
  resolvers: [
    resolver,
    paidFor(Person),
    filedPerson(Contribution, Person),
    placesOf(Contribution, Person),
    feedOf(Contribution, 'contribution'),
  ],
};
