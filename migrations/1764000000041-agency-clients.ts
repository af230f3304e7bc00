import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who may speak for an agency at the token address, and what was revoked. A client has a secret or a key, never both; the secret itself is stored nowhere. */
export class AgencyClients1764000000041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table sharing.agency add suspended_at timestamptz, add tokens_from timestamptz`);
    await runner.query(`
      create table sharing.client (
        id text primary key,
        agency text not null references sharing.agency,
        secret_hash text,
        jwks jsonb,
        made_at timestamptz not null default now(),
        disabled_at timestamptz,
        check ((secret_hash is null) <> (jwks is null))
      )`);
    await runner.query(`create index client_agency on sharing.client (agency)`);
    await runner.query(`
      create table sharing.revoked_token (
        jti text primary key,
        until timestamptz not null,
        at timestamptz not null default now(),
        by text not null
      )`);
    await runner.query(`create table sharing.used_assertion (id text primary key, until timestamptz not null)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table sharing.used_assertion, sharing.revoked_token, sharing.client`);
    await runner.query(`alter table sharing.agency drop suspended_at, drop tokens_from`);
  }
}
