/**
 * The hub: everything between the database and the door, put together once.
 */

import { openAuditLog } from '../audit/append';
import { bureaus } from '../bureaus/bureau';
import { shanghaiDay } from '../bureaus/calendar';
import { type Ask } from '../crosscheck/follow';
import type { Rule } from '../crosscheck/rule';
import type { Database } from '../db/database';
import { authenticator } from '../gateway/authenticate';
import { type Gateway, openGateway } from '../gateway/gateway';
import { type Issuer, openIssuer } from '../gateway/issuer';
import { agreementsIn } from '../sharing/agreement';
import { decide } from '../sharing/decide';
import { freshnessIn } from '../subgraph/freshness';
import { openSubgraph } from '../subgraph/subgraph';
import { SUPERVISION } from './codes';
import { FindingResolver } from './finding';
import { FUND_SUPERVISION } from './founding';
import { RuleResolver } from './rule';

export interface HubOptions {
  database: Database;
  /** Where the issuer's key is kept. */
  dataDirectory: string;
  /** The key of the person key; asked for only when a person is looked up by number. */
  hubKey(): Buffer;
  now?: () => Date;
  /** Milliseconds of a clock that nobody sets back: by it, agreements and freshness are remembered for a moment. */
  elapsed?: () => number;
  /** Told of errors that callers do not see in full. */
  report?: (error: unknown) => void;
}

export interface Hub {
  gateway: Gateway;
  issuer: Issuer;
  /** One operation of the cross-check, through the door as the agency it is. */
  ask: Ask;
  /** What the cross-check may read of what a rule needs: the fields refused, and the agreement each granted field is read under. */
  reading(): Promise<{ refused(rule: Rule): string[]; agreements(rule: Rule): Record<string, string> }>;
  /** The end of the last complete delivery, by kind. */
  freshness(): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

/** The hub's own part of the graph. */
export const hubPart = { name: 'hub', resolvers: [FindingResolver, RuleResolver] } as const;

/** Opens the hub over a migrated database. */
export async function openHub({
  database,
  dataDirectory,
  hubKey,
  now = () => new Date(),
  elapsed,
  report = () => {},
}: HubOptions): Promise<Hub> {
  const issuer = await openIssuer(dataDirectory);
  const agreements = agreementsIn(database.dataSource, elapsed);
  const today = () => shanghaiDay(now());
  const freshness = freshnessIn(database.pool, elapsed);
  const means = { pool: database.pool, hubKey, agreements, freshness, today };
  const gateway = await openGateway({
    subgraphs: [
      ...bureaus().map((bureau) => openSubgraph(bureau, means)),
      openSubgraph(hubPart, { ...means, freshness: () => findingsFreshness(database) }),
    ],
    authenticate: authenticator(issuer.publicKey),
    agreements,
    audit: openAuditLog(database.pool),
    now,
    today,
    report,
  });
  return {
    gateway,
    issuer,
    async ask(query, variables) {
      const token = await issuer.issue(SUPERVISION, null, JOB_TOKEN_SECONDS);
      const answer = await gateway.ask(
        { authorization: `Bearer ${token}`, purpose: FUND_SUPERVISION },
        query,
        variables,
      );
      if (answer.errors?.length) throw new Error(answer.errors.map((error) => error.message).join('; '));
      return { data: answer.data, extensions: answer.extensions };
    },
    async reading() {
      const caller = { agency: SUPERVISION, officer: null, purpose: FUND_SUPERVISION, case: null };
      const granted = await agreements(SUPERVISION);
      const decided = (field: string) => {
        const [kind, name] = field.split('.') as [string, string];
        const footprint = { uses: [{ kind, field: name, verb: 'FEED' as const }], untagged: [], own: false, introspection: false };
        return decide(caller, footprint, granted, today(), gateway.provider);
      };
      return {
        refused: (rule) => rule.reads.filter((field) => !decided(field).granted),
        agreements: (rule) =>
          Object.fromEntries(
            rule.reads.flatMap((field) =>
              decided(field)
                .agreements.slice(0, 1)
                .map((id) => [field, id]),
            ),
          ),
      };
    },
    freshness,
    close: () => gateway.close(),
  };
}

/** Findings are as fresh as the last run of the rules. */
async function findingsFreshness({ pool }: Database): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{ at: string | null }>('select max(finished_at) as at from crosscheck.run');
  const at = rows[0]?.at;
  return new Map(at ? [['finding', at]] : []);
}

/** A job's token lives as long as one operation may take, and a little more. */
const JOB_TOKEN_SECONDS = 60;
