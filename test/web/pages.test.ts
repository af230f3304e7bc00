import { isAbsolute, join } from 'node:path';
import { contentSecurityPolicy, pagesFolder } from '../../src/web/pages';

describe('pagesFolder', () => {
  test('is dist/web of this checkout, or says how to build it', () => {
    const root = join(__dirname, '../..');
    try {
      expect(pagesFolder()).toBe(join(root, 'dist/web'));
      expect(isAbsolute(pagesFolder())).toBe(true);
    } catch (error) {
      expect(String(error)).toContain('npm run build');
    }
  });
});

describe('contentSecurityPolicy', () => {
  test.each(['http:', 'https:', '*', "'unsafe-eval'", 'blob:'])('never allows %s', (source) => {
    expect(contentSecurityPolicy.split(/[ ;]+/)).not.toContain(source);
  });

  test('allows inline styles, never inline scripts', () => {
    expect(contentSecurityPolicy).toContain("style-src 'self' 'unsafe-inline'");
    expect(contentSecurityPolicy).toContain("script-src 'self';");
  });
});
