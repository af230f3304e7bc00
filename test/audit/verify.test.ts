/** What a superuser of the database can do to the log, and that each of it is found and the first bad record named. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type AuditRecord, canonicalJson, leafHash } from '../../src/audit/record';
import { makeKey, signerOf } from '../../src/audit/signing';
import { checkLog } from '../../src/audit/verifier';
import { emptyAudit, tamper } from '../support/audit';
import { auditRecord, type LogFixture, logFixture } from './log-fixture';

interface Row {
  seq: number;
  hash: string;
  leaf: string;
  persons: string[];
  feeds: string[];
}

/** A generator of pseudo-random numbers (mulberry32): the same tamperings at every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const hashed = (leaf: string) => leafHash(leaf, 'sha256').toString('hex');
const personOf = (n: number) => n.toString(16).padStart(32, '0');
const rowOf = (seq: number, record: AuditRecord): Row => {
  const leaf = canonicalJson(record);
  const feeds = record.feeds.map(({ kind, from, to }) => `${kind}:${from}:${to}`);
  return { seq, leaf, hash: hashed(leaf), persons: [...record.persons], feeds };
};
/** The record, as it would be had the officer never asked. */
const forged = ({ seq, leaf }: Row) => rowOf(seq, { ...(JSON.parse(leaf) as AuditRecord), officer: 'someone else' });
const renumbered = (rows: readonly Row[]) => rows.map((row, place) => ({ ...row, seq: place + 1 }));

type Tampering = (rows: Row[], random: (below: number) => number) => { rows: Row[]; first: number; inLeaves?: boolean };
const at = (rows: readonly Row[], seq: number) => rows[seq - 1] as Row;
const replaced = (rows: readonly Row[], seq: number, row: Row) => rows.map((one) => (one.seq === seq ? row : one));

const TAMPERINGS: Record<string, Tampering> = {
  'edit a leaf': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: replaced(rows, k, { ...forged(at(rows, k)), hash: at(rows, k).hash }), first: k };
  },
  'edit a leaf hash': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: replaced(rows, k, { ...at(rows, k), hash: hashed('another') }), first: k, inLeaves: false };
  },
  'edit a leaf and its hash': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: replaced(rows, k, forged(at(rows, k))), first: k };
  },
  'delete': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: rows.filter(({ seq }) => seq !== k), first: k };
  },
  'delete and close the gap': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: renumbered(rows.filter(({ seq }) => seq !== k)), first: k };
  },
  'insert': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: renumbered([...rows.slice(0, k - 1), rowOf(k, auditRecord()), ...rows.slice(k - 1)]), first: k };
  },
  'insert under a number that is taken': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: [...rows, rowOf(k, auditRecord())], first: k };
  },
  'repeat a record': (rows, random) => {
    const [k, from] = [1 + random(rows.length), 1 + random(rows.length - 1)];
    return { rows: renumbered([...rows.slice(0, k - 1), at(rows, from), ...rows.slice(k - 1)]), first: from === k ? k + 1 : k };
  },
  'swap two': (rows, random) => {
    const [i, j] = [1 + random(rows.length - 1), 1 + random(rows.length)].sort((a, b) => a - b) as [number, number];
    const k = i === j ? j + 1 : j;
    const swapped = replaced(replaced(rows, i, { ...at(rows, k), seq: i }), k, { ...at(rows, i), seq: k });
    return { rows: swapped, first: i };
  },
  'cut the tail': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: rows.slice(0, k - 1), first: k };
  },
  'rewrite from a record on': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: rows.map((row) => (row.seq < k ? row : forged(row))), first: k };
  },
  'restore an old copy and go on': (rows, random) => {
    const k = random(rows.length);
    const more = Array.from({ length: 1 + random(2 * rows.length) }, (_, i) => rowOf(k + 1 + i, auditRecord()));
    return { rows: [...rows.slice(0, k), ...more], first: k + 1 };
  },
  'edit the persons it is found by': (rows, random) => {
    const k = 1 + random(rows.length);
    const persons = random(2) === 0 ? [...at(rows, k).persons, personOf(999)] : at(rows, k).persons.slice(1);
    return { rows: replaced(rows, k, { ...at(rows, k), persons }), first: k, inLeaves: false };
  },
  'edit the feeds it is found by': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: replaced(rows, k, { ...at(rows, k), feeds: [`death:${k}:${k + 1_000}`] }), first: k, inLeaves: false };
  },
  'renumber from a record on': (rows, random) => {
    const k = 1 + random(rows.length);
    return { rows: rows.map((row) => (row.seq < k ? row : { ...row, seq: row.seq + 1 })), first: k, inLeaves: false };
  },
  'begin before the first': (rows) => ({ rows: [{ ...forged(at(rows, 1)), seq: 0 }, ...rows], first: 0 }),
  'a text that says the same in another order': (rows, random) => {
    const k = 1 + random(rows.length);
    const leaf = at(rows, k).leaf.replace(/^\{("agency":"tax"),(.*)\}$/s, '{$2,$1}');
    return { rows: replaced(rows, k, { ...at(rows, k), leaf, hash: hashed(leaf) }), first: k };
  },
}; // biome-ignore format: a table

