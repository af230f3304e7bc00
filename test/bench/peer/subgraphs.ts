/** The bureaus as seven subgraphs, each with its type definitions and resolvers, as the federation tutorials write them. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, type GraphQLSchema, parse } from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import type { DataSource } from 'typeorm';
import { IsNull, MoreThan } from 'typeorm';
import { personKey } from '../../../src/bureaus/keys';
import { SAMPLE_KEY } from '../../support/hub';
import { ClaimRow, type ContributionRow, type DeathRow, type HouseholdRow } from './entities';
import type { Loader, Loaders } from './loaders';
import { permissionsOf } from './permissions';

export interface PeerContext {
  granted: ReadonlySet<string>;
  loaders: Loaders;
}

interface Person {
  id: string;
  keys?: string[];
}

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])';
const person = (row: { personKey: Buffer }) => ({ __typename: 'Person', id: row.personKey.toString('hex') });

/** What a list is ordered by, newest first. */
type Place = readonly [value: string, sourceId: string];

function newestFirst<Row>(rows: readonly Row[], place: (row: Row) => Place): Row[] {
  const text = (row: Row) => place(row).join(' ');
  return [...rows].sort((a, b) => (text(a) < text(b) ? 1 : -1));
}

function pageOf<Row>(rows: readonly Row[], first: number, place: (row: Row) => Place): object {
  const cursor = (row: Row) => Buffer.from(JSON.stringify(place(row))).toString('base64url');
  const edges = rows.slice(0, first).map((node) => ({ cursor: cursor(node), node }));
  return { edges, pageInfo: { hasNextPage: rows.length > first } };
}

export interface PeerSubgraph {
  name: string;
  typeDefs: DocumentNode;
  schema: GraphQLSchema;
}

/** The seven, with a shield on every field. */
export function peerSubgraphs(dataSource: DataSource): PeerSubgraph[] {
  return [household(), death(), enrollment(), retirement(), contribution(), poverty(), claim(dataSource)].map(
    ({ name, sdl, resolvers }) => {
      const typeDefs = parse(`${LINK}\n${sdl}`);
      const schema = buildSubgraphSchema({ typeDefs, resolvers: resolvers as never });
      return { name, typeDefs, schema: applyMiddleware(schema, permissionsOf(schema)) };
    },
  );
}

interface Part {
  name: string;
  sdl: string;
  resolvers: object;
}

function household(): Part {
  return {
    name: 'household',
    sdl: `
      type Query { person(idNumber: String, id: ID): Person persons(ids: [ID!]!): [Person!]! }
      type Person @key(fields: "id") { id: ID! keys: [ID!] name: String household: Household }
      type Household { sourceId: ID! name: String sex: String birthDate: String status: String districtCode: String address: String }`,
    resolvers: {
      Query: {
        person: (_: unknown, { idNumber, id }: { idNumber?: string; id?: string }) => ({
          id: id ?? personKey(SAMPLE_KEY, idNumber as string).toString('hex'),
        }),
        persons: (_: unknown, { ids }: { ids: string[] }) => ids.map((id) => ({ id })),
      },
      Person: {
        keys: ({ id }: Person, _: unknown, { loaders }: PeerContext) => loaders.keys.load(id),
        name: async (one: Person, _: unknown, { loaders }: PeerContext) => (await registered(one, loaders))?.name,
        household: (one: Person, _: unknown, { loaders }: PeerContext) => registered(one, loaders),
      },
    },
  };
}

/** The entry under the number that stands. */
async function registered({ id }: Person, loaders: Loaders): Promise<HouseholdRow | undefined> {
  const [canonical] = await loaders.keys.load(id);
  return (await loaders.household.load(canonical as string))[0];
}

/** What is filed under any of a person's numbers. */
async function filed<Row extends { sourceId: string }>(loader: Loader<Row>, { id, keys }: Person): Promise<Row[]> {
  const lists = await Promise.all((keys ?? [id]).map((key) => loader.load(key)));
  return lists.flat().sort((a, b) => (a.sourceId < b.sourceId ? -1 : 1));
}

const KEYS = 'id: ID! keys: [ID!] @external';

