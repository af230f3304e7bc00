// For `node -r`: lets a child process of a test run our TypeScript as it stands, through the same compiler as the build.
const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { transformSync } = require('@swc/core');

const root = dirname(dirname(__dirname));

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, root, cwd: root, sourceMaps: false });
  module._compile(code, filename);
};
