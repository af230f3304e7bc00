/** Deaths, as civil affairs, the health commission and courts document them. */
import { ID } from 'type-graphql';
import type { Bureau } from '../bureau';
import { feedOf } from '../feed';
import { filedPerson, personPart } from '../person';
import { placesOf } from '../places';
import { aliveOn } from './alive-on';
import { Death } from './death';

const { Person, resolver } = personPart(Death, {
  field: 'deaths',
  external: { registeredNames: [ID], registeredActive: Boolean },
});

export const bureau: Bureau = {
  name: 'death',
  records: [Death],
  resolvers: [resolver, aliveOn(Person), filedPerson(Death, Person), placesOf(Death, Person), feedOf(Death, 'death')],
};
