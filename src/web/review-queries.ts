import type { SavedQuery } from './saved-query';

/** Nobody's: to be replaced by the id of the finding in question, which the page does by itself after a list or a finding was shown. */
const exampleFinding = '00000000000000000000000000000000';

const oneFinding: SavedQuery = {
  operation: 'OneFinding',
  en: 'One finding with its history',
  zh: '疑点详情与变动记录',
  about: {
    en: 'What was found, on which law and evidence, what became of it since, who decided what and why.',
    zh: '疑点的规则、法律依据、证据、变动记录，以及由谁作出何种结论及理由。',
  },
  query: `# 疑点详情与变动记录: one finding,
# its evidence and all its changes.
# Paste a finding's id below.
# 请在下方 Variables 中粘贴疑点编号 (id)。
query OneFinding($id: ID!) {
  finding(id: $id) {
    id
    version
    state
    rule { code title titleZh basis }
    subjectKind subject amount tier class advice
    foundAt changedAt isSupported changedSinceDecision
    person { id }
    # 证据 · what it rests on
    evidence {
      window { earliest latest }
      records { kind sourceId revision recordedAt }
      ruleVersion
      parameters { name value }
      agreements { field agreement }
    }
    # 结论 · the decision in force
    decision { outcome bureau reason decidedBy agency decidedAt }
    # 撤回原因 · why the rules find it no more
    withdrawnBecause {
      records { kind sourceId before after became }
      supersededBy ruleChanged run asOf at
    }
    # 变动记录 · every change, the oldest first
    history(first: 50) {
      edges {
        node {
          version at act fromState toState run
          records { kind sourceId before after became }
          agency officer outcome bureau reason
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
  variables: { id: exampleFinding },
};

const recordsBehind: SavedQuery = {
  operation: 'RecordsBehind',
  en: 'The records behind a finding',
  zh: '疑点所依据的登记信息',
  about: {
    en: 'What the bureaus hold on the person: compare sourceId with the records that the finding rests on.',
    zh: '各部门关于当事人的登记信息；请将 sourceId 与疑点所依据的记录对照。',
  },
  query: `# 疑点所依据的登记信息: the records
# behind a finding, bureau by bureau.
# Paste a finding's id below.
# 请在下方 Variables 中粘贴疑点编号 (id)。
query RecordsBehind($id: ID!) {
  finding(id: $id) {
    id
    version
    subjectKind subject
    person {
      id name idNumber
      household {
        sourceId revision birthDate status
        cancelReason cancelDate deathDate validAsOf
      }
      deaths {
        sourceId revision source name deathDate
        datePrecision registeredAt status validAsOf
      }
      enrollments {
        sourceId revision scheme category
        startDate endDate status
      }
      retirements {
        sourceId revision pension retiredOn
        status stopReason lastPaidMonth
      }
      contributions(first: 24) {
        edges { node { sourceId revision scheme period payer paidAt status } }
        pageInfo { hasNextPage endCursor }
      }
      povertyMonitoring {
        sourceId revision category identifiedOn riskRemovedOn
      }
      claims(first: 24) {
        edges {
          node {
            sourceId revision claimType institutionName
            serviceDate admissionDate dischargeDate dischargeWay
            totalAmount pooledPaid accountPaid benefitTier status
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
    # 证据 · which of these it rests on
    evidence { records { kind sourceId revision } }
  }
}
`,
  variables: { id: exampleFinding },
};

const whoRead: SavedQuery = {
  operation: 'WhoReadThisPerson',
  en: 'Who else read this person',
  zh: '还有谁查询过该人员',
  about: {
    en: 'Every access to the person of a finding: when, which agency and officer, under which purpose and case.',
    zh: '该疑点当事人被查询的记录：时间、部门、经办人、用途与案件编号。',
  },
  query: `# 还有谁查询过该人员: who looked at the
# person of a finding, the newest first.
# Paste a finding's id below.
# 请在下方 Variables 中粘贴疑点编号 (id)。
query WhoReadThisPerson($id: ID!, $after: String) {
  finding(id: $id) {
    id
    version
    person {
      id
      accesses(first: 50, after: $after) {
        edges {
          node {
            at agency officer purpose case
            kinds verbs receipt
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
`,
  variables: { id: exampleFinding },
};

const seen = [{ id: exampleFinding, version: 1 }];

const takeUp: SavedQuery = {
  operation: 'TakeUpFindings',
  en: 'Take findings up',
  zh: '受理疑点',
  about: {
    en: 'You review these: nobody else takes them up meanwhile. Opened here, run by hand.',
    zh: '由本人受理核查。此处仅打开，需手动执行。',
  },
  query: `# 受理疑点: take findings up, 1 to 500,
# all or none. This changes them.
# Paste ids and the versions you saw.
# 请粘贴疑点编号及所见版本，核对后执行。
mutation TakeUpFindings($findings: [FindingSeenInput!]!) {
  takeUpFindings(findings: $findings) { id state version }
}
`,
  variables: { findings: seen },
  changes: true,
};

const decideOn: SavedQuery = {
  operation: 'DecideFindings',
  en: 'Decide on findings',
  zh: '对疑点作出结论',
  about: {
    en: 'The outcome and your reason for what you took up. Opened here, run by hand.',
    zh: '对已受理的疑点填写结论与理由。此处仅打开，需手动执行。',
  },
  query: `# 对疑点作出结论: decide on findings that
# are UNDER_REVIEW. This changes them.
# Outcome 结论: FRAUD_LEAD, RECOVER,
#   ALREADY_RECOVERED, LEGITIMATE,
#   SOURCE_ERROR (bureau 须填),
#   IDENTITY_ERROR, UNDETERMINED
# Paste ids and versions, write the reason.
# 请粘贴疑点编号及版本，填写理由后执行。
mutation DecideFindings(
  $findings: [FindingSeenInput!]!
  $outcome: FindingOutcome!
  $reason: String!
  $bureau: String
) {
  decideFindings(
    findings: $findings
    outcome: $outcome
    reason: $reason
    bureau: $bureau
  ) { id state version }
}
`,
  variables: { findings: seen, outcome: 'UNDETERMINED', reason: '' },
  changes: true,
};

const giveBack: SavedQuery = {
  operation: 'GiveBackFindings',
  en: 'Give findings back',
  zh: '退回疑点',
  about: {
    en: 'What you took up and do not review after all is open again. Opened here, run by hand.',
    zh: '将已受理而不再核查的疑点退回。此处仅打开，需手动执行。',
  },
  query: `# 退回疑点: give back findings that are
# UNDER_REVIEW. This changes them.
# Paste ids and the versions you saw.
# 请粘贴疑点编号及所见版本，核对后执行。
mutation GiveBackFindings($findings: [FindingSeenInput!]!) {
  giveBackFindings(findings: $findings) { id state version }
}
`,
  variables: { findings: seen },
  changes: true,
};

/** From a finding to what is behind it, and what an officer does with it. */
export const reviewQueries: readonly SavedQuery[] = [oneFinding, recordsBehind, whoRead, takeUp, decideOn, giveBack];