/** The list of one bureau's records on a person. */
function listed(name: string, field: string, type: string, fields: string, kind: Exclude<keyof Loaders, 'keys'>): Part {
  return {
    name,
    sdl: `type Person @key(fields: "id") { ${KEYS} ${field}: [${type}!] @requires(fields: "keys") } type ${type} { sourceId: ID! ${fields} }`,
    resolvers: {
      Person: {
        [field]: (one: Person, _: unknown, { loaders }: PeerContext) => filed(loaders[kind] as Loader<DeathRow>, one),
      },
    },
  };
}

const death = () =>
  listed('death', 'deaths', 'Death', 'source: String deathDate: String datePrecision: String status: String', 'death');
const enrollment = () =>
  listed(
    'enrollment',
    'enrollments',
    'Enrollment',
    'scheme: String category: String startDate: String endDate: String status: String',
    'enrollment',
  );
const retirement = () =>
  listed('retirement', 'retirements', 'Retirement', 'pension: String retiredOn: String status: String', 'retirement');
const poverty = () =>
  listed('poverty', 'povertyMonitoring', 'PovertyMonitoring', 'category: String identifiedOn: String', 'poverty');

function contribution(): Part {
  const place = (row: ContributionRow): Place => [row.period, row.sourceId];
  return {
    name: 'contribution',
    sdl: `
      type Person @key(fields: "id") { ${KEYS} contributions(first: Int!): ContributionConnection @requires(fields: "keys") }
      type Contribution { sourceId: ID! scheme: String period: String amount: String status: String }
      type ContributionConnection { edges: [ContributionEdge!]! }
      type ContributionEdge { cursor: String! node: Contribution! }`,
    resolvers: {
      Person: {
        contributions: async (one: Person, { first }: { first: number }, { loaders }: PeerContext) =>
          pageOf(newestFirst(await filed(loaders.contribution, one), place), first, place),
      },
    },
  };
}

function claim(dataSource: DataSource): Part {
  const claims = dataSource.getRepository(ClaimRow);
  const place = (row: ClaimRow): Place => [row.serviceDate ?? (row.admissionDate as string), row.sourceId];
  return {
    name: 'claim',
    sdl: `
      type Query {
        claims(institutionCode: String!, first: Int!): ClaimConnection
        claimChanges(after: String, first: Int!): ClaimChanges
      }
      type Person @key(fields: "id") { ${KEYS} claims(first: Int!): ClaimConnection @requires(fields: "keys") }
      type Claim { sourceId: ID! revision: ID! institutionCode: String claimType: String serviceDate: String admissionDate: String
        totalAmount: String pooledPaid: String selfPaid: String benefitTier: String status: String person: Person }
      type ClaimConnection { edges: [ClaimEdge!]! pageInfo: PageInfo! }
      type ClaimEdge { cursor: String! node: Claim! }
      type PageInfo { hasNextPage: Boolean! }
      type ClaimChanges { changes: [ClaimChange!]! endCursor: String! hasNextPage: Boolean! }
      type ClaimChange { seq: ID! op: String! record: Claim }`,
    resolvers: {
      Query: {
        async claims(_: unknown, { institutionCode, first }: { institutionCode: string; first: number }) {
          const rows = await claims
            .createQueryBuilder('c')
            .where({ institutionCode, recordedTo: IsNull(), op: 'U' })
            .orderBy('coalesce(c.service_date, c.admission_date)', 'DESC')
            .addOrderBy('c.source_id', 'DESC')
            .limit(first + 1)
            .getMany();
          return pageOf(rows, first, place);
        },
        async claimChanges(_: unknown, { after, first }: { after?: string; first: number }) {
          const rows = await claims.find({
            where: { seq: MoreThan(after ?? '0') },
            order: { seq: 'ASC' },
            take: first + 1,
          });
          const page = rows.slice(0, first);
          return { changes: page, endCursor: page.at(-1)?.seq ?? after ?? '0', hasNextPage: rows.length > first };
        },
      },
      Person: {
        claims: async (one: Person, { first }: { first: number }, { loaders }: PeerContext) =>
          pageOf(newestFirst(await filed(loaders.claim, one), place), first, place),
      },
      Claim: { revision: (row: ClaimRow) => row.seq, person },
      ClaimChange: {
        op: (row: ClaimRow) => (row.op === 'D' ? 'DELETE' : 'UPSERT'),
        record: (row: ClaimRow) => (row.op === 'D' ? null : row),
      },
    },
  };
}
