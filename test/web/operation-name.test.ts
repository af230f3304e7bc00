import { underItsOwnName } from '../../src/web/operation-name';

const one = 'query One { __typename }';
const two = `${one} mutation Two { __typename } fragment Three on Query { __typename }`;

test.each([
  ['the name in the text stays', one, 'One', 'One'],
  ['the name of the text that stood there before gives way', one, 'Before', 'One'],
  ['the only operation needs no choosing', one, undefined, 'One'],
  ['one without a name loses the name of the text before', '{ __typename }', 'Before', undefined],
  ['the one chosen of several stays', two, 'Two', 'Two'],
  ['none of several is chosen for the reader', two, 'Before', undefined],
  ['a fragment is no operation', two, 'Three', undefined],
  ['a text that does not parse goes as it is, for the hub to say where', 'query {', 'Before', 'Before'],
  ['no text goes as it is', '', 'Before', 'Before'],
])('%s', (_, query, operationName, expected) => {
  const sent = { query, operationName, variables: { a: 1 } };
  expect(underItsOwnName(sent)).toEqual({ ...sent, operationName: expected });
});
