import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { recordKindNames } from '../../src/crosscheck/rule';
import { allRules, kindsRead, ruleOf } from '../../src/crosscheck/rulebook';

const codes = allRules().map(({ code }) => code);

test('a rule for every file, a test for every rule', () => {
  const files = (folder: string) => readdirSync(path.join(__dirname, folder)).filter((file) => file.endsWith('.ts'));
  expect(files('../../src/crosscheck/rules')).toEqual(codes.map((code) => `${code.toLowerCase()}.ts`));
  expect(files('rules')).toEqual(codes.map((code) => `${code.toLowerCase()}.test.ts`));
});

test.each(allRules().map((rule) => [rule.code, rule] as const))('%s says what it is', (_, rule) => {
  expect(rule.version).toBeGreaterThanOrEqual(1);
  expect(rule.title.en).not.toBe('');
  expect(rule.title.zh).toMatch(/\p{Script=Han}/u);
  expect(rule.basis.length).toBeGreaterThan(0);
  for (const { en, zh } of rule.basis) {
    expect(en).not.toBe('');
    expect(zh).toMatch(/\p{Script=Han}/u);
  }
  expect(kindsRead(rule).length).toBeGreaterThan(0);
  expect(new Set(rule.reads).size).toBe(rule.reads.length);
  for (const field of rule.reads) expect(recordKindNames).toContain(field.split('.')[0]);
});

test.each(allRules().map((rule) => [rule.code, rule] as const))(
  '%s says what turns with the day when it looks at the day, and whom it is kept to',
  (_, rule) => {
    const sql = rule.sql(rule.parameters, (alias, column) => `/* within ${alias} ${column} */`);
    expect(rule.turns !== undefined).toBe(sql.includes('$1'));
    expect(sql).toContain(rule.subjectKind === 'institution' ? 'institution_code */' : '/* within ');
  },
);

test('the README names every rule, what it finds and of what', () => {
  const readme = readFileSync(path.join(__dirname, '../../README.md'), 'utf8');
  expect([...readme.matchAll(/^\| ([A-Z]\d+) \|/gm)].map(([, code]) => code).sort()).toEqual(codes);
});

test('an unknown code names those there are', () => {
  expect(() => ruleOf('Z9')).toThrow(`There is no rule Z9: the rules are ${codes.join(', ')}.`);
});
