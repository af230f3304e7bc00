/**
 * Whose tokens are taken, and for whom each issuer may speak. A configured issuer speaks for the agencies that it lists; the hub's own for
 * all that no configured issuer lists, so that a bureau which brought its own issuer cannot be spoken for by anybody else.
 */
import { AUDIENCE, type Issuer } from './issuer';
import { ALGORITHMS, type Algorithm, type FindKeys, keysAt, keysInFile, oneKey } from './key-set';

/** An issuer of `heyan.yaml`. */
export interface IssuerSetting {
  /** Its name, exactly as tokens give it in `iss`. */
  issuer: string;
  /** Path of a file, or `http(s)://` address, of its JSON Web Key Set. */
  jwks: string;
  /** What its tokens give in `aud`. */
  audience: string;
  /** What it signs by; RS256, ES256 and EdDSA unless told. */
  algorithms?: readonly Algorithm[];
  /** Codes of the agencies that it may speak for. */
  agencies: readonly string[];
}

export interface TrustedIssuer {
  name: string;
  audience: string;
  algorithms: readonly Algorithm[];
  findKeys: FindKeys;
  speaksFor(agency: string): boolean;
  /** How long a token of it may hold, from `iat` to `exp`. */
  lifetimeSecondsMax: number;
  /** How far its clock may be from ours. */
  toleranceSeconds: number;
  /** Whether its tokens may name a client of ours in `client_id`. */
  isOurs: boolean;
}

const DAY_SECONDS = 86_400;
/** `heyan token --hours 720` */
const OWN_LIFETIME_SECONDS_MAX = 30 * DAY_SECONDS;
const TOLERANCE_SECONDS = 30;

/** An issuer of the settings. */
export function configuredIssuer(setting: IssuerSetting, elapsed: () => number): TrustedIssuer {
  return {
    name: setting.issuer,
    audience: setting.audience,
    algorithms: setting.algorithms ?? ALGORITHMS,
    findKeys: isAddress(setting.jwks) ? keysAt(setting.jwks, elapsed) : keysInFile(setting.jwks),
    speaksFor: (agency) => setting.agencies.includes(agency),
    lifetimeSecondsMax: DAY_SECONDS,
    toleranceSeconds: TOLERANCE_SECONDS,
    isOurs: false,
  };
}

/** An issuer of the hub's own. Its clock is ours. */
export function ownIssuer(
  { name, publicKey, keyId }: Pick<Issuer, 'name' | 'publicKey' | 'keyId'>,
  speaksFor: (agency: string) => boolean,
): TrustedIssuer {
  return {
    name,
    audience: AUDIENCE,
    algorithms: ['EdDSA'],
    findKeys: oneKey(publicKey, 'EdDSA', keyId),
    speaksFor,
    lifetimeSecondsMax: OWN_LIFETIME_SECONDS_MAX,
    toleranceSeconds: 0,
    isOurs: true,
  };
}

/** The configured issuer that speaks for an agency, if one does. */
export function issuerFor(settings: readonly IssuerSetting[], agency: string): string | undefined {
  return settings.find(({ agencies }) => agencies.includes(agency))?.issuer;
}

export function isAddress(jwks: string): boolean {
  return /^https?:\/\//i.test(jwks);
}
