import { reviewQueries } from './review-queries';
import type { SavedQuery } from './saved-query';

/** The example number of GB 11643, held by nobody: to be replaced by the number of the person in question. */
const exampleIdNumber = '11010519491231002X';
const exampleInstitution = 'P34970200106';

const onePerson: SavedQuery = {
  operation: 'OnePerson',
  en: 'One person across the bureaus',
  zh: '一人跨部门',
  about: {
    en: 'Everything seven registers hold on one person. Put the identity number under Variables.',
    zh: '七类登记中关于一人的全部信息。请在 Variables 中填写公民身份号码。',
  },
  query: `# 一人跨部门: one person in all seven registers,
# by idNumber (公民身份号码) or by id (a finding's person).
query OnePerson($idNumber: String, $id: ID) {
  person(idNumber: $idNumber, id: $id) {
    id
    name
    idNumber
    # 户籍信息 · public security
    household {
      sourceId birthDate sex districtCode
      status cancelReason cancelDate deathDate validAsOf
    }
    # 死亡信息 · civil affairs, health, courts
    deaths {
      sourceId source deathDate datePrecision
      registeredAt status validAsOf
    }
    # 参保信息 · medical insurance
    enrollments {
      sourceId scheme category poolingDistrict
      startDate endDate status validAsOf
    }
    # 离退休信息 · social security
    retirements {
      sourceId pension retiredOn status
      stopReason stoppedOn lastPaidMonth validAsOf
    }
    # 征缴信息 · tax
    contributions(first: 12) {
      edges {
        node { sourceId scheme period amount payer paidAt status }
      }
      pageInfo { hasNextPage endCursor }
    }
    # 防止返贫监测 · rural revitalisation
    povertyMonitoring {
      sourceId category identifiedOn riskRemovedOn
      districtCode validAsOf
    }
    # 医保结算 · medical insurance
    claims(first: 12) {
      edges {
        node {
          sourceId claimType institutionCode institutionName
          serviceDate admissionDate dischargeDate
          totalAmount pooledPaid benefitTier status
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
  variables: { idNumber: exampleIdNumber },
};

const findings: SavedQuery = {
  operation: 'Findings',
  en: 'Today’s findings with evidence',
  zh: '疑点与证据',
  about: {
    en: 'What the rules found, with the records each finding rests on.',
    zh: '规则发现的疑点，以及所依据的原始记录。',
  },
  query: `# 疑点与证据: open findings and the records they rest on.
# Narrow by rule (D1, D3, D8, E0, T1, P1) and state under Variables.
query Findings($rule: String, $state: FindingState, $first: Int) {
  findings(rule: $rule, state: $state, first: $first) {
    edges {
      node {
        id
        version
        rule { code title titleZh }
        subjectKind
        subject
        amount
        tier
        state
        advice
        foundAt
        person { id }
        evidence {
          window { earliest latest }
          records { kind sourceId revision recordedAt }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  variables: { state: 'OPEN', first: 20 },
};

const institutionClaims: SavedQuery = {
  operation: 'InstitutionClaims',
  en: 'Claims of one institution',
  zh: '机构结算',
  about: {
    en: 'What one hospital or pharmacy settled in a span of days.',
    zh: '一家定点医药机构在一段时间内的结算。',
  },
  query: `# 机构结算: the claims of one designated institution (定点医药机构), newest first.
query InstitutionClaims($institution: String!, $from: Date, $to: Date, $first: Int, $after: String) {
  claims(institutionCode: $institution, from: $from, to: $to, first: $first, after: $after) {
    edges {
      node {
        sourceId
        claimType
        institutionName
        serviceDate
        admissionDate
        dischargeDate
        totalAmount
        pooledPaid
        benefitTier
        status
        person { id }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  variables: { institution: exampleInstitution, first: 50 },
};

const ourDeliveries: SavedQuery = {
  operation: 'OurDeliveries',
  en: 'Our deliveries',
  zh: '本部门数据同步',
  about: {
    en: 'For a bureau: what became of its deliveries, and the rows that wait to be corrected.',
    zh: '供数据提供部门查看：本部门数据的同步结果，以及待更正的隔离数据。',
  },
  query: `# 本部门数据同步: what became of your agency's own deliveries,
# and the rows in quarantine, which wait to be delivered again.
# Narrow by kind (death, household, …) under Variables.
query OurDeliveries($kind: String, $first: Int, $after: String) {
  syncRuns(kind: $kind, first: $first, after: $after) {
    edges {
      node {
        kind source state reason
        startedAt finishedAt chunks
        rowsIn inserted changed unchanged
        deleted stale quarantined
        warnings
      }
    }
    pageInfo { hasNextPage endCursor }
  }
  quarantine(kind: $kind, first: $first) {
    edges {
      node { kind file line sourceId reason row quarantinedAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  variables: { first: 20 },
};

const ourDataQuality: SavedQuery = {
  operation: 'OurDataQuality',
  en: 'Doubts about our own records',
  zh: '本部门数据质量工单',
  about: {
    en: 'For a bureau: its own records that the cross-check doubts or a reviewer found wrong, to be checked in its register.',
    zh: '供数据提供部门查看：被疑有误或经核查认定有误的本部门记录，请在本系统中核对。',
  },
  query: `# 本部门数据质量工单: your agency's own records that are in doubt,
# the newest first. Correct them in your register and deliver again.
query OurDataQuality($state: FindingState, $first: Int, $after: String) {
  ownDataQuality(state: $state, first: $first, after: $after) {
    edges {
      node {
        id rule title titleZh state isSourceError
        subjectKind
        records { kind sourceId revision }
        foundAt changedAt
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  variables: { first: 20 },
};

/** The list as the page shows it: one person, the walk of a reviewer from the findings on, one institution; last what a bureau asks of itself. */
export const savedQueries: readonly SavedQuery[] = [
  onePerson,
  findings,
  ...reviewQueries,
  institutionClaims,
  ourDeliveries,
  ourDataQuality,
];
