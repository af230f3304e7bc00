import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type CallSigner,
  type CallVerifier,
  callVerifier,
  NotTheHub,
  openCallSigner,
} from '../../src/federation/signed-caller';
import { openIssuer } from '../../src/gateway/issuer';
import { keysInFile } from '../../src/gateway/key-set';

const NOON = Date.parse('2026-06-30T12:00:00Z');
const CALLER = { agency: 'tax', officer: '张三', purpose: 'ESTATES', case: '〔2026〕12号' };
const BODY = '{"query":"{ deaths }"}';

describe('a statement of the hub', () => {
  const directories = [0, 1].map(() => mkdtempSync(path.join(tmpdir(), 'heyan-calls-')));
  let now = NOON;
  let hub: CallSigner;
  let stranger: CallSigner;
  let bureau: CallVerifier;
  beforeAll(async () => {
    const [ours, theirs] = directories as [string, string];
    hub = await openCallSigner(ours, () => new Date(now));
    stranger = await openCallSigner(theirs, () => new Date(now));
    const file = path.join(ours, 'hub-keys.json');
    writeFileSync(file, JSON.stringify(hub.keys));
    bureau = callVerifier([keysInFile(file)], () => new Date(now));
  });
  beforeEach(() => {
    now = NOON;
  });
  afterAll(() => {
    for (const directory of directories) rmSync(directory, { recursive: true });
  });

  const signed = async (signer: CallSigner, bureauName = 'death', caller: typeof CALLER | object = CALLER) =>
    `Bearer ${(await signer.sign({ bureau: bureauName, caller: caller as typeof CALLER, body: BODY })).token}`;
  const believe = (authorization: string | undefined) => bureau.believe(authorization, 'death');

  test('says who asks, and holds for one bureau and one body', async () => {
    const believed = await believe(await signed(hub));
    expect(believed.caller).toEqual(CALLER);
    expect(() => bureau.take(believed, Buffer.from(BODY))).not.toThrow();
  });

  test('of a caller without officer and case says that there is none', async () => {
    const caller = { agency: 'tax', officer: null, purpose: 'ESTATES', case: null };
    expect((await believe(await signed(hub, 'death', caller))).caller).toEqual(caller);
  });

  test('the public key set holds nothing private', () => {
    expect(Object.keys(hub.keys.keys[0] as object).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  test.each<[string, () => Promise<string | undefined>]>([
    ['none', async () => undefined],
    ['an empty one', async () => 'Bearer '],
    ['one of another scheme', async () => (await signed(hub)).replace('Bearer', 'Basic')],
    ["a stranger's", () => signed(stranger)],
    ['one for another bureau', () => signed(hub, 'claim')],
    ['one for no bureau', () => signed(hub, '')],
    ['one without its signature', async () => (await signed(hub)).replace(/\.[^.]*$/, '.')],
    [
      'one whose claims were changed',
      async () => {
        const [head, claims, signature] = (await signed(hub)).split('.') as [string, string, string];
        const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
        const other = Buffer.from(JSON.stringify({ ...said, sub: 'civil-affairs' })).toString('base64url');
        return [head, other, signature].join('.');
      },
    ],
    [
      'one by no algorithm',
      async () => {
        const [, claims] = (await signed(hub)).split('.');
        const head = Buffer.from('{"alg":"none","typ":"heyan-call+jwt","kid":"x"}').toString('base64url');
        return `Bearer ${head}.${claims}.AA`;
      },
    ],
    [
      "an agency's access token",
      async () => `Bearer ${await (await openIssuer(directories[0] as string)).issue('tax')}`,
    ],
    ['one for an agency without a name', () => signed(hub, 'death', { ...CALLER, agency: '' })],
    ['one without a purpose', () => signed(hub, 'death', { ...CALLER, purpose: '' })],
  ])('is required: not %s', async (_, make) => {
    await expect(believe(await make())).rejects.toThrow(NotTheHub);
  });

  test.each([
    ['61 s later', 61, false],
    ['59 s later, by a clock that is half a minute ahead', 59, true],
    ['29 s before it was made, by a clock that is behind', -29, true],
    ['31 s before it was made', -31, false],
  ])('%s', async (_, seconds, holds) => {
    const statement = await signed(hub);
    now = NOON + seconds * 1_000;
    const believed = believe(statement);
    if (holds) await expect(believed).resolves.toBeDefined();
    else await expect(believed).rejects.toThrow(NotTheHub);
  });

  test('is taken once, and not with another body', async () => {
    const statement = await signed(hub);
    const [first, again] = [await believe(statement), await believe(statement)];
    expect(() => bureau.take(first, Buffer.from(`${BODY} `))).toThrow(NotTheHub);
    expect(() => bureau.take(first, Buffer.from(BODY))).not.toThrow();
    expect(() => bureau.take(again, Buffer.from(BODY))).toThrow(NotTheHub);
    // As long as anybody would believe it, it is remembered; and others are taken meanwhile.
    now = NOON + 59_000;
    const other = await believe(await signed(hub));
    expect(() => bureau.take(other, Buffer.from(BODY))).not.toThrow();
    expect(() => bureau.take(again, Buffer.from(BODY))).toThrow(NotTheHub);
  });
});
