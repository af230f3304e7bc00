/** Retirement and pensions. */
import type { Bureau } from '../bureau';
import { feedOf } from '../feed';
import { filedPerson, personPart } from '../person';
import { placesOf } from '../places';
import { retiredOn } from './retired-on';
import { Retirement } from './retirement';

const { Person, resolver } = personPart(Retirement, { field: 'retirements' });

export const bureau: Bureau = {
  name: 'retirement',
  records: [Retirement],
  resolvers: [
    resolver,
    retiredOn(Person),
    filedPerson(Retirement, Person),
    placesOf(Retirement, Person),
    feedOf(Retirement, 'retirement'),
  ],
};
