import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { personOfFirstFinding, receiptOf, savedQueries } from '../../src/web/saved-queries';

const schemaText = readFileSync(join(__dirname, '../../schema.graphql'), 'utf8');
const schema = buildSchema(schemaText, { assumeValid: true, assumeValidSDL: true });

describe.each(savedQueries)('$operation', ({ operation, query, variables, en, zh }) => {
  const document = parse(query);
  const [definition] = document.definitions;
  if (definition?.kind !== 'OperationDefinition') throw new Error(`${operation} does not begin with an operation`);

  test('is valid for the graph', () => {
    expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
  });

  test('its operation and tab have the same name', () => {
    expect(definition.name?.value).toBe(operation);
  });

  test('its variables are declared, and the required ones given', () => {
    const declared = definition.variableDefinitions ?? [];
    const required = declared.filter(({ type }) => type.kind === 'NonNullType');
    expect(declared.map(({ variable }) => variable.name.value)).toEqual(expect.arrayContaining(Object.keys(variables)));
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(required.map(({ variable }) => variable.name.value)));
  });

  test('has its title in both languages', () => {
    expect(en).toMatch(/[a-z]/);
    expect(zh).toMatch(/\p{Script=Han}/u);
  });
});

describe('personOfFirstFinding', () => {
  const finding = (id: string | null) => ({ node: { person: id && { id } } });
  const answer = (...edges: object[]) => JSON.stringify({ data: { findings: { edges } } });
  test.each([
    ['the first', answer(finding('aa'), finding('bb')), 'aa'],
    ['the first that has a person', answer(finding(null), finding('bb')), 'bb'],
    ['none found', answer(), null],
    ['another answer', JSON.stringify({ data: { person: null } }), null],
    ['a refusal', JSON.stringify({ data: null, errors: [] }), null],
    ['no answer yet', '', null],
  ])('%s', (_, text, person) => {
    expect(personOfFirstFinding(text)).toBe(person);
  });
});

describe('receiptOf', () => {
  test.each([
    ['an answer with one', JSON.stringify({ data: {}, extensions: { receipt: 'ab12' } }), 'ab12'],
    ['an answer without', JSON.stringify({ data: {} }), null],
    ['no answer yet', '', null],
  ])('%s', (_, text, receipt) => {
    expect(receiptOf(text)).toBe(receipt);
  });
});
