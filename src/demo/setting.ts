/** What every part of the city needs to know while it is being made: chance, the day, the places, and the files it goes into. */
import type { Delivery } from './delivery';
import type { Institution } from './institutions';
import type { NumberOffice } from './numbers';
import type { Random } from './random';

export interface Setting {
  random: Random;
  /** The day for which the city stands, as a day number; nothing in it happens later. */
  today: number;
  institutions: readonly Institution[];
  employers: readonly string[];
  numbers: NumberOffice;
  delivery: Delivery;
  /** The running number of the next household. */
  nextHousehold: number;
  /** Ordinary claims per person are the natural number times this. */
  claimsFactor: number;
}

/** Days of claims and contributions that the bureaus hand over: eighteen months. */
export const HISTORY_DAYS = 548;
