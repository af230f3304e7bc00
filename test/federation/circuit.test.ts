import { closedCircuit } from '../../src/federation/circuit';

const FAILURES = 3;
const REST = 1_000;

test('opens after failures in a row, lets one probe through when it has rested, and closes when that succeeds', () => {
  let now = 0;
  const circuit = closedCircuit({ failures: FAILURES, restMilliseconds: REST }, () => now);
  const fail = () => {
    expect(circuit.allows()).toBe(true);
    circuit.failed();
  };
  fail();
  fail();
  circuit.succeeded();
  fail();
  fail();
  expect(circuit.isOpen()).toBe(false);
  fail();
  expect([circuit.isOpen(), circuit.allows()]).toEqual([true, false]);
  now = REST - 1;
  expect(circuit.allows()).toBe(false);
  now = REST;
  expect([circuit.allows(), circuit.allows()]).toEqual([true, false]);
  circuit.failed();
  now = REST * 2 - 1;
  expect(circuit.allows()).toBe(false);
  now = REST * 2;
  expect(circuit.allows()).toBe(true);
  circuit.succeeded();
  expect([circuit.allows(), circuit.allows(), circuit.isOpen()]).toEqual([true, true, false]);
});

test('a probe that nobody tells the end of is followed by another', () => {
  let now = 0;
  const circuit = closedCircuit({ failures: 1, restMilliseconds: REST }, () => now);
  circuit.failed();
  now = REST;
  expect(circuit.allows()).toBe(true);
  now = REST * 2;
  expect(circuit.allows()).toBe(true);
});
