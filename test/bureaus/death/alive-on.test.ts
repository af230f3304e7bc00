import { type Document, judge } from '../../../src/bureaus/death/alive-on';

const NAME = 'aa';
const valid = (day: string, precision = 'DAY', name = NAME): Document => [day, precision, 'VALID', name];
const voided = (day: string): Document => [day, 'DAY', 'VOIDED', NAME];

/** The register's word: an active entry, one that is not, or none at all. */
const REGISTERED = { active: [[NAME], true], cancelled: [[NAME], false], unknown: [[], false] } as const;

test.each<[string, keyof typeof REGISTERED, Document[], string, string]>([
  ['no document, registered', 'active', [], '2026-03-10', 'YES'],
  ['no document, no longer registered', 'cancelled', [], '2026-03-10', 'UNKNOWN'],
  ['no document, never registered', 'unknown', [], '2026-03-10', 'UNKNOWN'],
  ['no document, and the register of deaths is not complete to that day', 'active', [], '2026-07-01', 'UNKNOWN'],
  ['dead before', 'active', [valid('2026-03-10')], '2026-03-11', 'NO'],
  ['dead before, after the last delivery', 'active', [valid('2026-03-10')], '2026-07-01', 'NO'],
  ['dead that very day', 'active', [valid('2026-03-10')], '2026-03-10', 'UNKNOWN'],
  ['dead later', 'cancelled', [valid('2026-03-10')], '2026-03-09', 'YES'],
  ['dead, and never registered', 'unknown', [valid('2026-03-10')], '2026-03-11', 'NO'],
  ['dead some time that month', 'active', [valid('2026-03-01', 'MONTH')], '2026-03-20', 'UNKNOWN'],
  ['dead some time the month before', 'active', [valid('2026-02-01', 'MONTH')], '2026-03-01', 'NO'],
  ['dead some time the month after', 'active', [valid('2026-04-01', 'MONTH')], '2026-03-31', 'YES'],
  ['dead some time that year', 'active', [valid('2026-01-01', 'YEAR')], '2026-03-20', 'UNKNOWN'],
  ['dead some time the year before', 'active', [valid('2025-01-01', 'YEAR')], '2026-01-01', 'NO'],
  ['a voided document counts for nothing', 'active', [voided('2026-03-10')], '2026-03-11', 'YES'],
  ['a voided and a valid one', 'active', [voided('2026-03-10'), valid('2026-05-01')], '2026-03-11', 'YES'],
  ['under another name', 'active', [valid('2026-03-10', 'DAY', 'bb')], '2026-03-11', 'UNKNOWN'],
  [
    'one of two under another name',
    'active',
    [valid('2026-03-10'), valid('2026-03-10', 'DAY', 'bb')],
    '2026-03-11',
    'UNKNOWN',
  ],
  [
    'two that differ, asked between them',
    'active',
    [valid('2026-03-10'), valid('2026-05-10')],
    '2026-04-01',
    'UNKNOWN',
  ],
  ['two that differ, asked after both', 'active', [valid('2026-03-10'), valid('2026-05-10')], '2026-05-11', 'NO'],
])('%s: %s, %j, on %s is %s', (_, registered, rows, date, expected) => {
  const [registeredNames, registeredActive] = REGISTERED[registered];
  const known = { rows, completeTo: '2026-06-30', isPartial: false };
  expect(judge(known, { registeredNames, registeredActive }, date)).toBe(expected);
});

test('where documents of other districts are not shown, nobody is said to be alive for want of one', () => {
  const partial = { rows: [], completeTo: '2026-06-30', isPartial: true };
  expect(judge(partial, { registeredNames: [NAME], registeredActive: true }, '2026-03-10')).toBe('UNKNOWN');
});