const COVERED = 60;
const HEAD_SIZES = [1, 18, 19, 41, COVERED];
const RUNS = 204;
jest.setTimeout(60_000);

describe('a log of which heads are kept outside', () => {
  let log: LogFixture;
  let rows: Row[];
  beforeAll(async () => {
    log = await logFixture();
    const random = randomFrom(1);
    let size = 0;
    const heads = log.heads();
    for (const next of HEAD_SIZES) {
      await log.append(next - size, (i) => ({
        officer: '王警官\u2028',
        persons: Array.from({ length: 1 + random(3) }, (_, n) => personOf(size + i * 4 + n)),
        feeds: random(2) === 0 ? [{ kind: 'death', from: '1', to: String(size + i + 1) }] : [],
      }));
      await heads.take();
      size = next;
    }
    rows = await read();
    // Whoever owns the database owns its constraints too.
    await log.database.pool.query(
      'alter table audit.record drop constraint record_pkey, drop constraint record_leaf_hash_key',
    );
  });
  beforeEach(() => write(rows));
  afterAll(() => log.close());

  async function read(): Promise<Row[]> {
    const { rows: found } = await log.database.pool.query<Row>(
      `select seq::int, encode(leaf_hash, 'hex') as hash, leaf, array(select encode(p, 'hex') from unnest(persons) p) as persons,
       array(select kind || ':' || lower(span) || ':' || upper(span) - 1 from audit.feed f where f.seq = r.seq) as feeds
       from audit.record r order by r.seq`,
    );
    return found;
  }

  async function write(given: readonly Row[]): Promise<void> {
    await emptyAudit(log.database.pool);
    await log.database.pool.query(
      `with given as (select * from jsonb_to_recordset($1) g(seq bigint, hash text, leaf text, persons text[], feeds text[])),
       fed as (insert into audit.feed select seq, split_part(f, ':', 1),
         int8range(split_part(f, ':', 2)::bigint, split_part(f, ':', 3)::bigint, '[]') from given, unnest(feeds) f)
       insert into audit.record select seq, decode(hash, 'hex'), leaf, array(select decode(p, 'hex') from unnest(persons) p) from given`,
      [JSON.stringify(given)],
    );
  }

  function exported(given: readonly Row[]): string {
    const file = path.join(log.directory, 'log.jsonl');
    writeFileSync(file, given.map(({ leaf }) => `${leaf}\n`).join(''));
    return file;
  }

  test('agrees with them', async () => {
    expect(await log.verify()).toEqual({
      isGood: true, records: COVERED, heads: HEAD_SIZES.length, uncovered: 0, badRecord: null, badHead: null,
      what: `${COVERED} records and ${HEAD_SIZES.length} tree heads agree`,
    }); // biome-ignore format: one verdict
    await expect(checkLog(exported(rows), log.file)).resolves.toContain(`All ${COVERED} records`);
  });

  test(`${RUNS} tamperings: each is found, and the first bad record named`, async () => {
    const random = randomFrom(2026);
    const names = Object.keys(TAMPERINGS);
    const missed: unknown[] = [];
    for (let run = 0; run < RUNS; run++) {
      const name = names[run % names.length] as string;
      const { rows: harmed, first, inLeaves = true } = (TAMPERINGS[name] as Tampering)(structuredClone(rows), random);
      await write(harmed);
      const { isGood, badRecord, what } = await log.verify();
      if (isGood || badRecord?.seq !== first) missed.push({ run, name, first, badRecord, what });
      if (!inLeaves) continue;
      // The stand-alone verifier sees the texts alone, in the order of their numbers.
      const file = exported([...harmed].sort((a, b) => a.seq - b.seq));
      await checkLog(file, log.file).then(
        (news) => missed.push({ run, name, first, news }),
        () => undefined,
      );
    }
    expect(missed).toEqual([]);
  });

  test('what no head covers yet is told, and what is plainly wrong in it is found', async () => {
    const more = [61, 62, 63].map((seq) => rowOf(seq, auditRecord()));
    await write([...rows, ...more]);
    expect((await log.verify()).what).toMatch(/agree; no tree head covers the newest 3 yet$/);
    await write([...rows, ...more, { ...(rows[3] as Row), seq: 64 }]);
    expect(await log.verify()).toMatchObject({
      badRecord: { seq: 64, receipt: rows[3]?.hash },
      what: 'Record 64 repeats record 4',
    });
    await write([...rows, { ...(rows[3] as Row), seq: 61 }, ...more.slice(2)]);
    expect(await log.verify()).toMatchObject({ badRecord: { seq: 61 }, what: 'Record 61 repeats record 4' });
  });

  describe('heads that are bad themselves', () => {
    let lines: string[];
    beforeAll(() => {
      lines = readFileSync(log.file, 'utf8').trimEnd().split('\n');
    });
    const flipped = (line: string, name: string) =>
      line.replace(new RegExp(`("${name}":"[^"]{5})(.)`), (_, before, one) => before + (one === 'a' ? 'b' : 'a'));
    const stranger = signerOf(makeKey('ed25519'));

    test.each<[string, (lines: string[]) => string[], string, RegExp]>([
      ['a flipped root', (all) => all.with(1, flipped(all[1] as string, 'root')), ':2', /signature/],
      ['a flipped fingerprint', (all) => all.with(3, flipped(all[3] as string, 'leaves')), ':4', /signature/],
      ['a flipped signature', (all) => all.with(0, flipped(all[0] as string, 'signature')), ':1', /signature/],
      ['another key', (all) => all.with(0, (all[0] as string).replace(/("publicKey":")[^"]*/, `$1${stranger.publicKey}`)), ':1', /signature/],
      ['one left out', (all) => all.toSpliced(1, 1), ':2', /a head before it is missing: records 2 to 18/],
      ['one given again', (all) => [...all.slice(0, 2), ...all.slice(1)], ':3', /covers 18 records, the one before 18/],
      ['no JSON', (all) => all.with(2, '{'), ':3', /not JSON/],
      ['a head without root', (all) => all.with(2, '{"log":"00000000000000000000000000000000"}'), ':3', /root is not one/],
    ])('%s', async (_, harm, place, what) => {
      const file = path.join(log.directory, 'harmed.jsonl');
      writeFileSync(file, `${harm(lines).join('\n')}\n`);
      expect(await log.verify([file])).toMatchObject({ isGood: false, badRecord: null, badHead: `${file}${place}`, what: expect.stringMatching(what) });
      await expect(checkLog(exported(rows), file, log.signer.publicKey)).rejects.toThrow();
    }); // biome-ignore format: a table

    test('a line that a crash cut short is passed over', async () => {
      const file = path.join(log.directory, 'cut.jsonl');
      copyFileSync(log.file, file);
      writeFileSync(file, `${lines.join('\n')}\n{"algor`);
      expect(await log.verify([file])).toMatchObject({ isGood: true, heads: HEAD_SIZES.length });
    });

    test('of two files, the one that has what the other lost tells', async () => {
      const short = path.join(log.directory, 'short.jsonl');
      writeFileSync(short, `${lines.slice(0, 2).join('\n')}\n`);
      await write(rows.slice(0, 18));
      expect(await log.verify([short])).toMatchObject({ isGood: true });
      expect(await log.verify([short, log.file])).toMatchObject({
        badRecord: { seq: 19 },
        what: expect.stringMatching(/truncated at record 18/),
      });
    });
  });

  test("another log's heads are none of this one's", async () => {
    const other = await logFixture();
    try {
      await other.append(COVERED);
      await other.heads().take();
      const { badHead, what } = await log.verify([other.file]);
      expect([badHead, what]).toEqual([
        `${other.file}:1`,
        expect.stringMatching(/signature is not one of the hub's keys/),
      ]);
    } finally {
      await other.close();
    }
  });
});

test('ordinary mistakes do not reach the log: it is only ever appended to', async () => {
  const log = await logFixture();
  try {
    await log.append(2);
    for (const mistake of [
      'update audit.record set leaf = leaf',
      'delete from audit.record',
      'truncate audit.record',
      'delete from audit.feed',
      'update audit.log set hash = hash',
    ])
      await expect(log.database.pool.query(mistake)).rejects.toThrow(/only ever appended to/);
    // And the verdict does not rest on that.
    await log.heads().take();
    await tamper(log.database.pool, ['delete from audit.record where seq = 1']);
    expect((await log.verify()).badRecord).toEqual({ seq: 1, receipt: null });
  } finally {
    await log.close();
  }
});

test('a log of more pages than one is read in order', async () => {
  const log = await logFixture({ hash: 'sm3', signature: 'sm2' });
  try {
    await log.append(5_000);
    await log.heads().take();
    expect(await log.verify()).toMatchObject({ isGood: true, records: 5_000, heads: 2 });
    await tamper(log.database.pool, ['delete from audit.record where seq = 4321']);
    expect((await log.verify()).badRecord?.seq).toBe(4_321);
  } finally {
    await log.close();
  }
});
