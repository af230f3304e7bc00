import { isDistrictCode, provinceOf } from '../../src/bureaus/district';

test.each([
  ['340303', true, '安徽'], ['110000', true, '北京'], ['340399', true, '安徽'], ['830000', true, '台湾'],
  ['160101', false, undefined], ['000000', false, undefined], ['990000', false, undefined],
  ['34030', false, '安徽'], ['3403030', false, '安徽'], ['34030a', false, '安徽'], ['', false, undefined],
])('%j is a district code: %s, in %s', (code, expected, province) => {
  expect([isDistrictCode(code), provinceOf(code)]).toEqual([expected, province]);
}); // biome-ignore format: a table
