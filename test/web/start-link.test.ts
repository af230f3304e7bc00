import { savedQueries } from '../../src/web/saved-queries';
import { readStartLink, tokenCommand, withExamples, withLinked } from '../../src/web/start-link';

test.each([
  [
    '#purpose=CASE_INVESTIGATION&case=%E3%80%942026%E3%80%9512%E5%8F%B7',
    { purpose: 'CASE_INVESTIGATION', case: '〔2026〕12号' },
  ],
  ['idNumber=1&institution=P1', { idNumber: '1', institution: 'P1' }],
  ['#token=secret&idNumber=', {}],
  ['', {}],
])('the fragment %j says %j', (fragment, link) => {
  expect(readStartLink(fragment)).toEqual(link);
});

test('examples stand in for a query\u2019s own, where it has such a variable', () => {
  const shown = withExamples(savedQueries, { idNumber: '349711194705193140', institution: 'P9' });
  expect(Object.fromEntries(shown.map(({ operation, variables }) => [operation, variables]))).toMatchObject({
    OnePerson: { idNumber: '349711194705193140' },
    Findings: { state: 'OPEN', first: 20 },
    OneFinding: { id: '0'.repeat(32) },
    InstitutionClaims: { institution: 'P9', first: 50 },
    OurDeliveries: { first: 20 },
  });
  expect(withExamples(savedQueries, {})).toEqual(savedQueries);
});

test.each([
  ['fills what is empty', { token: '', purpose: '', caseNumber: '' }, { token: '', purpose: 'A', caseNumber: '1' }],
  [
    'leaves what was entered',
    { token: 't', purpose: 'B', caseNumber: '' },
    { token: 't', purpose: 'B', caseNumber: '' },
  ],
])('a link %s', (_, entered, shown) => {
  expect(withLinked(entered, { purpose: 'A', case: '1' })).toEqual(shown);
});

test.each([
  ['CASE_INVESTIGATION', 'CASE_INVESTIGATION'],
  ['', 'FUND_SUPERVISION'],
  ['X; rm -rf ~', 'FUND_SUPERVISION'],
])('the command for the purpose %j is for %s: what a link brings never stands in a command', (given, purpose) => {
  expect(tokenCommand(given)).toBe(`npx heyan token --agency <agency> --purpose ${purpose}`);
});
