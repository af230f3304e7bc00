import { headersOf, type Reply, refusalOf } from '../../src/web/connection';

const credentials = { token: 'abc.def.ghi', purpose: 'FUND_SUPERVISION', caseNumber: '' };
const now = new Date('2026-06-30T00:00:00Z');
const expired = `x.${Buffer.from(JSON.stringify({ exp: now.getTime() / 1000 - 60 })).toString('base64url')}.y`;

function refused(code: string, message = 'no'): Reply {
  return { status: 200, answer: { data: null, errors: [{ message, extensions: { code } }] } };
}

describe('headersOf', () => {
  test.each([
    ['plain text as it is', 'CASE-7/2026', 'CASE-7/2026'],
    ['Chinese percent-encoded', '〔2026〕12号', '%E3%80%942026%E3%80%9512%E5%8F%B7'],
    ['a percent sign percent-encoded', '50%', '50%25'],
    ['a line break percent-encoded', 'a\nb', 'a%0Ab'],
    ['no header for no case', '', undefined],
  ])('%s', (_, caseNumber, header) => {
    expect(headersOf({ ...credentials, caseNumber })['x-case']).toBe(header);
  });

  test('token and purpose', () => {
    expect(headersOf(credentials)).toMatchObject({
      authorization: 'Bearer abc.def.ghi',
      'x-purpose': 'FUND_SUPERVISION',
    });
  });
});

describe('refusalOf', () => {
  test.each<[string, Reply, string, string, string]>([
    ['nobody answers', { status: 0, answer: null }, credentials.token, 'cannot be reached', '无法连接'],
    ['HTTP 401', { status: 401, answer: null }, credentials.token, 'Check that all of it was pasted', '令牌未被接受'],
    ['UNAUTHENTICATED', refused('UNAUTHENTICATED'), credentials.token, 'not accepted', '令牌未被接受'],
    ['an expired token', refused('UNAUTHENTICATED'), expired, 'it expired at', '失效'],
    ['no agreement', refused('NOT_SHARED'), credentials.token, 'the purpose FUND_SUPERVISION', '没有共享协议'],
    ['no audit', refused('AUDIT_UNAVAILABLE'), credentials.token, 'audit record', '审计记录'],
    ['anything else', refused('X', 'too deep'), credentials.token, 'too deep', 'too deep'],
    ['no GraphQL', { status: 502, answer: null }, credentials.token, 'HTTP 502', 'HTTP 502'],
  ])('%s', (_, reply, token, en, zh) => {
    const refusal = refusalOf(reply, { ...credentials, token }, now);
    expect(refusal?.en).toContain(en);
    expect(refusal?.zh).toContain(zh);
  });

  test('data is no refusal, even beside errors', () => {
    const answer = { data: { person: null }, errors: [{ message: 'late', extensions: { code: 'UNAVAILABLE' } }] };
    expect(refusalOf({ status: 200, answer }, credentials, now)).toBeNull();
  });
});
