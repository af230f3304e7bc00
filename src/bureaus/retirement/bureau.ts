/** Retirement and pensions. */
import type { Bureau } from '../bureau';
import { feedOf } from '../feed';
import { filedPerson, personPart } from '../person';
import { retiredOn } from './retired-on';
import { Retirement } from './retirement';

const { Person, resolver } = personPart(Retirement, { field: 'retirements' });

export const bureau: Bureau = {
  name: 'retirement',
  records: [Retirement],
  resolvers: [resolver, retiredOn(Person), filedPerson(Retirement, Person), feedOf(Retirement, 'retirement')],
};
