/**
 * `feed`: pages of 5,000 changes of claims with ten fields each, through the gateway, permission and audit on, to the bytes of the answer;
 * against `pg` reading the same page and `JSON.stringify`.
 */
import assert from 'node:assert/strict';
import { HeaderMap } from '@apollo/server';
import type { Database } from '../../src/db/database';
import type { Credentials } from '../../src/gateway/authenticate';
import { FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import type { Hub } from '../../src/hub/hub';
import { type Findings, figure, millisecondsOf, perSecond, rate, sideBySide } from './figure';
import { type MeasuredHub, openMeasuredHub } from './measured-hub';
import { FEED } from './queries';
import { CITY, type Stage } from './stage';

const PAGE = 5_000;
const PAGES = 4;

const COLUMNS = `seq, op, source_id, seq, institution_code, claim_type, service_date, admission_date, total_amount, pooled_paid, benefit_tier, status`;

export async function feed(stage: Stage): Promise<Findings> {
  const hub = await openMeasuredHub((await stage.loaded(CITY)).url, stage.directory('hub'));
  const { database } = hub;
  try {
    const ours = (page: number) => throughGateway(hub, page);
    const other = (page: number) => bare(database, page);
    for (const pages of [ours, other]) await pages(PAGE);
    const rounds = await sideBySide({ ours: () => ours(PAGE), other: () => other(PAGE) }, 9);
    const fifth = await sideBySide({ ours: () => ours(PAGE / 5), other: () => ours(PAGE) });
    const speed = (given: number) => given;
    return {
      figures: [
        figure('feed', rounds, speed, perSecond('rows'), { atLeast: 0.5 }),
        figure('feed in pages of a fifth', fifth, speed, perSecond('rows'), { atLeast: 0.5 }),
      ],
    };
  } finally {
    await hub.close();
  }
}

/** Rows per second of some pages, one behind the other. */
export async function throughGateway({ hub }: MeasuredHub, first: number): Promise<number> {
  const credentials = { authorization: `Bearer ${await hub.issuer.issue(SUPERVISION)}`, purpose: FUND_SUPERVISION };
  let after: string | null = null;
  const took = await millisecondsOf(async () => {
    for (let page = 0; page < PAGES; page++) {
      const body = await answer(hub, credentials, JSON.stringify({ query: FEED, variables: { after, first } }));
      const end = /"endCursor":"(\d+)"/.exec(body.slice(-2_000))?.[1];
      assert(end !== undefined && body.length > first * 200, `no page came: ${body.slice(0, 300)}`);
      after = end;
    }
  });
  return rate(first * PAGES, took);
}

/** One request, from its bytes to the bytes of its answer, as listen.ts has it answered. */
export async function answer(hub: Hub, credentials: Credentials, bytes: string): Promise<string> {
  const caller = await hub.gateway.authenticate(credentials);
  const { body } = await hub.gateway.server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: 'POST',
      headers: new HeaderMap([['content-type', 'application/json']]),
      body: JSON.parse(bytes),
      search: '',
    },
    context: async () => ({ caller, trail: { recorded: false } }),
  });
  assert(body.kind === 'complete');
  return Buffer.from(body.string, 'utf8').length > 0 ? body.string : '';
}

export async function bare({ pool }: Database, first: number): Promise<number> {
  let after = '0';
  const took = await millisecondsOf(async () => {
    for (let page = 0; page < PAGES; page++) {
      const { rows } = await pool.query(`select ${COLUMNS} from claim.revision where seq > $1 order by seq limit $2`, [
        after,
        first + 1,
      ]);
      const body = Buffer.from(JSON.stringify({ data: { changes: rows } }), 'utf8');
      assert(body.length > first * 100);
      after = rows[first - 1].seq as string;
    }
  });
  return rate(first * PAGES, took);
}
