/**
 * The words of findings, with their meaning in both languages, and whose words they are.
 */
import { registerEnumType } from 'type-graphql';
import type { Outcome, RecordChange, FindingState as State } from '../crosscheck/finding';
import type { FindingAct as Act } from '../crosscheck/history';

/** The agency that gives findings. */
export const SUPERVISION = 'medical-insurance-supervision';

/** Purpose of the cross-check: dates, codes and amounts under person keys, never a name or number. */
export const FUND_SUPERVISION = 'FUND_SUPERVISION';

/** Purpose of a reviewer who opens one case: names and numbers too, one person at a time, under a case number. */
export const CASE_INVESTIGATION = 'CASE_INVESTIGATION';

/** Purpose of a service window that needs to know of the person before it: yes, no or unknown, and no record. */
export const SERVICE_WINDOW = 'SERVICE_WINDOW';

function codes(name: string, description: string, meanings: Record<string, string>): Record<string, string> {
  const values = Object.fromEntries(Object.keys(meanings).map((value) => [value, value]));
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries(meanings).map(([value, meaning]) => [value, { description: meaning }]),
    ),
  });
  return values;
}

const OUTCOMES = {
  FRAUD_LEAD: 'handed on as a lead · 移送线索',
  RECOVER: 'to be recovered · 追回',
  ALREADY_RECOVERED: 'already recovered · 已追回',
  LEGITIMATE: 'legitimate · 合规',
  SOURCE_ERROR: "a bureau's record is wrong · 数据源有误",
  IDENTITY_ERROR: 'two persons were taken for one · 身份有误',
  UNDETERMINED: 'could not be determined · 无法认定',
} satisfies Record<Outcome, string>;

export const FindingState = codes('FindingState', 'Where a finding stands · 疑点状态', {
  OPEN: 'nobody has looked at it yet · 待核查',
  UNDER_REVIEW: 'being reviewed · 核查中',
  ...OUTCOMES,
  WITHDRAWN: 'no longer supported by the records · 已撤回',
  CONTRADICTED: 'decided, and no longer supported · 依据已变',
} satisfies Record<State, string>);
export const FindingOutcome = codes('FindingOutcome', 'What was decided on a finding · 核查结论', OUTCOMES);
export const FindingAct = codes('FindingAct', 'What happened to a finding · 疑点变动', {
  FOUND: 'a run found it · 发现',
  CHANGED: 'a run found it resting on other records, or with another amount or tier · 依据或金额变化',
  WITHDRAWN: 'a run found it no more · 撤回',
  CONTRADICTED: 'a run found it no more although it was decided · 结论依据已变',
  SUPPORTED: 'a run found it again · 再次发现',
  TAKEN_UP: 'an officer took it up · 受理',
  GIVEN_BACK: 'an officer gave it back · 退回',
  DECIDED: 'an officer decided · 作出结论',
} satisfies Record<Act, string>);
export const RecordBecame = codes('RecordBecame', 'What became of a record · 记录变化', {
  CHANGED: 'another revision stands · 已变更',
  VOIDED: 'voided by its bureau · 已作废',
  DELETED: 'deleted by its bureau · 已删除',
  ADDED: 'it came in since · 新增',
} satisfies Record<RecordChange['became'], string>);
export const Tier = codes('Tier', 'How well a death is established · 死亡证据等级', {
  PROVEN: 'two sources, or a certificate that matches exactly · 确证',
  SUSPECTED: 'one other piece of evidence · 疑似',
  CONTESTED: 'the evidence contradicts itself, or there is a sign of life · 存疑',
});
export const FindingClass = codes('FindingClass', 'What kind of wrong it is · 疑点类别', {
  CLAIM: 'a claim · 结算',
  ACCOUNT: 'a personal account · 个人账户',
  ENROLLMENT: 'an enrolment · 参保',
  PENSION: 'a pension · 养老待遇',
  INSTITUTION: 'an institution · 定点机构',
  DATA_QUALITY: 'a register may be wrong · 数据质量',
});
export const Advice = codes('Advice', 'What a reviewer should do first; never an accusation · 处理建议', {
  RECOVER: 'recover the money · 追回',
  VERIFY: 'verify first · 先核实',
});
