// Writes tronweb.json: transactions built and signed by tronweb 6.5.1, for TestVectors.
//   npm install tronweb@6.5.1 && NODE_PATH=node_modules node vectors.js
'use strict';
const fs = require('fs');
const path = require('path');
const { TronWeb } = require('tronweb');

const BTT = 'TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4';
const words = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about';
const account = i => TronWeb.fromMnemonic(words, `m/44'/195'/0'/0/${i}`);
const from = account(0);
const key = from.privateKey.replace(/^0x/, '');
const tw = new TronWeb({ fullHost: 'http://127.0.0.1:1', privateKey: key });

const blocks = [
  { ref_block_bytes: 'c3f9', ref_block_hash: 'aabbccddeeff0011', timestamp: 1760000000000, expiration: 1760000060000 },
  { ref_block_bytes: '0000', ref_block_hash: '0000000000000001', timestamp: 1893456000000, expiration: 1893456120000 },
];
// Amounts in millionths: the smallest, one, an odd one, the largest that the asset can have.
const amounts = { trx: [1, 1000000, 1234567, 9007199254740991], bttold: [1, 42, 989999999999], btt: ['1', '1000000', '123456789012', '9223372036854775807'] };

const build = {
  trx: (to, n, o) => tw.transactionBuilder.sendTrx(to, n, from.address, o),
  bttold: (to, n, o) => tw.transactionBuilder.sendToken(to, n, '1002000', from.address, o),
  btt: async (to, n, o) => (await tw.transactionBuilder.triggerSmartContract(BTT, 'transfer(address,uint256)', { ...o, feeLimit: o.feeLimit, txLocal: true },
    [{ type: 'address', value: to }, { type: 'uint256', value: n + '000000000000' }], from.address)).transaction,
};

(async () => {
  const out = { tronweb: TronWeb.version, key, from: from.address, btt: BTT, cases: [] };
  for (const asset of Object.keys(amounts)) for (const amount of amounts[asset]) for (const [i, blockHeader] of blocks.entries()) {
    const to = account(i + 1).address;
    const feeLimit = asset === 'btt' ? 30000000 + i : 0;
    const tx = await build[asset](to, amount, { blockHeader, feeLimit });
    const signed = await tw.trx.sign(tx, key);
    out.cases.push({ asset, to, amount: String(amount), block: blockHeader, feeLimit, raw: tx.raw_data_hex, txid: tx.txID, sig: signed.signature[0].toLowerCase().replace(/^0x/, '') });
  }
  fs.writeFileSync(path.join(__dirname, 'tronweb.json'), JSON.stringify(out, null, 1) + '\n');
})().catch(e => { console.error(e); process.exit(1); });
