/**
 * What becomes of findings when documents of death change, as reviewers see it in the graph: a certificate is voided on which several rest, and
 * the sample city's second delivery brings one months late.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { decode } from 'iconv-lite';
import { SAMPLE_CITY, type TestHub, testHub } from '../support/hub';

const LATE = 'SW000000199';
/** The certificate that is voided: of those on which several findings rest, the first. */
let voided: string;

// biome-ignore lint/suspicious/noExplicitAny: an answer's shape is its query's
type Answered = any;

let t: TestHub;
let ask: ReturnType<TestHub['as']>;
let before: Answered[];

const FINDINGS = `query ($state: FindingState) { findings(state: $state, first: 500) { edges { node {
  id version state subject rule { code } isSupported changedSinceDecision decision { outcome }
  evidence { records { kind sourceId revision recordedAt } }
  withdrawnBecause { records { kind sourceId became before after } supersededBy ruleChanged }
  history { edges { node { act toState records { sourceId became } } } }
} } } }`;

async function findings(state?: string): Promise<Answered[]> {
  const { data, errors } = (await ask(FINDINGS, { state })) as Answered;
  expect(errors).toBeUndefined();
  return data.findings.edges.map(({ node }: Answered) => node);
}

const restsOn = (sourceId: string) => (finding: Answered) =>
  finding.evidence.records.some((record: Answered) => record.kind === 'death' && record.sourceId === sourceId);

beforeAll(async () => {
  t = await testHub();
  ask = t.as();
  await t.nightly('delivery');
  before = await findings();
  const certificates = before.flatMap(({ evidence }) => evidence.records).filter(({ kind }) => kind === 'death');
  voided = certificates.map(({ sourceId }) => sourceId).find((id) => before.filter(restsOn(id)).length > 2) as string;
  // All but the first that rest on it are decided before it is voided.
  const [, ...others] = before.filter(restsOn(voided));
  const seen = others.map(({ id, version }) => ({ id, version }));
  const taken = (await ask('mutation ($f: [FindingSeenInput!]!) { takeUpFindings(findings: $f) { id version } }', {
    f: seen,
  })) as Answered;
  expect(taken.errors).toBeUndefined();
  const decided = (await ask(
    'mutation ($f: [FindingSeenInput!]!) { decideFindings(findings: $f, outcome: RECOVER, reason: "已核实") { id } }',
    { f: taken.data.takeUpFindings.map(({ id, version }: Answered) => ({ id, version })) },
  )) as Answered;
  expect(decided.errors).toBeUndefined();
  await voidCertificate();
  await t.nightly('delivery-2');
});

/** A delivery of one row: the certificate as it was, but void. */
async function voidCertificate(): Promise<void> {
  const bytes = readFileSync(path.join(SAMPLE_CITY, 'delivery', 'death.csv'));
  const text = bytes.toString('utf8');
  const rows: Record<string, string>[] = parse(text.includes('\uFFFD') ? decode(bytes, 'gb18030') : text, {
    columns: true,
    bom: true,
  });
  const row = {
    ...rows.find(({ source_id }) => source_id === voided),
    status: 'VOIDED',
    updated_at: '2026-06-29T08:00:00+08:00',
  };
  const from = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  writeFileSync(path.join(from, 'death.csv'), `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`);
  const { check } = await t.nightly(from);
  rmSync(from, { recursive: true });
  expect(check.persons).toBe(1);
}

afterAll(() => t.close());

test('a voided certificate withdraws the open findings that rested on it and flags the decided ones, with what changed', async () => {
  const lost = [...(await findings('WITHDRAWN')), ...(await findings('CONTRADICTED'))].filter(restsOn(voided));
  const stood = before.filter(restsOn(voided)).map(({ id }) => id);
  expect(lost.map(({ id }) => id).sort()).toEqual(stood.sort());
  expect(lost.filter(({ state }) => state === 'WITHDRAWN')).toHaveLength(1);
  for (const finding of lost) {
    expect(finding).toMatchObject({ isSupported: false, withdrawnBecause: { supersededBy: null, ruleChanged: false } });
    const change = finding.withdrawnBecause.records.find(({ sourceId }: Answered) => sourceId === voided);
    expect(change).toMatchObject({ kind: 'death', became: 'VOIDED' });
    expect(Number(change.after)).toBeGreaterThan(Number(change.before));
    const last = finding.history.edges.at(-1).node;
    expect(last).toMatchObject({ act: finding.state, toState: finding.state });
    expect(last.records).toContainEqual({ sourceId: voided, became: 'VOIDED' });
    expect(finding.decision).toEqual(finding.state === 'CONTRADICTED' ? { outcome: 'RECOVER' } : null);
  }
});

test('a late one raises findings for claims of months ago, and they name it', async () => {
  const now = await findings();
  const raised = now.filter(restsOn(LATE));
  expect(raised.map(({ rule, subject }) => `${rule.code} ${subject}`)).toEqual(
    expect.arrayContaining(['D1 JS000003687', 'D1 JS000003688']),
  );
  for (const { id, state, history } of raised) {
    expect(before.some((finding) => finding.id === id)).toBe(false);
    expect([state, history.edges.map(({ node }: Answered) => node.act)]).toEqual(['OPEN', ['FOUND']]);
  }
});
