/**
 * Honest people who look doubtful. Each story is one that a careless rule gets wrong; none of them is a finding of D1, D3, D8, E0, T1 or P1.
 */

import { dayNumber, monthStart, yearOf } from './days';
import { certificate, cremation, documented, policeReport } from './deaths';
import { misspelt } from './names';
import { registerEntry } from './people';
import type { Case } from './planted';
import { touched, writeDeath } from './registers';

/** Claims after a death that are in order, or were put in order. */
const AFTER_DEATH: readonly Case[] = [
  {
    why: 'a visit on the day after death: within the day of grace',
    wish: (today) => ({ age: 76, died: today - 130, evidence: documented(today - 130) }),
    plant: ({ claim, spares, death }) => spares(claim({ type: 'OUTPATIENT', day: death + 1 }), 'D1', 'E0'),
  },
  {
    why: 'an admission on the day after death: within the day of grace',
    wish: (today) => ({ age: 84, died: today - 170, evidence: documented(today - 170) }),
    plant: ({ claim, spares, death }) =>
      spares(
        claim({ type: 'INPATIENT', day: death + 1, nights: 0, dischargeWay: '5', groups: ['TREATMENT', 'DRUG'] }),
        'D3',
        'E0',
      ),
  },
  {
    why: 'a claim for the mortuary alone',
    wish: (today) => ({ age: 78, died: today - 220, evidence: documented(today - 220) }),
    plant: ({ claim, spares, death }) =>
      spares(claim({ type: 'OUTPATIENT', day: death + 3, groups: ['MORTUARY', 'MORTUARY'] }), 'D1', 'E0'),
  },
  {
    why: 'care before death, settled a month after it',
    wish: (today) => ({ age: 70, died: today - 160, evidence: documented(today - 160) }),
    plant: ({ claim, spares, death }) => spares(claim({ type: 'OUTPATIENT', day: death - 4, settledAfter: 41 }), 'D1'),
  },
  {
    why: 'a stay that began before death and was discharged on paper after it',
    wish: (today) => ({ age: 82, died: today - 140, careUntil: today - 170, evidence: documented(today - 140) }),
    plant: ({ claim, spares, death }) =>
      spares(claim({ type: 'INPATIENT', day: death - 6, nights: 9, dischargeWay: '5', groups: [] }), 'D3'),
  },
  ...(['REVERSED', 'RECOVERED', 'REFUSED'] as const).map(
    (status): Case => ({
      why: `a claim after death that is ${status}`,
      wish: (today) => ({ age: 73, died: today - 180, evidence: documented(today - 180) }),
      plant: ({ claim, spares, death }) => spares(claim({ type: 'PHARMACY', day: death + 10, status }), 'D1', 'E0'),
    }),
  ),
  {
    why: 'a claim after death for which the fund paid nothing',
    wish: (today) => ({ age: 65, died: today - 110, evidence: documented(today - 110) }),
    plant: ({ claim, spares, death }) =>
      spares(claim({ type: 'PHARMACY', day: death + 6, fundPays: false }), 'D1', 'E0'),
  },
  {
    why: 'a death known to the year, and a visit later in that year',
    wish: (today) => {
      const year = yearOf(today - 400);
      const died = dayNumber(`${year}-10-15`);
      const declared = {
        source: 'COURT_DECLARATION',
        day: dayNumber(`${year}-03-01`),
        precision: 'YEAR',
        registered: died + 60,
      } as const;
      return { age: 80, died, evidence: { documents: [declared], cancellation: null }, leftRunning: true };
    },
    plant: ({ claim, spares, death }) => spares(claim({ type: 'OUTPATIENT', day: death + 30 }), 'D1'),
  },
];

