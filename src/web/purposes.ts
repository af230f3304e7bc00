/** A lawful reason for asking. The codes that count are those of the sharing agreements; this list only saves typing. */
export interface Purpose {
  code: string;
  en: string;
  zh: string;
}

export const purposes: readonly Purpose[] = [
  { code: 'FUND_SUPERVISION', en: 'Fund supervision', zh: '基金监管' },
  { code: 'CASE_INVESTIGATION', en: 'Case investigation', zh: '案件稽核' },
  { code: 'PENSION_REVIEW', en: 'Pension review', zh: '养老待遇核查' },
  { code: 'POVERTY_MONITORING', en: 'Prevention of return to poverty', zh: '防止返贫监测' },
];
