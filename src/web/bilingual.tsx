import type { Sentence } from './connection';

/** The same thing in English and Chinese, each marked as its language for screen readers and for the choice of glyphs. */
export function Bilingual({ en, zh }: Sentence) {
  return (
    <>
      <span lang="en">{en}</span> <span lang="zh-CN">{zh}</span>
    </>
  );
}
