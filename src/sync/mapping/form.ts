/**
 * What may be written under `mapping:` of a kind, checked against what the kind's columns hold, so that a wrong code table is found when the
 * program starts and not in the night.
 */
import { z } from 'zod';
import type { RecordKind } from '../../bureaus/record';
import { Fault, readerOf } from '../forms';
import { named, ofObjects, orWhich } from '../mistakes';
import { keysUnder } from '../number-keys';
import type { ColumnMapping, Mapping } from '../setting';
import { type ExchangeColumn, exchangeColumns } from './columns';
import { dateReader } from './date-pattern';

const NAME_CHARACTERS_MAX = 200;
const VALUE_CHARACTERS_MAX = 500;
const CODES_MAX = 5_000;

/** Judges identity numbers only: no key is made from what a setting says. */
const noKeys = keysUnder(Buffer.alloc(16), 16);

/** The mapping of one kind. */
export function mappingForm(kind: RecordKind): z.ZodType<Mapping> {
  const columns = exchangeColumns(kind);
  const names = columns.map(({ column }) => column);
  return named(
    Object.fromEntries(columns.map((column) => [column.column, columnForm(column).optional()])),
    (name) => `${kind.kind} has no column ${name}: ${orWhich(name, names, 'its columns are')}`,
  ) as unknown as z.ZodType<Mapping>;
}

function columnForm(exchange: ExchangeColumn): z.ZodType<ColumnMapping> {
  const value = z
    .string()
    .max(VALUE_CHARACTERS_MAX)
    .superRefine((text, context) => {
      const fault = valueFault(text, exchange);
      if (fault) context.addIssue({ code: 'custom', message: `${exchange.column} ${fault}` });
    });
  const form = z
    .strictObject({
      column: z.string().min(1).max(NAME_CHARACTERS_MAX).optional(),
      constant: value
        .superRefine((text, context) => {
          const fault = constantFault(text, exchange);
          if (fault) context.addIssue({ code: 'custom', message: fault });
        })
        .optional(),
      codes: z
        .record(z.string().max(VALUE_CHARACTERS_MAX), value)
        .superRefine((codes, context) => {
          if (Object.keys(codes).length > CODES_MAX)
            context.addIssue({ code: 'custom', message: `more than ${CODES_MAX} codes` });
        })
        .optional(),
      otherwise: value.optional(),
      date: z
        .string()
        .min(1)
        .max(100)
        .superRefine((pattern, context) => {
          const fault = dateReader(pattern, exchange.form);
          if (typeof fault === 'string') context.addIssue({ code: 'custom', message: `${pattern} ${fault}` });
        })
        .optional(),
    })
    .superRefine((said, context) => {
      for (const [name, message] of Object.entries(togetherFaults(said, exchange)))
        context.addIssue({ code: 'custom', path: [name], message });
    }, ofObjects);
  return z.preprocess((written) => (typeof written === 'string' ? { column: written } : written), form);
}

/** What cannot stand together, or not alone, by the setting that is at fault. */
function togetherFaults(said: ColumnMapping, { form }: ExchangeColumn): Record<string, string> {
  const { column, constant, codes, otherwise, date } = said;
  const faults: Record<string, string> = {};
  if (column === undefined && constant === undefined)
    faults.column = 'write the name of the foreign column, or a constant';
  if (constant !== undefined) {
    const beside = Object.entries({ column, codes, otherwise, date }).filter(([, value]) => value !== undefined);
    for (const [name] of beside) faults[name] = 'a constant is the same for every row: write one of the two';
    return faults;
  }
  if (otherwise !== undefined && !codes) faults.otherwise = 'says what other codes become, but there are no codes';
  if (otherwise !== undefined && date !== undefined)
    faults.otherwise = 'with a date, what the codes do not name is read as a date: take this out';
  const isDated = ['day', 'instant', 'month', 'period'].includes(form.form);
  if (codes && isDated && date === undefined)
    faults.codes = 'of a column of days names the exceptions only: write with date how the others are written';
  return faults;
}

function valueFault(text: string, { form }: ExchangeColumn): string | undefined {
  if (text === '') return undefined;
  const result = readerOf(form, noKeys)?.(text);
  return result instanceof Fault ? result.says : undefined;
}

/** A constant that would make one record, or one person, of all rows, or delete them all. */
function constantFault(text: string, { column, form }: ExchangeColumn): string | undefined {
  if (text === '') return 'an empty constant says nothing: take it out';
  if (column === 'source_id' || form.form === 'idNumber' || form.form === 'numberList')
    return `${column} is not the same for every row: name the foreign column`;
  return column === 'op' && text === 'D'
    ? 'would delete every record: leave op out, or name the foreign column'
    : undefined;
}
