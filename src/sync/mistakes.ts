/** How mistakes in settings are found and told: all of them at once, each with what could have been meant. */
import { suggestionList } from 'graphql/jsutils/suggestionList';
import { z } from 'zod';

/** Lets a check look at an object in which mistakes were found already: zod would keep it back until those are mended. */
export const ofObjects = {
  when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** An object of settings of these names; any other name is a mistake of its own, in the words of `says`. */
export function named<Shape extends z.ZodRawShape>(shape: Shape, says: (name: string) => string) {
  return z.looseObject(shape, 'write its settings below it, indented').superRefine((value, context) => {
    for (const name of Object.keys(value))
      if (!Object.hasOwn(shape, name)) context.addIssue({ code: 'custom', path: [name], message: says(name) });
  }, ofObjects);
}

/** "did you mean …?", or else all there are. */
export function orWhich(name: string, known: readonly string[], they: string): string {
  const near = suggestionList(name, known).slice(0, 3);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `${they} ${known.join(', ')}`;
}

/** A setting that is none, with the ones that are near. */
export function noSuchSetting(known: Readonly<Record<string, unknown>>): (name: string) => string {
  return (name) => `no such setting: ${orWhich(name, Object.keys(known), 'there are')}`;
}
