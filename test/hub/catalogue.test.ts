import { parse } from 'graphql';
import { recordKinds } from '../../src/bureaus/bureau';
import { composedGraph } from '../../src/cli/compose';
import { catalogueOf } from '../../src/hub/catalogue';
import { foundingTerms } from '../../src/hub/founding-terms';
import { mistakesOf } from '../../src/sharing/terms';

describe('the catalogue of the composed graph', () => {
  const catalogue = catalogueOf(parse(composedGraph()));
  const kindOf = (kind: string) => catalogue.kinds.find((known) => known.kind === kind);
  const fieldOf = (kind: string, field: string) => kindOf(kind)?.fields.find(({ name }) => name === field);

  test('has every kind of record and findings, each with its provider and whether it has districts', () => {
    const known = recordKinds().map(({ kind, provider, district }) => [kind, provider, district !== undefined]);
    expect(catalogue.kinds.map(({ kind, provider, hasDistricts }) => [kind, provider, hasDistricts])).toEqual(
      expect.arrayContaining([...known, ['finding', 'medical-insurance-supervision', false]]),
    );
  });

  test('has every field that records show, under its name, and none that is hidden', () => {
    for (const { kind, fields } of recordKinds()) {
      const names = kindOf(kind)?.fields.map(({ name }) => name) ?? [];
      expect(names).toEqual(
        expect.arrayContaining(['sourceId', ...fields.filter(({ hidden }) => !hidden).map(({ name }) => name)]),
      );
      expect(fields.filter(({ hidden, name }) => hidden && names.includes(name)).map(({ name }) => name)).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test.each([
    ['death', 'deathDate', ['PLAIN', 'YEAR'], false],
    ['death', 'name', ['PLAIN', 'PARTIAL'], false],
    ['death', 'idNumber', ['PLAIN', 'PARTIAL'], false],
    ['death', 'status', ['PLAIN'], false],
    ['death', 'sourceId', ['PLAIN'], false],
    ['death', 'person', ['PLAIN'], false],
    ['claim', 'totalAmount', ['PLAIN'], false],
    ['finding', 'amount', ['PLAIN'], false],
    ['death', 'aliveOn', ['PLAIN'], true],
    ['household', 'aliveOn', ['PLAIN'], true],
    ['enrollment', 'insuredOn', ['PLAIN'], true],
    // A date of the record and a one-bit answer in one name: the verb tells which is granted.
    ['retirement', 'retiredOn', ['PLAIN', 'YEAR'], false],
    ['contribution', 'paidFor', ['PLAIN'], true],
    ['poverty', 'monitoredOn', ['PLAIN'], true],
  ])('%s.%s may be shown %j; a one-bit answer: %s', (kind, field, masks, isAnswer) => {
    expect(fieldOf(kind, field)).toEqual({ name: field, masks, isAnswer });
  });

  test('knows provinces and days, and the founding agreements can stand by it', () => {
    expect([catalogue.isProvince('34'), catalogue.isProvince('99'), catalogue.isDay('2026-02-29')]).toEqual([
      true,
      false,
      false,
    ]);
    const terms = foundingTerms('2026-06-30');
    expect(terms.length).toBeGreaterThan(5);
    expect(terms.flatMap((one) => mistakesOf(one, catalogue))).toEqual([]);
  });
});