/** Living people whom some paper calls dead. */
const NOT_DEAD: readonly Case[] = [
  {
    why: 'a certificate that was voided',
    wish: () => ({ age: 55 }),
    plant: ({ claim, spares, setting, life, enrollments }) => {
      writeDeath(setting, life.resident, certificate(setting.today - 130, { status: 'VOIDED' }));
      spares(claim({ type: 'OUTPATIENT', day: setting.today - 60 }), 'D1');
      spares(enrollments[0], 'D8');
    },
  },
  {
    why: "a certificate of somebody else under this person's number",
    wish: (today) => ({ age: 63, careUntil: today - 60 }),
    plant: ({ claim, spares, setting, life, enrollments }) => {
      const name = misspelt(life.resident.name);
      writeDeath(setting, life.resident, certificate(setting.today - 150, { name, birth: null }));
      spares(claim({ type: 'INPATIENT', day: setting.today - 40, nights: 6 }), 'D3');
      spares(enrollments[0], 'D8');
    },
  },
  {
    why: 'one number in the register for two living people: no death on it counts',
    wish: () => ({ age: 59 }),
    plant: ({ claim, spares, setting, life }) => {
      const name = misspelt(life.resident.name);
      const entry = {
        ...registerEntry(life.resident),
        name,
        householdNo: `${life.resident.householdNo.slice(0, 6)}9999999`,
        relationToHead: '01',
      };
      setting.delivery.write('household', {
        ...entry,
        status: 'ACTIVE',
        updatedAt: touched(setting, setting.today - 900),
      });
      writeDeath(setting, life.resident, certificate(setting.today - 120, { name }));
      spares(claim({ type: 'OUTPATIENT', day: setting.today - 30 }), 'D1');
    },
  },
  {
    why: 'a namesake of another city who died',
    wish: () => ({ age: 70 }),
    plant: ({ claim, spares, setting, life }) => {
      const birth = life.resident.birth + 411;
      const idNumber = setting.numbers.give(life.resident.district.code, birth, life.resident.sex);
      writeDeath(setting, life.resident, cremation(setting.today - 100, { idNumber, birth }));
      spares(claim({ type: 'PHARMACY', day: setting.today - 50 }), 'D1');
    },
  },
  {
    why: 'a document registered before the death it tells of',
    wish: () => ({ age: 66 }),
    plant: ({ claim, spares, setting, life }) => {
      writeDeath(setting, life.resident, certificate(setting.today - 140, { registered: setting.today - 150 }));
      spares(claim({ type: 'OUTPATIENT', day: setting.today - 20 }), 'D1');
    },
  },
  {
    why: 'cancelled for death by the police without any date: no window',
    wish: (today) => ({ age: 52, evidence: { documents: [], cancellation: policeReport(today - 200, null) } }),
    plant: ({ claim, spares, setting, enrollments }) => {
      spares(claim({ type: 'OUTPATIENT', day: setting.today - 80 }), 'D1');
      spares(enrollments[0], 'D8');
    },
  },
  {
    why: 'moved out of the register, still insured here',
    wish: (today) => ({
      age: 34,
      scheme: 'EMPLOYEE',
      evidence: { documents: [], cancellation: { reason: 'MOVED_OUT', on: today - 300, deathDay: null } },
    }),
    plant: ({ claim, spares, setting }) => spares(claim({ type: 'OUTPATIENT', day: setting.today - 100 }), 'D1', 'E0'),
  },
];

/** Enrolments of the dead that are in time, or whose death is not proven. */
const NOT_LEFT_RUNNING: readonly Case[] = [
  {
    why: 'still running on the ninetieth day after death',
    wish: (today) => ({ age: 77, died: today - 90, evidence: documented(today - 90), leftRunning: true }),
    plant: ({ spares, enrollments }) => spares(enrollments[0], 'D8'),
  },
  {
    why: 'ends on the ninetieth day after death',
    wish: (today) => ({
      age: 79,
      died: today - 320,
      evidence: documented(today - 320),
      covers: [{ from: today - 2800, to: today - 230, status: 'ACTIVE' }],
      leftRunning: true,
    }),
    plant: ({ spares, enrollments }) => spares(enrollments[0], 'D8'),
  },
  {
    why: 'a death that only a cremation tells of: suspected, not proven',
    wish: (today) => ({
      age: 75,
      died: today - 280,
      evidence: { documents: [cremation(today - 280)], cancellation: null },
      leftRunning: true,
    }),
    plant: ({ spares, enrollments }) => spares(enrollments[0], 'D8'),
  },
];

