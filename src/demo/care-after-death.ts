/** Stories of care after a death, D1 and D3, with the ways in which a death can be known. The first is the one worth showing first. */
import { monthEnd, monthStart } from './days';
import { certificate, cremation, documented, policeReport } from './deaths';
import { institutionsOf } from './institutions';
import { misspelt, otherDot } from './names';
import type { Case } from './planted';
import { writeDeath } from './registers';

export const CARE_AFTER_DEATH: readonly Case[] = [
  {
    why: 'a monitored pensioner whose card is used at a pharmacy and a clinic after death',
    wish: (today) => ({
      age: 79,
      died: today - 96,
      evidence: documented(today - 96),
      pension: { kind: 'RESIDENT', retired: today - 6900 },
      monitoring: { category: 'MARGINAL', from: today - 640, to: null },
      earlier: { kind: 'FIFTEEN_DIGITS', until: today },
      careUntil: today - 190,
    }),
    plant: ({ claim, fires, death, suspect, setting, life }) => {
      const ordinary = [
        { type: 'CAPITATION', day: death - 75 },
        { type: 'INPATIENT', day: death - 48, nights: 9 },
        { type: 'OUTPATIENT', day: death - 12 },
        { type: 'PHARMACY', day: death - 12, settledAfter: 16 },
      ] as const;
      for (const visit of ordinary) claim({ ...visit });
      fires(
        claim({
          type: 'PHARMACY',
          day: death + 9,
          at: suspect,
          tier: 'POVERTY',
          groups: ['DRUG', 'DRUG'],
          idNumber: life.resident.idNumber,
        }),
        'D1',
      );
      const clinic = institutionsOf(setting.institutions, 'COMMUNITY', life.resident.district)[0];
      fires(
        claim({ type: 'OUTPATIENT', day: death + 23, at: clinic, tier: 'POVERTY', groups: ['TREATMENT', 'DRUG'] }),
        'D1',
      );
    },
  },
  ...[3, 11, 6, 17].map(
    (after): Case => ({
      why: 'a card that stays in use at one pharmacy after its owner died',
      wish: (today) => {
        const died = today - 60 - 4 * after;
        return {
          age: 73 + (after % 9),
          died,
          evidence: documented(died),
          pension: { kind: 'RESIDENT', retired: today - 4500 },
        };
      },
      plant: ({ claim, fires, death, suspect }) =>
        fires(claim({ type: 'PHARMACY', day: death + after, at: suspect, groups: ['DRUG'] }), 'D1'),
    }),
  ),
  {
    why: 'a visit two days after death, the first that is too late',
    wish: (today, random) => {
      const died = today - random.int(100, 400);
      return { age: 71, died, evidence: documented(died) };
    },
    plant: ({ claim, fires, death }) => fires(claim({ type: 'OUTPATIENT', day: death + 2 }), 'D1'),
  },
  {
    why: 'an admission five days after death',
    wish: (today) => ({ age: 83, died: today - 210, evidence: documented(today - 210) }),
    plant: ({ claim, fires, death }) => fires(claim({ type: 'INPATIENT', day: death + 5, nights: 11 }), 'D3'),
  },
  {
    why: 'an admission two days after the last possible day, death known by cremation and police',
    wish: (today) => ({
      age: 75,
      died: today - 150,
      evidence: { documents: [cremation(today - 149)], cancellation: policeReport(today - 150) },
    }),
    plant: ({ claim, fires, death }) => fires(claim({ type: 'INPATIENT', day: death + 3, nights: 7 }), 'D3'),
  },
  {
    why: 'an admission after a death that only a cremation tells of',
    wish: (today) => ({
      age: 69,
      died: today - 120,
      evidence: { documents: [cremation(today - 120)], cancellation: null },
      leftRunning: true,
    }),
    plant: ({ claim, fires, death }) => fires(claim({ type: 'INPATIENT', day: death + 20, nights: 6 }), 'D3'),
  },
  {
    why: 'a visit after a death that only the police know, the enrolment already ended: two rules, neither proven',
    wish: (today) => ({
      age: 64,
      died: today - 260,
      evidence: { documents: [], cancellation: policeReport(today - 260) },
    }),
    plant: ({ claim, fires, death }) => fires(claim({ type: 'OUTPATIENT', day: death + 130 }), 'D1', 'E0'),
  },
  {
    why: 'a visit after a death whose one certificate has a wrong name',
    wish: (today) => ({ age: 58, died: today - 75, leftRunning: true }),
    plant: ({ claim, fires, death, setting, life }) => {
      writeDeath(setting, life.resident, certificate(death, { name: misspelt(life.resident.name) }));
      fires(claim({ type: 'OUTPATIENT', day: death + 30 }), 'D1');
    },
  },
  {
    why: 'a visit after the month of a death known to the month, by a certificate with another dot in the name',
    wish: (today) => ({ age: 77, died: monthStart(monthStart(today) - 120) + 9 }),
    plant: ({ claim, fires, death, setting, life }) => {
      const name = otherDot(setting.random, life.resident.name);
      writeDeath(setting, life.resident, certificate(death, { precision: 'MONTH', name, registered: death + 30 }));
      fires(claim({ type: 'OUTPATIENT', day: monthEnd(death) + 2 }), 'D1');
    },
  },
  {
    why: 'two dates of death seven weeks apart: contested, and a visit after both',
    wish: (today) => ({
      age: 72,
      died: today - 200,
      evidence: { documents: [certificate(today - 200), cremation(today - 151)], cancellation: null },
      leftRunning: true,
    }),
    plant: ({ claim, fires, spares, death, enrollments }) => {
      spares(claim({ type: 'OUTPATIENT', day: death + 25 }), 'D1');
      fires(claim({ type: 'OUTPATIENT', day: death + 60 }), 'D1');
      spares(enrollments[0], 'D8');
    },
  },
  {
    why: 'a certificate for someone whose employer went on paying contributions: contested',
    wish: (today) => ({
      age: 46,
      scheme: 'EMPLOYEE',
      died: today - 190,
      evidence: { documents: [certificate(today - 190)], cancellation: null },
      leftRunning: true,
      keepsPaying: true,
    }),
    plant: ({ claim, fires, spares, death, enrollments }) => {
      fires(claim({ type: 'OUTPATIENT', day: death + 90 }), 'D1');
      spares(enrollments[0], 'D8');
    },
  },
  {
    why: 'a claim under an earlier number of a dead person',
    wish: (today) => ({
      age: 68,
      died: today - 140,
      evidence: documented(today - 140),
      earlier: { kind: 'CORRECTED', until: today - 300 },
    }),
    plant: ({ claim, fires, death, life }) =>
      fires(claim({ type: 'OUTPATIENT', day: death + 14, idNumber: life.resident.earlier?.idNumber }), 'D1'),
  },
];
