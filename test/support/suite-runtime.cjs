// jest's `runtime`: what a suite is run with. Our own files are loaded anew for each suite, as always; packages are loaded once per worker.
// A suite that opens a hub needs some 4,000 files of packages, and spent more time on loading and compiling them than on its tests.
const path = require('node:path');
const { compileFunction, constants } = require('node:vm');
const Runtime = require('jest-runtime').default;

const PACKAGES = path.join(__dirname, '../../node_modules') + path.sep;
/** Keeps the tests of a suite: the one package of jest's own that must be the suite's. */
const CIRCUS = path.join(PACKAGES, 'jest-circus') + path.sep;

class SuiteRuntime extends Runtime {
  /** A suite that puts another package in the place of one has all of them to itself, for they require each other. */
  mocksPackages = false;

  constructor(...given) {
    super(...given);
    // In the context of the worker, where the packages are; what `import()` names is one of them, and node loads it.
    this.executor.compile = (source, filename) =>
      compileFunction(source, this.executor.injectedModuleParameters, {
        filename,
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      });
  }

  setMock(from, name, ...more) {
    this.mocksPackages ||= !name.startsWith('.');
    super.setMock(from, name, ...more);
  }

  requireModule(from, name, options, isRequireActual) {
    const isShared = options?.isInternalModule || !this.mocksPackages;
    if (isShared && !this._resolution.isCoreModule(name ?? from)) {
      const file = this._resolution.resolveCjs(from, name);
      if (file.startsWith(PACKAGES) && !file.startsWith(CIRCUS)) return this.shared(file);
    }
    return super.requireModule(from, name, options, isRequireActual);
  }

  shared(file) {
    if (file in require.cache) return require.cache[file].exports;
    const before = new Set(Reflect.ownKeys(globalThis));
    const exported = require(file);
    // What a package puts there when it is loaded stays: it is loaded once.
    for (const name of Reflect.ownKeys(globalThis)) if (!before.has(name)) this._environment.staying.add(name);
    return exported;
  }
}

module.exports = { __esModule: true, default: SuiteRuntime };