/** Cover, pension and monitoring that are there for who looks closely. */
const ENTITLED: readonly Case[] = [
  {
    why: 'a newborn enrolled on the eightieth day, seen on the fortieth',
    wish: (today) => ({ age: 0, birth: today - 250, covers: [{ from: today - 170, to: null, category: 'NEWBORN' }] }),
    plant: ({ claim, spares, life }) => spares(claim({ type: 'OUTPATIENT', day: life.resident.birth + 40 }), 'E0'),
  },
  {
    why: 'enrolled under an earlier number, seen under the new one',
    wish: (today) => ({ age: 47, earlier: { kind: 'CORRECTED', until: today - 200 } }),
    plant: ({ claim, spares, setting, life }) =>
      spares(claim({ type: 'OUTPATIENT', day: setting.today - 90, idNumber: life.resident.idNumber }), 'E0'),
  },
  {
    why: 'a monthly fee for the month in which cover began',
    wish: (today) => ({ age: 41, covers: [{ from: monthStart(today - 100) + 20, to: null }] }),
    plant: ({ claim, spares, setting }) =>
      spares(claim({ type: 'CAPITATION', day: monthStart(setting.today - 100) }), 'E0'),
  },
  {
    why: 'a visit on the first day of cover',
    wish: (today) => ({ age: 36, covers: [{ from: today - 85, to: null }] }),
    plant: ({ claim, spares, setting }) => spares(claim({ type: 'OUTPATIENT', day: setting.today - 85 }), 'E0'),
  },
  {
    why: 'suspended as an employee, covered as a resident',
    wish: (today) => ({
      age: 45,
      covers: [
        { from: today - 300, to: null, scheme: 'EMPLOYEE', category: 'WORKING', status: 'SUSPENDED' },
        { from: today - 290, to: null },
      ],
    }),
    plant: ({ claim, spares, setting }) => spares(claim({ type: 'OUTPATIENT', day: setting.today - 70 }), 'E0'),
  },
  {
    why: "the pensioner's tier on the day of retirement, as a civil servant",
    wish: (today) => ({
      age: 60,
      scheme: 'EMPLOYEE',
      pension: { kind: 'CIVIL_SERVANT', retired: today - 66 },
      covers: [
        { from: today - 4000, to: today - 66, category: 'WORKING' },
        { from: today - 66, to: null },
      ],
    }),
    plant: ({ claim, spares, setting }) =>
      spares(claim({ type: 'OUTPATIENT', day: setting.today - 66, tier: 'RETIREE' }), 'T1', 'E0'),
  },
  {
    why: 'a monthly fee for the month in which retirement began, and a pension under an earlier number',
    wish: (today) => ({
      age: 60,
      scheme: 'EMPLOYEE',
      pension: { kind: 'EMPLOYEE', retired: monthStart(today - 140) + 17 },
      earlier: { kind: 'CORRECTED', until: today - 75 },
    }),
    plant: ({ claim, spares, setting, life }) => {
      spares(claim({ type: 'CAPITATION', day: monthStart(setting.today - 140) + 2, tier: 'RETIREE' }), 'T1');
      spares(
        claim({ type: 'OUTPATIENT', day: setting.today - 45, tier: 'RETIREE', idNumber: life.resident.idNumber }),
        'T1',
      );
    },
  },
  {
    why: 'the tier of the monitored poor on the first and on the last day of monitoring',
    wish: (today) => ({ age: 58, monitoring: { category: 'UNSTABLE', from: today - 200, to: today - 50 } }),
    plant: ({ claim, spares, setting }) => {
      spares(claim({ type: 'OUTPATIENT', day: setting.today - 200, tier: 'POVERTY' }), 'P1');
      spares(claim({ type: 'OUTPATIENT', day: setting.today - 51, tier: 'POVERTY' }), 'P1');
    },
  },
  {
    why: 'a monthly fee for the month in which monitoring began, under an earlier number',
    wish: (today) => ({
      age: 64,
      monitoring: { category: 'MARGINAL', from: monthStart(today - 150) + 24, to: null },
      earlier: { kind: 'CORRECTED', until: today - 80 },
    }),
    plant: ({ claim, spares, setting }) =>
      spares(claim({ type: 'CAPITATION', day: monthStart(setting.today - 150) + 1, tier: 'POVERTY' }), 'P1'),
  },
];

export const TRAPS: readonly Case[] = [...AFTER_DEATH, ...NOT_DEAD, ...NOT_LEFT_RUNNING, ...ENTITLED];
