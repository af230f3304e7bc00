/**
 * The hub: everything between the database and the door, put together once.
 */

import { type FormattedExecutionResult, parse } from 'graphql';
import { openAuditLog } from '../audit/append';
import { type Log, openLog } from '../audit/log';
import type { HashName } from '../audit/record';
import { openSigner, type SignatureName, type Signer } from '../audit/signing';
import { type Heads, openHeads } from '../audit/take-heads';
import { type Bureau, bureaus } from '../bureaus/bureau';
import { shanghaiDay } from '../bureaus/calendar';
import { recordKind } from '../bureaus/record';
import { type Ask } from '../crosscheck/follow';
import type { Rule } from '../crosscheck/rule';
import type { Database } from '../db/database';
import { federate, freshnessOfAll, type RemoteSettings, remoteOnes } from '../federation/remotes';
import { openCallSigner } from '../federation/signed-caller';
import { authenticator } from '../gateway/authenticate';
import { type Gateway, openGateway } from '../gateway/gateway';
import { type Issuer, openIssuer, openJobsIssuer } from '../gateway/issuer';
import { configuredIssuer, type IssuerSetting, issuerFor, ownIssuer } from '../gateway/issuers';
import type { BureauState } from '../gateway/metrics';
import { type TokenAddress, tokenAddress } from '../gateway/oauth';
import { type ReadReadiness, readinessOf } from '../gateway/ready';
import { standingIn } from '../gateway/revocation';
import { UNWATCHED, type Watch, watchedAudit, watchedSubgraph } from '../gateway/watch';
import { agreementsIn } from '../sharing/agreement';
import { decide } from '../sharing/decide';
import type { Actor, Office } from '../sharing/life';
import { quotaIn } from '../sharing/quota';
import type { Catalogue } from '../sharing/terms';
import { freshnessIn, type ReadFreshness } from '../subgraph/freshness';
import { openSubgraph, sdlOf } from '../subgraph/subgraph';
import { AccessResolver } from './access';
import { AgreementChangeResolver } from './agreement-change';
import { catalogueOf } from './catalogue';
import { FUND_SUPERVISION, SUPERVISION } from './codes';
import { FieldUsesResolver } from './field-uses';
import { FindingResolver } from './finding';
import { FindingDocumentResolver } from './finding-document';
import { FindingHistoryResolver } from './finding-history';
import { FindingReviewResolver } from './finding-review';
import { allFreshBefore, findingsFreshness, freshSoon, tellElsewhere } from './freshness';
import { hubKeys } from './keys';
import { AgreementResolver } from './own-agreements';
import { OwnDataQualityResolver } from './own-data-quality';
import { QuarantineResolver } from './quarantined';
import { RuleResolver } from './rule';
import { SyncRunResolver } from './sync-run';

export interface HubOptions {
  database: Database;
  /** Where the keys of the issuer and of the hub's signatures are kept. */
  dataDirectory: string;
  /** How the hub signs; Ed25519 unless told. */
  signature?: SignatureName;
  /** How the audit log is hashed; SHA-256 unless told. A log that was begun otherwise is refused. */
  hash?: HashName;
  /** Where tree heads of the audit log go besides the data directory: absolute paths and http(s) URLs. */
  checkpoints?: readonly string[];
  /** The key of the person key; asked for only when a person is looked up by number. */
  hubKey(): Buffer;
  /** Issuers that agencies bring; the hub's own issuer speaks for all others. */
  issuers?: readonly IssuerSetting[];
  /** Bureaus on their own premises; all others are served by this process. */
  subgraphs?: RemoteSettings;
  /** The graph as `heyan compose` wrote it; else it is composed of this program's own schemas. */
  supergraph?: string;
  now?: () => Date;
  /** Milliseconds of a clock that nobody sets back: by it, agreements and freshness are remembered for a moment. */
  elapsed?: () => number;
  /** Told of errors that callers do not see in full. */
  report?: (error: unknown) => void;
  /** Sees each step of an operation. */
  watch?: Watch;
}

