/**
 * The life of an agreement: DRAFT → PROPOSED → APPROVED → REVOKED, or EXPIRED after its last day. Officers of the provider draft, propose,
 * approve and revoke; who approves is another person than who proposed. Each change locks the agreement, writes its history, and refuses in one
 * sentence what cannot be. Doing again what the same officer has done changes nothing.
 */
import type { DataSource, EntityManager } from 'typeorm';
import { canonicalJson } from '../audit/record';
import type { Signer } from '../audit/signing';
import { AGENCY_CODE, Agency } from './agency';
import { Agreement, type AgreementState, type Clause, stateOn } from './agreement';
import { isSamePerson, signApproval } from './approval';
import { type Catalogue, type Mistake, mistakesOf, type Terms } from './terms';

/** A change that cannot be made. The message is for the officer; mistakes in terms are listed with their places. */
export class AgreementRefused extends Error {
  constructor(
    message: string,
    readonly mistakes: readonly Mistake[] = [],
  ) {
    super(message);
  }
}

/** Who acts: the agency and officer of a token. */
export interface Actor {
  agency: string;
  officer: string | null;
}

/** What agreements are kept and signed with. */
export interface Office {
  dataSource: DataSource;
  signer: Signer;
  catalogue(): Catalogue;
  now(): Date;
  /** The civil day, `YYYY-MM-DD`. */
  today(): string;
}

/** One step of a life, as history keeps it. */
export interface AgreementEvent {
  at: string;
  agency: string;
  officer: string;
  fromState: AgreementState | null;
  toState: AgreementState;
  reason: string | null;
}

/** The name of an officer, as their agency writes it. */
export const OFFICER = /^[^\p{C}]{1,100}$/u;
const REASON = /^[^\p{Cc}]{1,500}$/u;
/** No life has so many steps, unless a draft is rewritten by a machine. */
const EVENTS_MAX = 1_000;

/** The same words for what does not exist and for what is none of the caller's business. */
export function noSuchAgreement(id: string): AgreementRefused {
  return new AgreementRefused(`There is no agreement ${printable(id)} of which your agency is a side`);
}

/**
 * Writes terms down as a draft, or over the caller's own draft of that id. The same terms again change nothing, in whatever state they are.
 * @throws `AgreementRefused` with every mistake in the terms
 */
export async function draft(office: Office, actor: Actor, given: Terms): Promise<Agreement> {
  const officer = officerOf(actor);
  const terms = plain(given);
  if (terms.provider !== actor.agency)
    throw new AgreementRefused(
      `Only ${printable(terms.provider)} can give its own records: you act for ${actor.agency}`,
    );
  const mistakes = mistakesOf(terms, office.catalogue());
  const missing = await unregistered(office.dataSource, terms);
  if (mistakes.length + missing.length > 0) throw wrongTerms(terms.id, [...missing, ...mistakes]);
  return office.dataSource.transaction(async (manager) => {
    const inserted = await manager
      .createQueryBuilder()
      .insert()
      .into(Agreement)
      .values({ ...terms, state: 'DRAFT', version: 1 } as object)
      .orIgnore()
      .returning('id')
      .execute();
    const agreement = await locked(manager, terms.id);
    if ((inserted.raw as unknown[]).length > 0) {
      await remember(manager, agreement, { office, actor, officer, from: null, reason: null });
      return agreement;
    }
    if (isSameTerms(agreement, terms)) return agreement;
    if (agreement.state !== 'DRAFT') {
      const state = stateOn(agreement, office.today());
      throw new AgreementRefused(
        `Agreement ${terms.id} is ${state}: its terms cannot change any more. Draft another under another id`,
      );
    }
    return save(manager, agreement, terms, { office, actor, officer, from: 'DRAFT', reason: null });
  });
}

/** Proposes a draft. @throws `AgreementRefused` */
export function propose(office: Office, actor: Actor, id: string): Promise<Agreement> {
  return change(office, actor, id, 'proposed', (agreement, officer) => {
    if (agreement.state === 'PROPOSED' && agreement.proposedBy === officer) return null;
    requireState(agreement, 'DRAFT', 'proposed', office);
    requireSoundTerms(agreement, office);
    return { state: 'PROPOSED', proposedBy: officer, proposedAt: office.now().toISOString() };
  });
}

/** Approves a proposal of another officer, and signs it. @throws `AgreementRefused` */
export function approve(office: Office, actor: Actor, id: string): Promise<Agreement> {
  return change(office, actor, id, 'approved', (agreement, officer) => {
    if (agreement.state === 'APPROVED' && agreement.approvedBy === officer && !isPast(agreement, office)) return null;
    requireState(agreement, 'PROPOSED', 'approved', office);
    if (isSamePerson(agreement.proposedBy ?? '', officer)) {
      const message = `Agreement ${id} was proposed by the same officer: another officer of ${agreement.provider} must approve it`;
      throw new AgreementRefused(message);
    }
    requireSoundTerms(agreement, office);
    const approved = { approvedBy: officer, approvedAt: office.now().toISOString() };
    return { state: 'APPROVED', ...approved, approval: signApproval({ ...agreement, ...approved }, office.signer) };
  });
}

/** Revokes an agreement, withdraws a proposal or drops a draft, for good. @throws `AgreementRefused` */
export function revoke(office: Office, actor: Actor, id: string, given: string): Promise<Agreement> {
  const reason = given.trim();
  return change(
    office,
    actor,
    id,
    'revoked',
    (agreement, officer) => {
      if (!REASON.test(reason)) throw new AgreementRefused('A reason is required: up to 500 characters on one line');
      if (agreement.state === 'REVOKED') return null;
      if (isPast(agreement, office)) throw new AgreementRefused(`Agreement ${id} ended on ${agreement.validTo}`);
      return { state: 'REVOKED', revokedBy: officer, revokedAt: office.now().toISOString(), revokedReason: reason };
    },
    reason,
  );
}

