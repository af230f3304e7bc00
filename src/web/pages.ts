import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * All that the page needs: everything from its own origin, no inline scripts. Inline styles are for the editor, which sizes
 * and colours itself through style elements; data images are the editor's icons.
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The absolute path of the built page: `dist/web`, seen from `src/web` and from `dist/src/web` alike.
 * @throws when the page has not been built
 */
export function pagesFolder(): string {
  const places = [resolve(__dirname, '../../dist/web'), resolve(__dirname, '../../web')];
  const built = places.find((place) => existsSync(join(place, 'index.html')));
  if (!built) throw new Error('The page is not built: run "npm run build" first, it writes dist/web.');
  return built;
}