export interface Hub {
  gateway: Gateway;
  issuer: Issuer;
  /** Where agencies' clients fetch tokens. */
  tokens: TokenAddress;
  /** Who signs for the hub. */
  signer: Signer;
  /** The audit log. */
  log: Log;
  /** The tree heads of the audit log: taken every minute while it grows, and at closing. */
  heads: Heads;
  /** What agreements can grant. */
  catalogue(): Catalogue;
  /** One operation of the cross-check, through the door as the agency it is. */
  ask: Ask;
  /**
   * One operation through the same door for an officer whom a command of the operator acts for: on an agency's own affairs, unless a purpose
   * is named.
   */
  askFor(
    who: Actor & { purpose?: string; case?: string },
    query: string,
    variables: Record<string, unknown>,
  ): Promise<FormattedExecutionResult>;
  /** What the cross-check may read of what a rule needs: the fields refused, and the agreement each granted field is read under. */
  reading(): Promise<{ refused(rule: Rule): string[]; agreements(rule: Rule): Record<string, string> }>;
  /** The end of the last complete delivery, and since when it is late, by kind. */
  freshness: ReadFreshness;
  /** Whether this process can answer now. */
  ready: ReadReadiness;
  /** How the bureaus on their own premises stand, as seen in the last calls. */
  bureaus(): readonly BureauState[];
  /** Makes now what is otherwise made when a bureau is first asked: for who serves, so that the first requests are no slower than others. */
  prepare(): void;
  /** The end of each kind's last complete delivery before an instant; see freshness.ts. */
  freshnessBefore(instant: Date): Promise<Record<string, string>>;
  /** Whether records of a kind are kept by a bureau on its own premises, and not in this database. */
  isElsewhere(kind: string): boolean;
  close(): Promise<void>;
}

/** The hub's own part of the graph. */
export const hubPart = {
  name: 'hub',
  resolvers: [
    FindingResolver,
    FindingDocumentResolver,
    FindingHistoryResolver,
    FindingReviewResolver,
    RuleResolver,
    OwnDataQualityResolver,
    AccessResolver,
    AgreementResolver,
    AgreementChangeResolver,
    FieldUsesResolver,
    SyncRunResolver,
    QuarantineResolver,
  ],
} as const;

