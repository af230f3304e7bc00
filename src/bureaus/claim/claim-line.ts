/**
 * 费用明细, the items of a claim, each with the day it was given. A line may be delivered before its claim; it is kept and counts once the
 * claim is there.
 */
import { code, day, decimal, money, text } from '../form';
import { type Filed, Kind, Shared } from '../record';

const ITEM_GROUP = {
  BED: { en: 'bed', zh: '床位费' },
  NURSING: { en: 'nursing', zh: '护理费' },
  DRUG: { en: 'drug', zh: '药品费' },
  TREATMENT: { en: 'treatment', zh: '治疗费' },
  EXAM: { en: 'examination', zh: '检查检验费' },
  CONSUMABLE: { en: 'consumable', zh: '耗材费' },
  MORTUARY: { en: 'mortuary', zh: '太平间及遗体处理费' },
};

@Kind({
  kind: 'claim_line',
  type: 'ClaimLine',
  table: 'claim.line_revision',
  provider: 'medical-insurance',
  district:
    "(select c.pooling_district from claim.revision c where c.source_id = r.claim_source_id and c.recorded_to is null and c.op = 'U')",
  en: 'Line of a claim',
  zh: '费用明细（医保局）',
  check: (row) =>
    row.sourceId !== `${row.claimSourceId}-${row.lineNo}` ? 'source_id must be <claim_source_id>-<line_no>' : undefined,
})
export class ClaimLine {
  @Shared(text, { required: true, sensitivity: 'INTERNAL', en: 'Key of the claim', zh: '结算主键' })
  claimSourceId!: string;

  @Shared({ form: 'lineNumber' }, { required: true, sensitivity: 'INTERNAL', en: 'Number of the line', zh: '明细序号' })
  lineNo!: string;

  @Shared(text, { required: true, sensitivity: 'PERSONAL', en: 'Code of the item', zh: '项目代码' })
  itemCode!: string;

  @Shared(text, { sensitivity: 'PERSONAL', en: 'Name of the item', zh: '项目名称' })
  itemName!: string | null;

  @Shared(code(ITEM_GROUP, { name: 'ItemGroup' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Group of the item',
    zh: '费用类别',
  })
  itemGroup!: string;

  @Shared(day, { required: true, sensitivity: 'PERSONAL', en: 'Day the item was given', zh: '发生日期' })
  serviceDate!: string;

  @Shared(decimal, { required: true, sensitivity: 'INTERNAL', en: 'Quantity', zh: '数量' })
  quantity!: string;

  @Shared(money, { required: true, sensitivity: 'INTERNAL', en: 'Price of one', zh: '单价' })
  unitPrice!: string;

  @Shared(money, { required: true, sensitivity: 'PERSONAL', en: 'Amount', zh: '金额' })
  amount!: string;
}

export interface ClaimLine extends Filed {}
