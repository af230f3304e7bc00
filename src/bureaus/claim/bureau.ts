/** Settled claims and their lines. */
import type { Bureau } from '../bureau';
import { feedOf } from '../feed';
import { filedPerson, personPart } from '../person';
import { placesOf } from '../places';
import { Claim } from './claim';
import { ClaimLine } from './claim-line';
import { BY_DAY_OF_CARE, ClaimResolver, claimPerson } from './lists';

const { Person, resolver } = personPart(Claim, { field: 'claims', order: BY_DAY_OF_CARE });

export const bureau: Bureau = {
  name: 'claim',
  records: [Claim, ClaimLine],
  resolvers: [
    resolver,
    filedPerson(Claim, Person),
    placesOf(Claim, Person),
    claimPerson(Person),
    ClaimResolver,
    feedOf(Claim, 'claim'),
    feedOf(ClaimLine, 'claimLine'),
  ],
};
