/**
 * Agencies: whoever gives records, uses them, or both. An agency that is not registered here, or is suspended, is nobody to the hub,
 * whatever its token says.
 */
import { Column, type DataSource, Entity, PrimaryColumn } from 'typeorm';

/** What a code looks like: lower-case words joined by hyphens, for example `civil-affairs`. */
export const AGENCY_CODE = /^[a-z0-9][a-z0-9-]{0,62}$/;

@Entity({ schema: 'sharing', name: 'agency' })
export class Agency {
  @PrimaryColumn({ type: 'text' })
  code!: string;

  @Column({ name: 'name_en', type: 'text' })
  nameEn!: string;

  @Column({ name: 'name_zh', type: 'text' })
  nameZh!: string;

  /** Since when none of its tokens is taken; null while it may work. */
  @Column({ name: 'suspended_at', type: 'timestamptz', nullable: true })
  suspendedAt?: Date | null;

  /** Its tokens that were issued before this are not taken. */
  @Column({ name: 'tokens_from', type: 'timestamptz', nullable: true })
  tokensFrom?: Date | null;
}

/** Something about agencies that cannot be done; the message says what to do instead. */
export class AgencyRefused extends Error {}

/** Registers an agency. Throws `AgencyRefused` when the code is none, or taken. */
export async function addAgency(
  dataSource: DataSource,
  agency: { code: string; nameEn: string; nameZh: string },
): Promise<void> {
  if (!AGENCY_CODE.test(agency.code))
    throw new AgencyRefused(
      `${JSON.stringify(agency.code.slice(0, 64))} is no code of an agency: up to 63 lower-case letters, digits and hyphens`,
    );
  const rows: unknown[] = await dataSource.query(
    'insert into sharing.agency (code, name_en, name_zh) values ($1, $2, $3) on conflict do nothing returning code',
    [agency.code, agency.nameEn, agency.nameZh],
  );
  if (rows.length === 0) throw new AgencyRefused(`${agency.code} is registered already; "heyan agency list" shows it`);
}

/** Suspends an agency, so that none of its tokens is taken from the next request on, or lets it work again. */
export async function suspendAgency(dataSource: DataSource, code: string, isSuspended: boolean): Promise<void> {
  const since = isSuspended ? 'coalesce(suspended_at, now())' : 'null';
  const [, changed]: [unknown, number] = await dataSource.query(
    `update sharing.agency set suspended_at = ${since} where code = $1`,
    [code],
  );
  if (changed === 0) throw notRegistered(code);
}

/** Says which agency is missing and how it is registered. */
export function notRegistered(code: string): AgencyRefused {
  return new AgencyRefused(
    `${JSON.stringify(code.slice(0, 64))} is not a registered agency: "heyan agency list" shows them, "heyan agency add" registers one`,
  );
}
