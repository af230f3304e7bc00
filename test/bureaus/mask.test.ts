import { recordKinds } from '../../src/bureaus/bureau';
import { day, district, type Form, idNumber, instant, money, month, period, text } from '../../src/bureaus/form';
import { masked, masksOf } from '../../src/bureaus/mask';
import type { Mask } from '../../src/sharing/agreement';

const numbers: Form = { form: 'numberList' };
const flag: Form = { form: 'oldNumber', from: 'idNumber' };

test.each<[Form, Mask, unknown, unknown]>([
  [text, 'PARTIAL', '张三', '张*'],
  [text, 'PARTIAL', '欧阳娜娜', '欧*'],
  [text, 'PARTIAL', '𠮷田', '𠮷*'],
  [text, 'PARTIAL', '', '*'],
  [text, 'PARTIAL', '安徽省蚌埠市怀远县城关镇禹王路12号', '安徽省蚌埠市怀远县*'],
  [text, 'PARTIAL', '上海市浦东新区世纪大道1号', '上海市浦东新区*'],
  [text, 'PARTIAL', '蚌山区胜利路5号3单元', '蚌山区*'],
  [text, 'PARTIAL', '胜利路5号', '胜*'],
  [text, 'PARTIAL', null, null],
  [idNumber, 'PARTIAL', '340302195603021234', '3403**********1234'],
  [idNumber, 'PARTIAL', '340302560302123', '3403*******2123'],
  [idNumber, 'PARTIAL', '12', '*'],
  [numbers, 'PARTIAL', ['340302195603021234', '340302560302123'], ['3403**********1234', '3403*******2123']],
  [district, 'PARTIAL', '340302', '3403**'],
  [day, 'YEAR', '1956-03-02', '1956'],
  [day, 'YEAR', null, null],
  [month, 'YEAR', '2026-05', '2026'],
  [period, 'YEAR', '2026-05', '2026'],
  [instant, 'YEAR', '2026-05-06T07:08:09.000Z', '2026'],
  [day, 'PLAIN', '1956-03-02', '1956-03-02'],
  // What a mask has no rule for is not shown at all.
  [day, 'PARTIAL', '1956-03-02', null],
  [money, 'PARTIAL', '12.00', null],
  [money, 'YEAR', '12.00', null],
  [text, 'YEAR', '张三', null],
  [flag, 'PARTIAL', true, null],
])('%j under %s: %j is %j', (form, mask, value, shown) => {
  expect(masked(value, mask, form)).toEqual(shown);
});

test('no mask of any form of any kind shows the value itself', () => {
  for (const { fields } of recordKinds()) {
    for (const { form } of fields) {
      for (const mask of ['PARTIAL', 'YEAR'] as const) {
        const value = form.form === 'numberList' ? ['340302195603021234'] : '340302195603021234';
        expect(masked(value, mask, form)).not.toEqual(value);
        if (!masksOf(form).includes(mask)) expect(masked(value, mask, form)).toBeNull();
      }
    }
  }
});
