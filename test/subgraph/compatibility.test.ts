/**
 * The rows of Apollo's table of subgraph libraries (@apollo/federation-subgraph-compatibility), for what openSubgraph makes of classes: its
 * product schema, in part. Directives that the registers do not use are not imported and stand with their full names (Federation 2, "Importing
 * definitions"). Not among the rows: traces (ftv1), which would tell of a bureau's inner workings.
 */
import 'reflect-metadata';
import { type ExecutionResult, execute, GraphQLError, parse } from 'graphql';
import { Arg, Directive, Field, FieldResolver, Float, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { compose } from '../../src/gateway/compose';
import { buildSchema } from '../../src/subgraph/subgraph';

@ObjectType()
@Directive('@shareable')
class ProductDimension {
  @Field(() => String, { nullable: true })
  size!: string;
  @Field(() => Float, { nullable: true })
  weight!: number;
  @Field(() => String, { nullable: true })
  @Directive('@inaccessible')
  unit!: string;
}

@ObjectType()
class ProductVariation {
  @Field(() => ID)
  id!: string;
}

@ObjectType('User')
@Directive('@key(fields: "email")')
class User {
  @Field(() => ID)
  email!: string;
  @Field(() => String, { nullable: true })
  @Directive('@federation__override(from: "users")')
  name!: string;
  @Field(() => Int, { nullable: true })
  @Directive('@external')
  totalProductsCreated!: number;
  @Field(() => Int)
  @Directive('@external')
  yearsOfEmployment!: number;
}

@ObjectType('Product')
@Directive('@key(fields: "id")')
@Directive('@key(fields: "sku package")')
@Directive('@key(fields: "sku variation { id }")')
class Product {
  @Field(() => ID)
  id!: string;
  @Field(() => String, { nullable: true })
  sku!: string;
  @Field(() => String, { nullable: true })
  package!: string;
  @Field(() => ProductVariation, { nullable: true })
  variation!: ProductVariation;
  @Field(() => ProductDimension, { nullable: true })
  dimensions!: ProductDimension;
  @Field(() => User, { nullable: true })
  @Directive('@federation__provides(fields: "totalProductsCreated")')
  createdBy!: object;
  @Field(() => String, { nullable: true })
  @Directive('@tag(name: "internal")')
  notes!: string;
}

const USER = {
  email: 'support@apollographql.com',
  name: 'Jane Smith',
  totalProductsCreated: 1337,
  yearsOfEmployment: 10,
};
const PRODUCTS = [
  {
    id: 'apollo-federation',
    sku: 'federation',
    package: '@apollo/federation',
    variation: { id: 'OSS' },
    dimensions: { size: 'small', weight: 1, unit: 'kg' },
    createdBy: USER,
    notes: 'internal',
  },
];

@Resolver(() => Product)
class ProductResolver {
  @Query(() => Product, { nullable: true })
  product(@Arg('id', () => ID) id: string): object | undefined {
    return PRODUCTS.find((product) => product.id === id);
  }
}

@Resolver(() => User)
class UserResolver {
  @FieldResolver(() => Int, { nullable: true })
  @Directive('@requires(fields: "totalProductsCreated yearsOfEmployment")')
  averageProductsCreatedPerYear(@Root() user: User): number {
    return Math.round(user.totalProductsCreated / user.yearsOfEmployment);
  }
}

type Reference = Partial<Omit<Product, 'variation'>> & { variation?: { id: string } };

const products = {
  name: 'products',
  resolvers: [ProductResolver, UserResolver],
  references: {
    Product: (reference: Reference) =>
      PRODUCTS.find(
        ({ id, sku, package: inPackage, variation }) =>
          reference.id === id ||
          (reference.sku === sku && (reference.package === inPackage || reference.variation?.id === variation.id)),
      ),
    User: (reference: object) => ({ ...USER, ...reference }),
  },
};

const { schema, sdl } = buildSchema(products as never);

function ask(query: string, variables: object = {}, refusal?: Error): Promise<ExecutionResult> {
  const contextValue = { refusal: () => refusal };
  return execute({
    schema,
    document: parse(query),
    variableValues: { ...variables },
    contextValue,
  }) as Promise<ExecutionResult>;
}

interface Service {
  _service: { sdl: string };
}

/** What `_entities` gives for one representation. */
async function entity(representation: object, selection: string): Promise<unknown> {
  const query = `query($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`;
  const { data, errors } = await ask(query, { r: [representation] });
  expect(errors).toBeUndefined();
  return (data as { _entities: unknown[] })._entities[0];
}

describe('the rows of the table', () => {
  test('_service', async () => {
    const { data } = await ask('{ _service { sdl } }');
    expect((data as unknown as Service)._service.sdl).toContain('type Product');
  });

  test.each([
    ['@link', '@link(url: "https://specs.apollo.dev/federation/v2'],
    ['@key (single)', '@key(fields: "id")'],
    ['@key (multiple)', '@key(fields: "sku package")'],
    ['@key (composite)', '@key(fields: "sku variation { id }")'],
    ['@requires', '@requires(fields: "totalProductsCreated yearsOfEmployment")'],
    ['@external', 'totalProductsCreated: Int @external'],
    ['@provides', '@federation__provides(fields: "totalProductsCreated")'],
    ['@override', '@federation__override(from: "users")'],
    ['@shareable', 'type ProductDimension @shareable'],
    ['@tag', '@tag(name: "internal")'],
    ['@inaccessible', 'unit: String @inaccessible'],
  ])('%s is in the schema that is composed and in the one that _service gives', async (_, text) => {
    const { data } = await ask('{ _service { sdl } }');
    const ofService = (data as unknown as Service)._service.sdl;
    for (const one of [sdl, ofService]) expect(one.replace(/\s+/g, ' ')).toContain(text);
  });

  const WHOLE = { sku: 'federation', dimensions: { size: 'small' } };
  const PRODUCT = '... on Product { sku dimensions { size } }';
  test.each<[string, object, string, unknown]>([
    ['@key (single)', { __typename: 'Product', id: 'apollo-federation' }, PRODUCT, WHOLE],
    ['@key (multiple)', { __typename: 'Product', sku: 'federation', package: '@apollo/federation' }, PRODUCT, WHOLE],
    ['@key (composite)', { __typename: 'Product', sku: 'federation', variation: { id: 'OSS' } }, PRODUCT, WHOLE],
    [
      '@requires',
      { __typename: 'User', email: USER.email, totalProductsCreated: 1337, yearsOfEmployment: 10 },
      '... on User { averageProductsCreatedPerYear }',
      { averageProductsCreatedPerYear: 134 },
    ],
    ['@override', { __typename: 'User', email: USER.email }, '... on User { name }', { name: 'Jane Smith' }],
    ['an entity that is not there', { __typename: 'Product', id: 'none' }, PRODUCT, null],
  ])('_entities by %s', async (_, representation, selection, expected) => {
    expect(await entity(representation, selection)).toEqual(expected);
  });

  test('@provides: the field of another is given here', async () => {
    const { data } = await ask('{ product(id: "apollo-federation") { createdBy { email totalProductsCreated } } }');
    expect(data).toEqual({ product: { createdBy: { email: USER.email, totalProductsCreated: 1337 } } });
  });

  test('both roots are guarded: what is refused is refused there too', async () => {
    for (const query of ['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }']) {
      const { data, errors } = await ask(query, {}, new GraphQLError('refused'));
      expect([data?._service ?? data?._entities ?? null, errors?.[0]?.message]).toEqual([null, 'refused']);
    }
  });

  test('it composes with the other services of the product schema; what is inaccessible is not for callers', () => {
    const users = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Query { user: User } type User @key(fields: "email") { email: ID! name: String totalProductsCreated: Int yearsOfEmployment: Int! }`;
    const inventory = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable"])
      type Query { stock: Int } type ProductDimension @shareable { size: String weight: Float }
      type Product @key(fields: "id") { id: ID! dimensions: ProductDimension @external delivery: String @requires(fields: "dimensions { size }") }`;
    const { supergraph, api } = compose([
      { name: 'products', sdl },
      { name: 'users', sdl: users },
      { name: 'inventory', sdl: inventory },
    ]);
    expect(api).toContain('delivery: String');
    expect(api).not.toContain('unit:');
    expect(supergraph).toContain('unit: String');
    expect(supergraph).toMatch(/name: String @join__field\(graph: PRODUCTS, override: "users"/);
    expect(supergraph).toContain('provides: "totalProductsCreated"');
    expect(supergraph).toContain('@tag(name: "internal")');
  });
});
