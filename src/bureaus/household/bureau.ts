/** The household register of the public security bureau. */
import type { Bureau } from '../bureau';
import type { BureauContext } from '../context';
import { feedOf } from '../feed';
import { filedPerson } from '../person';
import { placesOf } from '../places';
import { Household } from './household';
import { findPerson, found, HouseholdPerson, HouseholdPersonResolver, RegistrationResolver } from './person';
import { settleNumbers } from './settle-numbers';

export const bureau: Bureau = {
  name: 'household',
  records: [Household],
  settle: settleNumbers,
  resolvers: [
    HouseholdPersonResolver,
    RegistrationResolver,
    filedPerson(Household, HouseholdPerson),
    placesOf(
      Household,
      HouseholdPerson,
      async (person: HouseholdPerson, context) => (await found(person, context)).keys,
    ),
    feedOf(Household, 'household'),
  ],
  references: { Person: ({ id }: { id: string }, context: BureauContext) => findPerson(id, context) },
};
