import { approve } from '../support/agreement';
import { type Served, serve } from '../support/http';
import { type TestHub, testHub } from '../support/hub';
import { grantedThere } from '../support/shape';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

const QUERY = `{ person(id: "${keyOf(JIA.number)}") { deaths { deathDate } } }`;
const SEEN = { person: { deaths: [{ deathDate: '2026-03-10' }] } };

describe('revocation, end to end over HTTP', () => {
  let hub: TestHub;
  let http: Served;
  let elapsed = 0;
  beforeAll(async () => {
    hub = await testHub({ elapsed: () => elapsed });
    await deliver(hub.database, smallCity());
    http = await serve(hub);
  });
  afterAll(async () => {
    await http.close();
    await hub.close();
  });

  async function headersOf(agency: string, officer: string | null, purpose: string): Promise<Record<string, string>> {
    return {
      authorization: `Bearer ${await hub.hub.issuer.issue(agency, officer)}`,
      'x-purpose': purpose,
      'x-case': '',
    };
  }

  test('what was granted and remembered is refused within a second of its revocation, whoever revoked it and wherever', async () => {
    const { id } = await approve(hub.database, hub.hub.signer, {
      agency: 'pensions',
      clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'] }],
    });
    const user = await headersOf('pensions', null, 'REVIEW');
    const officer = await headersOf('civil-affairs', '甲', 'OWN_AFFAIRS');
    const ask = async () => (await http.ask(QUERY, {}, user)).body;
    for (let i = 0; i < 20; i++) {
      elapsed += 100;
      expect((await ask()).data).toEqual(SEEN);
    }
    const revoked = await http.ask(
      'mutation Revoke($id: ID!) { revokeAgreement(id: $id, reason: "purpose fulfilled") { state } }',
      { id },
      officer,
    );
    expect(revoked.body.data).toEqual({ revokeAgreement: { state: 'REVOKED' } });
    elapsed += 999;
    const refused = await ask();
    expect([refused.data, refused.errors.map(({ extensions }: { extensions: object }) => extensions)]).toMatchObject([
      null,
      [{ code: 'NOT_SHARED', reason: 'REVOKED' }],
    ]);
    expect(JSON.stringify(refused)).not.toMatch(/2026-03-10/);
  });

  test('an approval takes effect as fast, and a proposal not at all', async () => {
    await approve(hub.database, hub.hub.signer, {
      id: 'civil-affairs/archive/1',
      agency: 'archive',
      clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'] }],
      state: 'PROPOSED',
      approvedBy: null,
      approvedAt: null,
      approval: null,
    });
    const user = await headersOf('archive', null, 'REVIEW');
    const first = await headersOf('civil-affairs', 'one', 'OWN_AFFAIRS');
    const second = await headersOf('civil-affairs', '乙', 'OWN_AFFAIRS');
    const APPROVE = 'mutation { approveAgreement(id: "civil-affairs/archive/1") { state } }';
    expect((await http.ask(QUERY, {}, user)).body.errors[0].extensions.reason).toBe('NO_AGREEMENT');
    expect((await http.ask(APPROVE, {}, first)).body.errors[0].message).toMatch(/was proposed by the same officer/);
    expect((await http.ask(APPROVE, {}, second)).body.data).toEqual({ approveAgreement: { state: 'APPROVED' } });
    await grantedThere(hub.database, 'civil-affairs/archive/1');
    elapsed += 999;
    expect((await http.ask(QUERY, {}, user)).body.data).toEqual(SEEN);
  });

  test('a mutation is not taken by GET, nor without a token', async () => {
    const mutation = 'mutation { revokeAgreement(id: "civil-affairs/archive/1", reason: "x") { state } }';
    const headers = await headersOf('civil-affairs', '甲', 'OWN_AFFAIRS');
    const got = await fetch(`${http.url}/graphql?query=${encodeURIComponent(mutation)}`, { headers });
    expect([got.status >= 400, ((await got.json()) as { data?: object }).data ?? null]).toEqual([true, null]);
    expect((await http.ask(mutation, {}, { authorization: '' })).status).toBe(401);
    elapsed += 999;
    expect((await http.ask(QUERY, {}, await headersOf('archive', null, 'REVIEW'))).body.data).toEqual(SEEN);
  });
});
