/** Exporting a finding: an access like any other, on record and blind; what the log does not tell is said plainly. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { documentHash } from '../../src/audit/document';
import { checkFinding } from '../../src/audit/finding-verifier';
import { canonicalJson } from '../../src/audit/record';
import { headsFile } from '../../src/audit/take-heads';
import { ruleOf } from '../../src/crosscheck/rulebook';
import { CASE_INVESTIGATION, FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import { exportFinding } from '../../src/hub/export-finding';
import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const OFFICER = '王五';
const REASON = '已向家属核实';

describe('a finding is exported', () => {
  let hub: TestHub;
  let id: string;

  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    await hub.nightly();
    const { data } = await hub.as()('{ findings(rule: "D1") { edges { node { id subject } } } }');
    id = (data as Data).findings.edges.find(({ node }: Data) => node.subject === 'JS2').node.id;
  });
  afterAll(() => hub.close());

  const exported = async (one = id): Promise<Data> => {
    const { text, ...told } = await exportFinding(hub.hub, hub.database.pool, one, { officer: OFFICER, case: 'C-7' });
    return { ...told, text, file: JSON.parse(text) };
  };
  const verified = (text: string) => {
    const file = path.join(hub.dataDirectory, 'finding.json');
    writeFileSync(file, text);
    return checkFinding(file, { heads: headsFile(hub.dataDirectory) });
  };

  test('with rule, law, evidence and history; each field with the record under which it was read; canonical', async () => {
    const { text, file, readings, missing } = await exported();
    expect(canonicalJson(file)).toBe(text);
    expect(file.document).toMatchObject({
      finding: { id, rule: 'D1', subjectKind: 'claim', subject: 'JS2', state: 'OPEN', tier: 'PROVEN', advice: 'RECOVER', decision: null, window: { earliest: '2026-03-10', latest: '2026-03-10' }, parameters: { graceDays: 1 }, personKey: keyOf(JIA.number) },
      rule: { code: 'D1', version: 1, basis: ruleOf('D1').basis },
      history: [{ version: 1, act: 'FOUND', toState: 'OPEN' }],
      reader: { agency: SUPERVISION, purpose: FUND_SUPERVISION },
    }); // biome-ignore format: a table
    expect(missing).toEqual([]);
    const { fields, records } = file.document;
    expect(fields.map(({ field }: Data) => field)).toEqual(
      expect.arrayContaining(['claim.pooledPaid', 'death.deathDate']),
    );
    const leaves = new Map(file.proof.readings.map(({ receipt, leaf }: Data) => [receipt, JSON.parse(leaf)]));
    expect(leaves.size).toBe(readings);
    for (const { kind, revision } of records) {
      const { readings: receipts, agreement } = fields.find(({ field }: Data) => field.startsWith(`${kind}.`));
      const leaf: Data = leaves.get(receipts[0]);
      expect(leaf).toMatchObject({ agency: SUPERVISION, agreements: expect.arrayContaining([agreement]), operation: { name: expect.stringMatching(/^Follow/) } });
      expect(leaf.feeds.some((feed: Data) => feed.kind === kind && +feed.from <= +revision && +revision <= +feed.to)).toBe(true);
    } // biome-ignore format: short enough
    expect(await verified(text)).toMatch(/^Finding /);
  });

  test('its own access is on record: who, for which case, about whom, and the hash of what was given', async () => {
    const { receipt, file } = await exported();
    const { rows } = await hub.database.pool.query(
      `select leaf::jsonb as leaf from audit.record where leaf_hash = decode($1, 'hex')`,
      [receipt],
    );
    expect(rows[0].leaf).toMatchObject({
      agency: SUPERVISION,
      officer: OFFICER,
      purpose: CASE_INVESTIGATION,
      case: 'C-7',
      decision: 'GRANTED',
      persons: [keyOf(JIA.number)],
      documents: [documentHash(file.document, 'sha256')],
    });
    const { data } = await hub.as()(`{ finding(id: "${id}") { person { accesses(first: 5) { edges { node { officer receipt } } } } } }`);
    expect((data as Data).finding.person.accesses.edges.map(({ node }: Data) => node)).toContainEqual({ officer: OFFICER, receipt });
  }); // biome-ignore format: short enough

  test('decided, it tells the decision, and neither the reason nor any name or number', async () => {
    const act = async (mutation: string, version: number, more = '') => {
      const { errors } = await hub.as({ officer: '赵六' })(`mutation { ${mutation}(findings: [{ id: "${id}", version: ${version} }] ${more}) { id } }`);
      expect(errors).toBeUndefined();
    }; // biome-ignore format: short enough
    await act('takeUpFindings', 1);
    await act('decideFindings', 2, `outcome: RECOVER, reason: "${REASON}：${JIA.name}"`);
    const { text, file } = await exported();
    expect(file.document.finding).toMatchObject({ state: 'RECOVER', version: 3, decision: { outcome: 'RECOVER', agency: SUPERVISION, bureau: null } });
    expect(file.document.history.map(({ act: one }: Data) => one)).toEqual(['FOUND', 'TAKEN_UP', 'DECIDED']);
    // 金丝雀 stands in every name and address of this city.
    for (const secret of [JIA.name, '金丝雀', JIA.number, JIA.old, REASON, '赵六']) expect(text).not.toContain(secret);
    expect(await verified(text)).toMatch(/^Finding [0-9a-f]{32} \(D1, RECOVER, version 3\)/);
  }); // biome-ignore format: short enough

  test('the same finding gives the same document', async () => {
    const [first, second] = [await exported(), await exported()];
    expect(second.file.document).toEqual(first.file.document);
    expect(second.receipt).not.toBe(first.receipt);
  });

  test('what is not there, or not granted, is told', async () => {
    await expect(exported('0'.repeat(32))).rejects.toThrow(`There is no finding ${'0'.repeat(32)}: "heyan findings" lists`);
    const ask = `{ finding(id: "${id}") { document { text } } }`;
    const { errors } = await hub.as({ purpose: FUND_SUPERVISION })(ask);
    expect(errors?.map(({ extensions }) => [extensions?.code, extensions?.field])).toEqual(
      ['decision', 'document', 'history'].map((field) => ['NOT_SHARED', `finding.${field}`]),
    );
    const { errors: listed } = await hub.as()('{ findings { edges { node { document { hash } } } } }');
    expect(listed?.map(({ extensions }) => [extensions?.field, extensions?.verb])).toEqual([['finding.document', 'LIST']]);
  }); // biome-ignore format: short enough

  test('of a log that does not tell, each field says so, and it does not verify', async () => {
    await emptyAudit(hub.database.pool);
    writeFileSync(headsFile(hub.dataDirectory), '');
    const { text, missing, readings } = await exported();
    expect(readings).toBe(0);
    expect(missing).toContain(
      'claim.status: The audit log does not tell under which operation 1 of 1 records were read',
    );
    await expect(verified(text)).rejects.toThrow(
      /^The file is whole, but not all of it is proved: claim\.\w+: The audit log does not tell/,
    );
    expect(readFileSync(headsFile(hub.dataDirectory), 'utf8')).not.toBe('');
  });
});
