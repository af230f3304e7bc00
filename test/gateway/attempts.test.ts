import { countAttempts, PER_ADDRESS_AND_MINUTE, PER_CLIENT_AND_MINUTE } from '../../src/gateway/attempts';

describe('attempts to be a client', () => {
  let now = 0;
  const begun = (attempts: ReturnType<typeof countAttempts>, times: number, client: string, address: string) =>
    Array.from({ length: times }, () => attempts.begin(client, address)).filter((wait) => wait > 0).length;
  beforeEach(() => {
    now = 0;
  });

  test.each<[string, [string, string], number]>([
    ['the same client from the same address waits', ['tax', '10.0.0.1'], 1],
    ['another client from there does not', ['tax/other', '10.0.0.1'], 0],
    ['nor does it from elsewhere', ['tax', '10.0.0.2'], 0],
  ])('after too many: %s', (_, who, expected) => {
    const attempts = countAttempts(() => now);
    expect(begun(attempts, PER_CLIENT_AND_MINUTE, 'tax', '10.0.0.1')).toBe(0);
    expect(begun(attempts, 1, ...who)).toBe(expected);
  });

  test('the wait is told, and ends', () => {
    const attempts = countAttempts(() => now);
    begun(attempts, PER_CLIENT_AND_MINUTE, 'tax', 'a');
    now = 10_500;
    expect(attempts.begin('tax', 'a')).toBe(50);
    now = 60_000;
    expect(attempts.begin('tax', 'a')).toBe(0);
  });

  test('success forgives', () => {
    const attempts = countAttempts(() => now);
    for (let i = 0; i < 2 * PER_ADDRESS_AND_MINUTE; i += 1) {
      expect(attempts.begin('tax', 'a')).toBe(0);
      attempts.succeeded('tax', 'a');
    }
  });

  test.each([
    ['an address', (i: number) => `client-${i}`, () => '10.0.0.1'],
    ['all of an IPv6 network', (i: number) => `client-${i}`, (i: number) => `2001:db8:1:2::${i.toString(16)}`],
  ])('%s that tries many clients waits', (_, client, address) => {
    const attempts = countAttempts(() => now);
    const waits = Array.from({ length: PER_ADDRESS_AND_MINUTE + 5 }, (_, i) => attempts.begin(client(i), address(i)));
    expect(waits.filter((wait) => wait > 0).length).toBe(5);
  });

  test('a flood of addresses takes no more room than it may', () => {
    const attempts = countAttempts(() => now);
    begun(attempts, PER_CLIENT_AND_MINUTE, 'tax', 'first');
    expect(begun(attempts, 1, 'tax', 'first')).toBe(1);
    for (let i = 0; i < 6_000; i += 1) attempts.begin('tax', `10.1.${i >> 8}.${i & 255}`);
    // Forgotten for the others: what is kept has its limit.
    expect(begun(attempts, 1, 'tax', 'first')).toBe(0);
  });
});
