/** Who asks, and why. Made by the gateway from a signed token and the request's headers, and by nothing else. */
export interface Caller {
  /** Code of the agency: the token's `sub`. */
  readonly agency: string;
  /** The officer inside the agency: the token's `act.sub`. */
  readonly officer: string | null;
  /** Code of a purpose of an agreement: header `x-purpose`. */
  readonly purpose: string;
  /** Number of the case being worked on: header `x-case`. */
  readonly case: string | null;
}
