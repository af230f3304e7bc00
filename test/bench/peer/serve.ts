/**
 * The peer: Apollo Server over `@apollo/gateway`, with every subgraph in the same process (`LocalGraphQLDataSource`), which spares it the
 * HTTP between them. It authenticates nobody and keeps no audit.
 */
import 'reflect-metadata';
import { ApolloGateway, LocalGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { composeServices } from '@theguild/federation-composition';
import { DataSource } from 'typeorm';
import { entities } from './entities';
import { loadersOf } from './loaders';
import { everyField } from './permissions';
import { type PeerContext, peerSubgraphs } from './subgraphs';

export async function servePeer(databaseUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const dataSource = new DataSource({
    type: 'postgres',
    entities,
    poolSize: 10,
    installExtensions: false,
    extra: { connectionString: databaseUrl },
  });
  await dataSource.initialize();
  const subgraphs = peerSubgraphs(dataSource);
  const composed = composeServices(
    subgraphs.map(({ name, typeDefs }) => ({ name, typeDefs, url: `http://${name}.local` })),
  );
  if (!composed.supergraphSdl) throw new Error(composed.errors?.map(({ message }) => message).join('; '));
  const byName = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph.schema]));
  const server = new ApolloServer<PeerContext>({
    gateway: new ApolloGateway({
      supergraphSdl: composed.supergraphSdl,
      buildService: ({ name }) => new LocalGraphQLDataSource(byName.get(name.toLowerCase()) as never),
    }),
    stopOnTerminationSignals: false,
  });
  const granted = everyField(subgraphs.map(({ schema }) => schema));
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: async () => ({ granted, loaders: loadersOf(dataSource) }),
  });
  return {
    url: url.replace(/\/$/, ''),
    async close() {
      await server.stop();
      await dataSource.destroy();
    },
  };
}
