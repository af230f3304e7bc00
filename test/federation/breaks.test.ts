import { breaksBetween } from '../../src/federation/breaks';

const graph = (death: string) => `
  type Query { deaths(year: Int @tag(name: "open")): [Death!] @tag(name: "open") }
  type Death { ${death} }`;
const BEFORE = graph(
  'sourceId: ID! @tag(name: "kind/death")  day: Date @tag(name: "kind/death")  asked: Answer @tag(name: "kind/death") @tag(name: "as/aliveOn")  key: ID @inaccessible',
);

test.each<[string, string, object[]]>([
  ['nothing', BEFORE, []],
  ['a field more', graph(`${/\{ (.*) \}$/m.exec(BEFORE.split('\n')[2] as string)?.[1]} more: Int`), []],
  ['what callers never saw', BEFORE.replace('key: ID @inaccessible', ''), []],
  [
    'a field that is gone',
    BEFORE.replace('day: Date @tag(name: "kind/death")', ''),
    [{ field: 'Death.day', was: 'Date', is: null, grantedAs: 'death.day' }],
  ],
  [
    'a field of another type, granted under another name',
    BEFORE.replace('Answer', 'String'),
    [{ field: 'Death.asked', was: 'Answer', is: 'String', grantedAs: 'death.aliveOn' }],
  ],
  [
    'an argument that is gone',
    BEFORE.replace('(year: Int @tag(name: "open"))', ''),
    [{ field: 'Query.deaths(year:)', was: 'Int', is: null, grantedAs: null }],
  ],
])('what breaks: %s', (_, after, breaks) => {
  expect(breaksBetween(BEFORE, after)).toEqual(breaks);
});
