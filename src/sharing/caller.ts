/** Who asks, and why. Made by the gateway from a signed token and the request's headers, and by nothing else. */
export interface Caller {
  /** Code of the agency: the token's `sub`. */
  agency: string;
  /** The officer inside the agency: the token's `act.sub`. */
  officer: string | null;
  /** Code of a purpose of an agreement: header `x-purpose`. */
  purpose: string;
  /** Number of the case being worked on: header `x-case`. */
  case: string | null;
}
