/** `heyan serve --only`: a bureau's server as a process, watched and ended as the hub is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { waitFor } from '../../src/db/wait';
import { writeCall } from '../../src/federation/call';
import { type CallSigner, openCallSigner } from '../../src/federation/signed-caller';
import { SUPERVISION } from '../../src/hub/codes';
import { NOT_GRANTED } from '../../src/sharing/passage';
import { ended, startCommand } from '../support/command';
import { compileIfStale } from '../support/compiled';
import { testDatabase } from '../support/database';
import { hubDirectory } from '../support/premises';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

jest.setTimeout(120_000);
const UP_MILLISECONDS_MAX = 60_000;
const ID = '0e37df36-f698-41e6-8dd4-cb9ced3df992';
const CALLER = { agency: SUPERVISION, officer: '王审核', purpose: 'CASE_INVESTIGATION', case: 'T-1' };

describe('a bureau served by itself', () => {
  let hub: Awaited<ReturnType<typeof hubDirectory>>;
  let signer: CallSigner;
  let directory: string;
  let database: Database;
  let child: ReturnType<typeof startCommand>;
  let end: ReturnType<typeof ended>;
  let subgraph: string;
  let metrics: string;
  let err = '';
  beforeAll(async () => {
    compileIfStale();
    hub = await hubDirectory();
    signer = await openCallSigner(hub.dataDirectory);
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-only-'));
    writeFileSync(path.join(directory, 'hub-keys.json'), readFileSync(hub.keysFile));
    writeFileSync(path.join(directory, 'heyan.yaml'), 'serving: {hubs: [./hub-keys.json]}\n');
    database = await testDatabase();
    const { death = [] } = smallCity();
    await deliver(database, { death });
    const env = { PORT: '0', HEYAN_METRICS: '127.0.0.1:0', HEYAN_LOG: 'requests' };
    child = startCommand({ directory, database }, ['serve', '--only', 'death'], env);
    end = ended(child);
    let out = '';
    child.stdout.on('data', (text: string) => (out += text));
    child.stderr.on('data', (text: string) => (err += text));
    const up = () => /Subgraph +(\S+)/.exec(out)?.[1];
    subgraph = (await waitFor(up, UP_MILLISECONDS_MAX)) as string;
    metrics = /Metrics at (\S+)/.exec(err)?.[1] as string;
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await end;
    await database.close();
    hub.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  async function call(requestId = ID) {
    const key = keyOf(JIA.number);
    const body = writeCall({
      query: 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { deaths { deathDate } } } }',
      variables: { r: [{ __typename: 'Person', id: key, keys: [key] }] },
      operationName: null,
      footprint: {
        uses: [
          { kind: 'death', field: '*', verb: 'LOOKUP' },
          { kind: 'death', field: 'deathDate', verb: 'LOOKUP' },
        ],
        untagged: [],
        own: false,
        introspection: false,
      },
      ...NOT_GRANTED,
    });
    const { token } = await signer.sign({ bureau: 'death', caller: CALLER, body });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-request-id': requestId,
    };
    const answer = await fetch(subgraph, { method: 'POST', headers, body });
    return { status: answer.status, body: (await answer.json()) as { data: { _entities: unknown[] } } };
  }
  const DEATHS = { deaths: [{ deathDate: '2026-03-10' }] };

  test('/healthz, /readyz, and figures by agency and kind without anything personal', async () => {
    expect((await call()).body.data._entities).toEqual([DEATHS]);
    expect((await fetch(subgraph, { method: 'POST', body: '{}' })).status).toBe(401);
    for (const [where, status] of [['/healthz', 'ok'], ['/readyz', 'ready']]) {
      const answer = await fetch(new URL(where as string, subgraph));
      expect([answer.status, await answer.json()]).toEqual([200, { status }]);
    } // biome-ignore format: a table
    const text = await (await fetch(metrics)).text();
    const told = new Map(text.split('\n').map((line) => line.split(/ (?=\S+$)/) as [string, string]));
    const rows = [
      [`heyan_operations_total{agency="${SUPERVISION}",decision="GRANTED"}`, '1'],
      [`heyan_kind_operations_total{agency="${SUPERVISION}",kind="death"}`, '1'],
      [`heyan_operation_seconds_count{agency="${SUPERVISION}",outcome="ok"}`, '1'],
      ['heyan_bureau_seconds_count{bureau="death",outcome="ok"}', '1'],
      ['heyan_audit_append_seconds_count{outcome="ok"}', '1'],
      ['heyan_http_request_seconds_count{route="/subgraph/death",status="200"}', '1'],
      ['heyan_http_request_seconds_count{route="/subgraph/death",status="401"}', '1'],
      ['heyan_late{kind="death"}', '0'],
    ];
    expect(rows.map(([name = '']) => [name, told.get(name)])).toEqual(rows);
    expect([...told.keys()].some((name) => name.startsWith('heyan_freshness_age_seconds{kind="death"'))).toBe(true);
    expect(text).not.toMatch(new RegExp(`王审核|金丝雀|${keyOf(JIA.number)}|T-1`));
  });

  test('SIGTERM during a slow answer: it is finished, nobody new is let in, and the process ends with 0', async () => {
    const slow = await database.pool.connect();
    await slow.query('begin; lock table death.revision');
    const answered = call('6f37df36-f698-41e6-8dd4-cb9ced3df992');
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await waitFor(async () => ((await slow.query(waiting)).rowCount ? true : undefined), 10_000);
    child.kill('SIGTERM');
    const isRefused = () => fetch(new URL('/healthz', subgraph), { headers: { connection: 'close' } }).then(() => undefined, () => true); // biome-ignore format: one condition
    expect(await waitFor(isRefused, 10_000)).toBe(true);
    expect(child.exitCode).toBeNull();
    await slow.query('rollback');
    slow.release();
    const { status, body } = await answered;
    expect([status, body.data._entities]).toEqual([200, [DEATHS]]);
    expect((await end).code).toBe(0);
    const lines = err.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    const calls = lines.filter(({ route, status: sent }) => route === '/subgraph/death' && sent === 200);
    expect(calls.map(({ id, isWhole }) => [id, isWhole])).toEqual([
      [ID, true],
      ['6f37df36-f698-41e6-8dd4-cb9ced3df992', true],
    ]);
    expect(err).not.toMatch(new RegExp(`王审核|金丝雀|${keyOf(JIA.number)}|T-1"|eyJ`));
  });
});
