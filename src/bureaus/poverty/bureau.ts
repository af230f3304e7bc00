/** Households monitored against relapse into poverty. */
import type { Bureau } from '../bureau';
import { feedOf } from '../feed';
import { filedPerson, personPart } from '../person';
import { placesOf } from '../places';
import { monitoredOn } from './monitored-on';
import { PovertyMonitoring } from './poverty';

const { Person, resolver } = personPart(PovertyMonitoring, { field: 'povertyMonitoring' });

export const bureau: Bureau = {
  name: 'poverty',
  records: [PovertyMonitoring],
  resolvers: [
    resolver,
    monitoredOn(Person),
    filedPerson(PovertyMonitoring, Person),
    placesOf(PovertyMonitoring, Person),
    feedOf(PovertyMonitoring, 'poverty'),
  ],
};
