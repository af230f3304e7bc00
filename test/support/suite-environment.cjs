// jest's `testEnvironment`: a suite runs in the worker's own context, since the packages that suites share (suite-runtime.cjs) are there, and an
// Error or Array of one context is none of another. What a suite leaves behind in it is put back.
const fs = require('node:fs');
const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** What jest asks for by these names, so that a suite cannot change it. */
const kept = {
  'jest-native-promise': Promise,
  'jest-native-now': Date.now.bind(Date),
  'jest-native-read-file': fs.readFileSync.bind(fs),
  'jest-native-write-file': fs.writeFileSync.bind(fs),
  'jest-native-exists-file': fs.existsSync.bind(fs),
};
for (const [name, value] of Object.entries(kept)) Object.defineProperty(globalThis, Symbol.for(name), { value });
Object.defineProperty(globalThis, 'jest-symbol-do-not-touch', { value: Symbol });

class SuiteEnvironment {
  constructor({ projectConfig: config }) {
    /** Global names that are there when the suite ends. */
    this.staying = new Set(Reflect.ownKeys(globalThis));
    this.before = { variables: { ...process.env }, exit: process.exit, console: globalThis.console };
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    const timerConfig = { idToRef: (id) => id, refToId: (timer) => timer };
    this.fakeTimers = new LegacyFakeTimers({
      config,
      global: globalThis,
      moduleMocker: this.moduleMocker,
      timerConfig,
    });
    this.fakeTimersModern = new ModernFakeTimers({ config, global: globalThis });
  }

  async setup() {}

  async teardown() {
    this.fakeTimers.dispose();
    this.fakeTimersModern.dispose();
    // Jest's own state of the suite, its time limit among it, and what our classes declared by decorators (type-graphql, TypeORM): each suite
    // loads classes of its own.
    for (const name of Reflect.ownKeys(globalThis))
      if (!this.staying.has(name)) Reflect.deleteProperty(globalThis, name);
    const { variables, exit, console } = this.before;
    for (const name of Object.keys(process.env)) if (!(name in variables)) delete process.env[name];
    Object.assign(process.env, variables);
    process.exit = exit;
    globalThis.console = console;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }
}

module.exports = SuiteEnvironment;
