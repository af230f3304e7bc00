/** What an access token says about its holder. Read for display only: whether the token is good is for the hub to say. */
export interface TokenFacts {
  agency: string | null;
  officer: string | null;
  expiresAt: Date | null;
}

const nothing: TokenFacts = { agency: null, officer: null, expiresAt: null };

/** Reads the payload of a JWT (RFC 7519, section 3). A text that is not one gives no facts and no error. */
export function readToken(token: string): TokenFacts {
  const payload = token.split('.')[1];
  if (!payload) return nothing;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    return {
      agency: textOf(claims.sub),
      officer: textOf(claims.act),
      expiresAt: typeof claims.exp === 'number' ? new Date(claims.exp * 1000) : null,
    };
  } catch {
    return nothing;
  }
}

/** `act` is a name, or the actor object of RFC 8693, section 4.1, which holds the name as its `sub`. */
function textOf(claim: unknown): string | null {
  if (typeof claim === 'string') return claim;
  if (typeof claim === 'object' && claim !== null && 'sub' in claim) return textOf(claim.sub);
  return null;
}
