/** The twenty operations that every client and every shape of a hub answers alike, over the small city. */
import { FUND_SUPERVISION } from '../../src/hub/codes';
import { HOSPITAL, JIA, keyOf, YI } from './small-city';

export interface Operation {
  name: string;
  query: string;
  variables?: Record<string, unknown>;
  /** The case investigation unless told. */
  purpose?: string;
}

const PERSON = { n: JIA.number };
const FEED = 'first: 5) { changes { seq op record { sourceId updatedAt } } endCursor hasNextPage }';

export const OPERATIONS: readonly Operation[] = [
  { name: 'the root alone', query: '{ __typename }' },
  { name: 'by number', query: 'query A($n: String!) { person(idNumber: $n) { id name idNumber } }', variables: PERSON },
  { name: 'by key', query: 'query B($k: ID!) { person(id: $k) { name } }', variables: { k: keyOf(YI.number) } },
  {
    name: 'seven registers',
    query: `query C($n: String!) { person(idNumber: $n) {
      id household { sourceId status birthDate } deaths { sourceId deathDate } enrollments { sourceId scheme startDate }
      retirements { sourceId pension } contributions(first: 5) { edges { node { sourceId amount } } }
      povertyMonitoring { sourceId category } claims(first: 5) { edges { node { sourceId pooledPaid } } } } }`,
    variables: PERSON,
  },
  {
    name: 'many persons',
    query: 'query D($i: [ID!]!) { persons(ids: $i) { id name deaths { deathDate } } }',
    variables: { i: [keyOf(JIA.number), keyOf(YI.number)] },
  },
  {
    name: 'aliases',
    query: 'query E($n: String!) { one: person(idNumber: $n) { called: name } two: person(idNumber: $n) { id } }',
    variables: PERSON,
  },
  {
    name: 'fragments',
    query:
      'query F($n: String!) { person(idNumber: $n) { ...Died } } fragment Died on Person { deaths { source status } }',
    variables: PERSON,
  },
  {
    name: 'include and skip',
    query:
      'query G($n: String!, $y: Boolean!) { person(idNumber: $n) { name @include(if: $y) idNumber @skip(if: $y) } }',
    variables: { ...PERSON, y: true },
  },
  { name: 'one claim', query: '{ claim(sourceId: "JS1") { sourceId serviceDate pooledPaid totalAmount } }' },
  { name: 'no such claim', query: '{ claim(sourceId: "NONE") { sourceId } }' },
  {
    name: 'claims of an institution',
    query:
      'query H($h: String!) { claims(institutionCode: $h, first: 3) { edges { cursor node { sourceId claimType } } pageInfo { hasNextPage endCursor } } }',
    variables: { h: HOSPITAL },
  },
  {
    name: 'claims within days',
    query:
      'query I($h: String!, $f: Date, $t: Date) { claims(institutionCode: $h, from: $f, to: $t) { edges { node { sourceId serviceDate person { id } } } } }',
    variables: { h: HOSPITAL, f: '2026-01-01', t: '2026-01-02' },
  },
  {
    name: 'one-bit answers',
    query:
      'query J($n: String!) { person(idNumber: $n) { aliveOn(date: "2026-04-01") insuredOn(date: "2026-04-01", scheme: RESIDENT) } }',
    variables: PERSON,
  },
  {
    name: 'a chain of bureaus',
    query: 'query K($s: ID!) { claim(sourceId: $s) { person { household { status } deaths { deathDate } } } }',
    variables: { s: 'JS2' },
  },
  { name: 'findings', query: '{ findings(first: 5) { edges { node { id subject amount state rule { code } } } } }' },
  { name: 'the rules', query: '{ rules { code title titleZh } }' },
  { name: 'feed of deaths', query: `{ deathChanges(${FEED} }`, purpose: FUND_SUPERVISION },
  { name: 'feed of claims', query: `{ claimChanges(${FEED} }`, purpose: FUND_SUPERVISION },
  {
    name: 'feed from a cursor',
    query: `query L($a: String) { claimChanges(after: $a, ${FEED} }`,
    variables: { a: '3' },
    purpose: FUND_SUPERVISION,
  },
  { name: 'the graph itself', query: '{ __schema { queryType { name } types { name kind } } }' },
];
