import { ruleOf } from '../../src/crosscheck/rulebook';
import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { deliver, smallCity } from '../support/small-city';

describe('the hub', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
  });
  afterAll(() => hub.close());

  test('the cross-check asks as an agency with a purpose, through the same door: recorded like any other, refused like any other', async () => {
    await emptyAudit(hub.database.pool);
    const { data } = await hub.hub.ask('{ deathChanges { changes { sourceId } } }', {});
    expect(data.deathChanges.changes).toEqual([{ sourceId: 'SW1' }]);
    await expect(hub.hub.ask('{ deathChanges { changes { record { name } } } }', {})).rejects.toThrow(
      /^Not shared with you: death\.name \(FEED\)\. Ask civil-affairs/,
    );
    const { rows } = await hub.database.pool.query(
      `select leaf::jsonb->>'agency' as agency, leaf::jsonb->>'purpose' as purpose, leaf::jsonb->>'decision' as decision from audit.record order by seq`,
    );
    expect(rows).toEqual(
      ['GRANTED', 'REFUSED'].map((decision) => ({
        agency: 'medical-insurance-supervision',
        purpose: 'FUND_SUPERVISION',
        decision,
      })),
    );
  });

  test('what a rule may read follows the agreements: each field with its agreement, or refused', async () => {
    const before = await hub.hub.reading();
    expect(before.refused(ruleOf('D1'))).toEqual([]);
    expect(before.agreements(ruleOf('D1'))['death.deathDate']).toBe(
      'civil-affairs/medical-insurance-supervision/FUND_SUPERVISION',
    );
    const other = await testHub();
    await other.database.pool.query(`update sharing.agreement set state = 'REVOKED' where provider = 'civil-affairs'`);
    const after = await other.hub.reading();
    await other.close();
    expect(after.refused(ruleOf('D1')).length).toBeGreaterThan(0);
    expect(after.refused(ruleOf('D1')).every((field) => field.startsWith('death.'))).toBe(true);
    expect(after.agreements(ruleOf('D1'))['death.deathDate']).toBeUndefined();
  });

  test('says how fresh each kind is', async () => {
    expect([...(await hub.hub.freshness()).keys()].sort()).toEqual(Object.keys(smallCity()).sort());
  });
});
