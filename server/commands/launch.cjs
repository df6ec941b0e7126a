// Starts a program beside it from code that V8 compiled before: `NAME.get.cjs` for `NAME get …` when there is one, else
// `NAME.program.cjs`. Without the cache, or with one of another Node, the program is compiled as usual.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const base = __filename.slice(0, -'.cjs'.length);
let filename = `${base}.program.cjs`;
// Alone, `get` is a sixth of the whole; it is what learners type most.
let source = process.argv[2] === 'get' ? readIfThere(`${base}.get.cjs`, 'latin1') : undefined;
if (source !== undefined) filename = `${base}.get.cjs`;
// The build writes ASCII alone, and what is known to be of one byte a character is read and compiled faster.
source ??= readFileSync(filename, 'latin1');
const cacheFile = filename.replace(/cjs$/, 'code-cache');
const cachedData = readIfThere(cacheFile);

const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
const script = new Script(wrapped, { filename, cachedData });
// Set by the build alone: when the program ends, what it used has been compiled.
if (process.env.TALLER_WRITE_CODE_CACHE === filename) {
  process.on('exit', () => writeFileSync(cacheFile, script.createCachedData()));
}
script.runInThisContext().call(exports, exports, require, module, filename, __dirname);

function readIfThere(file, encoding) {
  try {
    return readFileSync(file, encoding);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}