/** The history of an agreement, oldest first. */
export async function historyOf(dataSource: DataSource, id: string): Promise<AgreementEvent[]> {
  const rows: AgreementEvent[] = await dataSource.query(
    `select at, agency, officer, from_state as "fromState", to_state as "toState", reason
     from sharing.agreement_event where agreement = $1 order by seq limit $2`,
    [id, EVENTS_MAX],
  );
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}

/** The terms with nothing beside them and nothing empty in them, so that two ways to write the same are the same. */
export function plain(terms: Terms): Terms {
  const { id, provider, agency, purposes, caseRequired, covertDays, clauses, validFrom, validTo, personsPerDay } =
    terms;
  const plainClauses = clauses.map(
    ({ recordKind, fields, verbs, masks = {}, districts = [] }): Clause => ({
      recordKind,
      fields,
      verbs,
      ...(Object.keys(masks).length > 0 && { masks }),
      ...(districts.length > 0 && { districts }),
    }),
  );
  return {
    id, provider, agency, purposes, caseRequired, covertDays, clauses: plainClauses, validFrom, validTo, personsPerDay,
  }; // biome-ignore format: a list of words
}

/** A step that is about to be kept. */
interface Step {
  office: Office;
  actor: Actor;
  officer: string;
  from: AgreementState | null;
  reason: string | null;
}

async function change(
  office: Office,
  actor: Actor,
  id: string,
  done: string,
  next: (agreement: Agreement, officer: string) => Partial<Agreement> | null,
  reason: string | null = null,
): Promise<Agreement> {
  const officer = officerOf(actor);
  return office.dataSource.transaction(async (manager) => {
    const agreement = id.includes('\0') ? null : await find(manager, id);
    if (!agreement || ![agreement.provider, agreement.agency].includes(actor.agency)) throw noSuchAgreement(id);
    if (agreement.provider !== actor.agency)
      throw new AgreementRefused(`Agreement ${id} can be ${done} by officers of ${agreement.provider} only`);
    const changed = next(agreement, officer);
    if (!changed) return agreement;
    return save(manager, agreement, changed, { office, actor, officer, from: agreement.state, reason });
  });
}

async function save(
  manager: EntityManager,
  agreement: Agreement,
  changed: Partial<Agreement>,
  step: Step,
): Promise<Agreement> {
  const after = Object.assign(agreement, changed, { version: agreement.version + 1 });
  await manager.update(Agreement, { id: agreement.id }, { ...changed, version: after.version } as object);
  await remember(manager, after, step);
  return after;
}

function remember(manager: EntityManager, { id, state }: Agreement, step: Step): Promise<unknown> {
  return manager.query(
    `insert into sharing.agreement_event (agreement, at, agency, officer, from_state, to_state, reason)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, step.office.now().toISOString(), step.actor.agency, step.officer, step.from, state, step.reason],
  );
}

function find(manager: EntityManager, id: string): Promise<Agreement | null> {
  return manager.findOne(Agreement, { where: { id }, lock: { mode: 'pessimistic_write' } });
}

async function locked(manager: EntityManager, id: string): Promise<Agreement> {
  const agreement = await find(manager, id);
  if (!agreement) throw new Error(`agreement ${id} is gone, although none is ever deleted`);
  return agreement;
}

function officerOf({ officer }: Actor): string {
  if (officer && OFFICER.test(officer)) return officer;
  throw new AgreementRefused('An officer is required: use a token that names one');
}

function requireState(agreement: Agreement, state: AgreementState, done: string, office: Office): void {
  if (agreement.state === state) return;
  const actual = stateOn(agreement, office.today());
  throw new AgreementRefused(`Agreement ${agreement.id} is ${actual}: only what is ${state} can be ${done}`);
}

/** What was right when it was drafted may not be any more: kinds lose fields, and days pass. */
function requireSoundTerms(agreement: Agreement, office: Office): void {
  const mistakes = mistakesOf(agreement, office.catalogue());
  if (mistakes.length > 0) throw wrongTerms(agreement.id, mistakes);
  if (agreement.validTo >= office.today()) return;
  throw new AgreementRefused(
    `Agreement ${agreement.id} would have ended on ${agreement.validTo} already: draft another`,
  );
}

function isPast(agreement: Agreement, office: Office): boolean {
  return stateOn(agreement, office.today()) === 'EXPIRED';
}

/** Agencies of the terms that are not registered, as mistakes. */
export async function unregistered(dataSource: DataSource, { provider, agency }: Terms): Promise<Mistake[]> {
  const codes = [...new Set([provider, agency])];
  const where = codes.filter((code) => AGENCY_CODE.test(code)).map((code) => ({ code }));
  const known = where.length > 0 ? await dataSource.getRepository(Agency).find({ where }) : [];
  return codes
    .filter((code) => !known.some((one) => one.code === code))
    .map((code) => {
      const message = `agency ${printable(code)} is not registered: add it first (heyan agency add)`;
      return { path: [code === agency ? 'agency' : 'provider'], message };
    });
}

function wrongTerms(id: string, mistakes: readonly Mistake[]): AgreementRefused {
  const all = mistakes.map(({ message }) => message).join('; ');
  return new AgreementRefused(`The terms of ${printable(id)} cannot stand: ${all}`, mistakes);
}

function isSameTerms(agreement: Agreement, terms: Terms): boolean {
  return canonicalJson(plain(agreement)) === canonicalJson(terms);
}

/** What a caller wrote goes back into a message only as far as it can be read there. */
function printable(text: string): string {
  return text.replace(/[\p{C}]/gu, '?').slice(0, 200) || '(empty)';
}
