import { findingIn, forFinding, isAboutFinding, personOfFirstFinding, receiptOf } from '../../src/web/answer';
import { savedQueries } from '../../src/web/saved-queries';

const finding = (id: string | null) => ({ node: { person: id && { id } } });
const list = (...edges: object[]) => JSON.stringify({ data: { findings: { edges } } });

describe('personOfFirstFinding', () => {
  test.each([
    ['the first', list(finding('aa'), finding('bb')), 'aa'],
    ['the first that has a person', list(finding(null), finding('bb')), 'bb'],
    ['none found', list(), null],
    ['another answer', JSON.stringify({ data: { person: null } }), null],
    ['a refusal', JSON.stringify({ data: null, errors: [] }), null],
    ['no answer yet', '', null],
  ])('%s', (_, text, person) => {
    expect(personOfFirstFinding(text)).toBe(person);
  });
});

describe('findingIn', () => {
  const one = { id: 'aa', version: 3 };
  test.each([
    ['the first of a list', list({ node: one }, { node: { id: 'bb', version: 1 } }), { ...one, isFirstOfList: true }],
    ['the one asked for', JSON.stringify({ data: { finding: one } }), { ...one, isFirstOfList: false }],
    ['the first taken up', JSON.stringify({ data: { takeUpFindings: [one] } }), { ...one, isFirstOfList: false }],
    ['the first decided', JSON.stringify({ data: { decideFindings: [one] } }), { ...one, isFirstOfList: false }],
    ['the first given back', JSON.stringify({ data: { giveBackFindings: [one] } }), { ...one, isFirstOfList: false }],
    ['an empty list', list(), null],
    ['nobody’s', JSON.stringify({ data: { finding: null } }), null],
    ['one without its version', JSON.stringify({ data: { finding: { id: 'aa' } } }), null],
    ['a refusal', JSON.stringify({ data: null, errors: [] }), null],
    ['no answer yet', '', null],
  ])('%s', (_, text, shown) => {
    expect(findingIn(text)).toEqual(shown);
  });
});

test('a finding stands in for the example of every query that is about one, and of no other', () => {
  const shown = { id: 'aa', version: 3, isFirstOfList: false };
  const about = savedQueries.filter(isAboutFinding);
  expect(about.map((saved) => [saved.operation, forFinding(saved, shown)])).toEqual([
    ['OneFinding', { id: 'aa' }],
    ['RecordsBehind', { id: 'aa' }],
    ['WhoReadThisPerson', { id: 'aa' }],
    ['TakeUpFindings', { findings: [{ id: 'aa', version: 3 }] }],
    ['DecideFindings', { findings: [{ id: 'aa', version: 3 }], outcome: 'UNDETERMINED', reason: '' }],
    ['GiveBackFindings', { findings: [{ id: 'aa', version: 3 }] }],
  ]);
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