/** Opens the hub over a migrated database. */
export async function openHub({
  database,
  dataDirectory,
  signature,
  hash,
  checkpoints,
  hubKey,
  issuers = [],
  subgraphs = {},
  supergraph,
  now = () => new Date(),
  elapsed = () => performance.now(),
  report = () => {},
  watch = UNWATCHED,
}: HubOptions): Promise<Hub> {
  const issuer = await openIssuer(dataDirectory, now);
  const jobs = await openJobsIssuer(now);
  const speaksFor = (agency: string) => issuerFor(issuers, agency) === undefined;
  const signer = openSigner(dataDirectory, signature);
  const keys = hubKeys(dataDirectory, signer);
  const agreements = agreementsIn(database.dataSource, { keys, now: elapsed, report });
  const today = () => shanghaiDay(now());
  const catalogue = once(() => catalogueOf(parse(gateway.graph.supergraph)));
  const office: Office = { dataSource: database.dataSource, signer, catalogue, now, today };
  const elsewhere = remoteOnes(subgraphs, supergraph);
  const bureausHere = bureaus().filter(({ name }) => !(name in elsewhere));
  const isElsewhere = (kind: string) =>
    !bureausHere.some(({ records }) => records.some((one) => recordKind(one).kind === kind));
  const freshnessHere = freshnessIn(database.pool, elapsed);
  const { pool, lookup } = database;
  const means = { pool, lookup, hubKey, agreements, freshness: freshnessHere, today };
  const log = await openLog(database.pool, hash);
  const heads = openHeads({ pool: database.pool, log, signer, dataDirectory, sinks: checkpoints, now, report });
  const local = [
    ...bureausHere.map((bureau) => openSubgraph(bureau, means)),
    openSubgraph(hubPart, {
      ...means,
      freshness: () => findingsFreshness(database, () => freshnessSoon()),
      beside: { office, keys, log, keptElsewhere: (kinds: readonly string[]) => keptElsewhere(kinds) },
    }),
  ];
  const federation = await federate({
    local,
    remotes: elsewhere,
    supergraph,
    schemaOf: (name) => schemaOf(bureaus().find((bureau) => bureau.name === name)),
    signer: () => openCallSigner(dataDirectory, now),
    elapsed,
    report,
    watch,
  });
  const freshness = freshnessOfAll(freshnessHere, federation.remotes, isElsewhere);
  const freshnessSoon = freshSoon(freshnessHere, federation.remotes, isElsewhere, elapsed);
  const audit = watchedAudit(openAuditLog(database.pool, log), watch);
  const standings = standingIn(database.pool, elapsed);
  const keptElsewhere = tellElsewhere(freshness, isElsewhere);
  const gateway = await openGateway({
    graph: federation.graph,
    subgraphs: [...local, ...federation.remotes].map((subgraph) => watchedSubgraph(subgraph, watch)),
    authenticate: authenticator({
      issuers: [
        ownIssuer(issuer, speaksFor),
        // Its key never leaves this process: it speaks for the cross-check, and for officers whom the operator's commands act for.
        ownIssuer(jobs, () => true),
        ...issuers.map((setting) => configuredIssuer(setting, elapsed)),
      ],
      standing: standings.read,
      now,
    }),
    agreements,
    quota: quotaIn(database.pool),
    audit,
    now,
    today,
    report,
    watch,
  });
  return {
    gateway,
    issuer,
    tokens: tokenAddress({ pool: database.pool, issuer, speaksFor, now, elapsed, report }),
    signer,
    log,
    heads,
    catalogue,
    async ask(query, variables) {
      const token = await jobs.issue(SUPERVISION, null, JOB_TOKEN_SECONDS);
      const answer = await gateway.ask(
        { authorization: `Bearer ${token}`, purpose: FUND_SUPERVISION },
        query,
        variables,
      );
      if (answer.errors?.length) throw new Error(answer.errors.map((error) => error.message).join('; '));
      return { data: answer.data, extensions: answer.extensions };
    },
    async askFor({ agency, officer, purpose = OWN_AFFAIRS, case: caseNumber }, query, variables) {
      const token = await jobs.issue(agency, officer, JOB_TOKEN_SECONDS);
      return gateway.ask({ authorization: `Bearer ${token}`, purpose, case: caseNumber }, query, variables);
    },
    async reading() {
      const caller = { agency: SUPERVISION, officer: null, purpose: FUND_SUPERVISION, case: null };
      const granted = await agreements(SUPERVISION);
      const decided = (field: string) => {
        const [kind, name] = field.split('.') as [string, string];
        const footprint = {
          uses: [{ kind, field: name, verb: 'FEED' as const }],
          untagged: [],
          own: false,
          introspection: false,
        };
        return decide(caller, footprint, { agreements: granted, day: today(), kinds: gateway.kinds });
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
    ready: readinessOf(database.pool, elapsed, () => audit.failures() + standings.failures()),
    bureaus: () => federation.remotes.map((remote) => remote.state()),
    prepare() {
      for (const subgraph of local) subgraph.schema();
    },
    freshnessBefore: (instant) => allFreshBefore(instant, database.pool, federation.remotes, isElsewhere),
    isElsewhere,
    async close() {
      await gateway.close();
      federation.close();
      await heads.close();
    },
  };
}

/** The purpose of an operation that touches no record: no agreement is needed for it. */
const OWN_AFFAIRS = 'OWN_AFFAIRS';

/** A job's token lives as long as one operation may take, and a little more. */
const JOB_TOKEN_SECONDS = 60;

function schemaOf(bureau: Bureau | undefined): string | undefined {
  return bureau && sdlOf(bureau);
}

function once<T>(work: () => T): () => T {
  let done: { value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}
