// Compiles the Solidity files named on the command line with npm's solc 0.8.25 and writes beside each the compiled form
// as JSON: {"compiler", "settings", "abi", "methods", "init", "runtime"}. The same source gives the same bytes everywhere.
//   node build.js FILE.sol...        write
//   node build.js --check FILE.sol...  compare, exit 1 on a difference
'use strict';
const fs = require('fs');
const path = require('path');
const solc = require('solc');

const WANT = '0.8.25+commit.b61c2a91';
const settings = {
  evmVersion: 'istanbul',
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

const check = process.argv[2] === '--check';
const files = process.argv.slice(check ? 3 : 2);
if (!solc.version().startsWith(WANT)) throw new Error(`solc ${WANT} wanted, have ${solc.version()}`);
let differs = false;
for (const file of files) {
  const source = path.basename(file);
  const name = path.basename(file, '.sol');
  const out = JSON.parse(solc.compile(JSON.stringify({
    language: 'Solidity',
    sources: { [source]: { content: fs.readFileSync(file, 'utf8') } },
    settings: { ...settings, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.methodIdentifiers'] } } },
  })));
  const errors = (out.errors || []).map(e => e.formattedMessage);
  if (errors.length) throw new Error(errors.join('\n'));
  const c = out.contracts[source][name];
  const text = JSON.stringify({
    compiler: WANT, settings, abi: c.abi, methods: c.evm.methodIdentifiers, init: c.evm.bytecode.object, runtime: c.evm.deployedBytecode.object,
  }, null, 1) + '\n';
  const target = path.join(path.dirname(file), name + '.json');
  if (check) differs ||= fs.readFileSync(target, 'utf8') !== text;
  else fs.writeFileSync(target, text);
}
if (differs) { console.error('the compiled form differs from what the source gives'); process.exit(1); }
