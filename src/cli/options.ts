/** Option values that several commands read. A wrong one is wrong usage: exit 2 with the right usage shown. */
import { InvalidArgumentError } from 'commander';
import { isDay } from '../bureaus/calendar';

export function dayOption(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('write a day that exists, as YYYY-MM-DD.');
  return text;
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`write a whole number from ${min} to ${max}.`);
    return value;
  };
}
