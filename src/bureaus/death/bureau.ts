/** Deaths, as civil affairs, the health commission and courts document them. */
import type { Bureau } from '../bureau';
import { feedOf } from '../feed';
import { filedPerson, personPart } from '../person';
import { Death } from './death';

const { Person, resolver } = personPart(Death, { field: 'deaths' });

export const bureau: Bureau = {
  name: 'death',
  records: [Death],
  resolvers: [resolver, filedPerson(Death, Person), feedOf(Death, 'death')],
};
