import { readToken } from '../../src/web/token';

const nothing = { agency: null, officer: null, expiresAt: null };

function tokenOf(claims: object): string {
  return `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
}

describe('readToken', () => {
  test.each([
    ['agency', { sub: 'tax' }, { ...nothing, agency: 'tax' }],
    ['agency and officer', { sub: 'tax', act: '王敏' }, { ...nothing, agency: 'tax', officer: '王敏' }],
    [
      'officer as an actor object',
      { sub: 'tax', act: { sub: '王敏' } },
      { ...nothing, agency: 'tax', officer: '王敏' },
    ],
    ['expiry', { exp: 1_782_777_600 }, { ...nothing, expiresAt: new Date('2026-06-30T00:00:00Z') }],
    ['claims of a wrong type', { sub: 7, exp: 'soon' }, nothing],
  ])('%s', (_, claims, facts) => {
    expect(readToken(tokenOf(claims))).toEqual(facts);
  });

  test.each(['', 'no-token', 'a.b.c', 'a.!!.c', 'a..c'])('no facts and no error from %j', (text) => {
    expect(readToken(text)).toEqual(nothing);
  });
});
