/** Stories that must become findings, in the order in which a city meets them. */
import { CARE_AFTER_DEATH } from './care-after-death';
import { monthStart } from './days';
import { documented } from './deaths';
import type { Case } from './planted';

/** Enrolments left running, D8. */
const LEFT_RUNNING: readonly Case[] = [
  {
    why: 'an enrolment still running 91 days after death',
    wish: (today) => ({ age: 81, died: today - 91, evidence: documented(today - 91), leftRunning: true }),
    plant: ({ fires, enrollments }) => fires(enrollments[0], 'D8'),
  },
  {
    why: 'an enrolment that nobody ended for more than a year',
    wish: (today, random) => {
      const died = today - random.int(370, 800);
      return { age: 86, died, evidence: documented(died), leftRunning: true };
    },
    plant: ({ fires, enrollments }) => fires(enrollments[0], 'D8'),
  },
  {
    why: 'an enrolment ended, but 91 days after death',
    wish: (today) => ({
      age: 74,
      died: today - 300,
      evidence: documented(today - 300),
      covers: [{ from: today - 3000, to: today - 209, status: 'ACTIVE' }],
      leftRunning: true,
    }),
    plant: ({ fires, enrollments }) => fires(enrollments[0], 'D8'),
  },
  {
    why: 'an enrolment left running and a card in use with it',
    wish: (today) => ({ age: 80, died: today - 240, evidence: documented(today - 240), leftRunning: true }),
    plant: ({ claim, fires, death, enrollments }) => {
      fires(enrollments[0], 'D8');
      fires(claim({ type: 'PHARMACY', day: death + 45 }), 'D1');
      fires(claim({ type: 'OUTPATIENT', day: death + 110 }), 'D1');
    },
  },
];

/** Living people, not covered, not retired, not monitored: E0, T1, P1. */
const NOT_ENTITLED: readonly Case[] = [
  {
    why: 'a visit in a gap between two enrolments',
    wish: (today) => ({
      age: 39,
      covers: [
        { from: today - 2000, to: today - 200 },
        { from: today - 150, to: null },
      ],
    }),
    plant: ({ claim, fires, setting }) => fires(claim({ type: 'OUTPATIENT', day: setting.today - 175 }), 'E0'),
  },
  {
    why: 'a visit on the day on which cover had ended',
    wish: (today) => ({ age: 51, covers: [{ from: today - 2000, to: today - 90 }] }),
    plant: ({ claim, fires, setting }) => fires(claim({ type: 'PHARMACY', day: setting.today - 90 }), 'E0'),
  },
  {
    why: 'an admission while cover was suspended',
    wish: (today) => ({
      age: 44,
      scheme: 'EMPLOYEE',
      covers: [
        { from: today - 2500, to: today - 180 },
        { from: today - 180, to: today - 60, status: 'SUSPENDED' },
        { from: today - 60, to: null },
      ],
    }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'INPATIENT', day: setting.today - 120, nights: 5 }), 'E0'),
  },
  {
    why: 'a monthly fee for a month without a day of cover',
    wish: (today) => ({ age: 62, covers: [{ from: today - 2000, to: monthStart(today - 130) }] }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'CAPITATION', day: monthStart(setting.today - 130) + 11 }), 'E0'),
  },
  {
    why: 'a newborn whose enrolment came more than 90 days after birth',
    wish: (today) => ({ age: 0, birth: today - 320, covers: [{ from: today - 229, to: null, category: 'NEWBORN' }] }),
    plant: ({ claim, fires, life }) => fires(claim({ type: 'OUTPATIENT', day: life.resident.birth + 40 }), 'E0'),
  },
  {
    why: 'the tier of a pensioner for someone who is none',
    wish: () => ({ age: 48, scheme: 'EMPLOYEE' }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'OUTPATIENT', day: setting.today - 70, tier: 'RETIREE' }), 'T1'),
  },
  {
    why: "the tier of a pensioner for someone with a resident's pension",
    wish: (today) => ({ age: 67, pension: { kind: 'RESIDENT', retired: today - 2400 } }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'PHARMACY', day: setting.today - 55, tier: 'RETIREE' }), 'T1'),
  },
  {
    why: 'the tier of a pensioner three weeks before retirement',
    wish: (today) => ({
      age: 60,
      scheme: 'EMPLOYEE',
      pension: { kind: 'EMPLOYEE', retired: today - 100 },
      covers: [
        { from: today - 4000, to: today - 100, category: 'WORKING' },
        { from: today - 100, to: null },
      ],
    }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'OUTPATIENT', day: setting.today - 121, tier: 'RETIREE' }), 'T1'),
  },
  {
    why: 'the tier of the monitored poor for someone never monitored',
    wish: () => ({ age: 57 }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'OUTPATIENT', day: setting.today - 64, tier: 'POVERTY' }), 'P1'),
  },
  {
    why: 'the tier of the monitored poor on the day the risk was removed',
    wish: (today) => ({
      age: 61,
      careUntil: today - 130,
      monitoring: { category: 'UNSTABLE', from: today - 700, to: today - 110 },
    }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'INPATIENT', day: setting.today - 110, nights: 8, tier: 'POVERTY' }), 'P1'),
  },
  {
    why: 'the tier of the monitored poor before they were identified',
    wish: (today) => ({ age: 53, monitoring: { category: 'HARDSHIP', from: today - 90, to: null } }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'OUTPATIENT', day: setting.today - 91, tier: 'POVERTY' }), 'P1'),
  },
  {
    why: 'a tier without monitoring in a gap of cover: two rules on one claim',
    wish: (today) => ({
      age: 49,
      covers: [
        { from: today - 1800, to: today - 160 },
        { from: today - 100, to: null },
      ],
    }),
    plant: ({ claim, fires, setting }) =>
      fires(claim({ type: 'OUTPATIENT', day: setting.today - 130, tier: 'POVERTY' }), 'E0', 'P1'),
  },
];

export const DOUBTFUL: readonly Case[] = [...CARE_AFTER_DEATH, ...LEFT_RUNNING, ...NOT_ENTITLED];
