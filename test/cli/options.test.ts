import { dayOption, wholeNumber } from '../../src/cli/options';

test.each(['2026-06-30', '2024-02-29'])('%s is a day', (text) => {
  expect(dayOption(text)).toBe(text);
});

test.each(['2026-02-30', '20260630', 'today', '', '2026-6-1'])('%j is no day', (text) => {
  expect(() => dayOption(text)).toThrow('write a day that exists, as YYYY-MM-DD.');
});

test.each([
  ['1', 1],
  ['720', 720],
  ['007', 7],
])('%s is a whole number from 1 to 720', (text, expected) => {
  expect(wholeNumber(1, 720)(text)).toBe(expected);
});

test.each(['0', '721', '-1', '1.5', '1e2', '0x10', '', ' 1', 'many'])('%j is none', (text) => {
  expect(() => wholeNumber(1, 720)(text)).toThrow('write a whole number from 1 to 720.');
});
