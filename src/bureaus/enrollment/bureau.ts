/** Enrolment in medical insurance. */
import type { Bureau } from '../bureau';
import { feedOf } from '../feed';
import { filedPerson, personPart } from '../person';
import { placesOf } from '../places';
import { Enrollment } from './enrollment';
import { insuredOn } from './insured-on';

const { Person, resolver } = personPart(Enrollment, { field: 'enrollments' });

export const bureau: Bureau = {
  name: 'enrollment',
  records: [Enrollment],
  resolvers: [
    resolver,
    insuredOn(Person),
    filedPerson(Enrollment, Person),
    placesOf(Enrollment, Person),
    feedOf(Enrollment, 'enrollment'),
  ],
};
