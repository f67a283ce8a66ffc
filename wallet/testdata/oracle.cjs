// Writes the vectors of wallet and wallet/voucher with tronweb as the oracle.
// To regenerate, in an empty folder:
//
//	npm install tronweb@6.5.1
//	node <repository>/wallet/testdata/oracle.cjs <repository>/wallet
//
// Nothing here is random, so the files come out unchanged.
const { createRequire } = require('module');
const { writeFileSync } = require('fs');
const { join } = require('path');
const { TronWeb, utils, Trx } = createRequire(join(process.cwd(), 'x.js'))('tronweb');

const wallet = process.argv[2];
const write = (file, value) => writeFileSync(join(wallet, file), JSON.stringify(value, null, '\t') + '\n');
const abandon = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about';
const zoo24 = 'zoo '.repeat(23) + 'vote';
const bare = hex => hex.replace(/^0x/, '');

const addresses = [];
for (const words of [abandon, zoo24, 'legal winner thank year wave sausage worth useful legal winner thank yellow']) {
	for (const passphrase of ['', 'TREZOR', 'пароль ñ', 'パスワード', 'ﬁ Å ①', ' leading and trailing ', '😀']) {
		for (const path of ["m/44'/195'/0'/0/0", "m/44'/195'/0'/0/1", "m/44'/195'/0'/0/4", "m/44'/195'/1'/0/0", "m/44'/195'/2'/0/0", "m/44'/195'/2147483647'/0/0"]) {
			const a = TronWeb.fromMnemonic(words, path, passphrase);
			addresses.push({ words, passphrase, path, address: a.address, key: bare(a.privateKey) });
		}
	}
}

const pick = (i, n = 0) => addresses.find(a => a.path === `m/44'/195'/${i}'/0/${n}` && a.words === abandon && a.passphrase === '');
const types = {
	Voucher: [{ name: 'payer', type: 'address' }, { name: 'payee', type: 'address' }, { name: 'cumulative', type: 'uint256' }],
	Session: [{ name: 'infohash', type: 'bytes32' }, { name: 'nonces', type: 'bytes32' }, { name: 'me', type: 'address' }, { name: 'peer', type: 'address' }],
};
const sign = (chain, escrow, type, value, by) => {
	const domain = { name: 'BTT Bandwidth Escrow', version: '1', chainId: chain, verifyingContract: escrow };
	return {
		chain, escrow, value, key: by.key, signer: by.address,
		digest: bare(utils._TypedDataEncoder.hash(domain, { [type]: types[type] }, value)),
		signature: bare(Trx._signTypedData(domain, { [type]: types[type] }, value, by.key)).toLowerCase(),
	};
};
const escrows = [TronWeb.address.fromHex('411111111111111111111111111111111111111111'), TronWeb.address.fromHex('41' + '00'.repeat(20))];
const vouchers = [], sessions = [];
for (const chain of [0x2b6653dc, 0xcd8690dc, 1]) for (const escrow of escrows) {
	const me = pick(1), peer = pick(0, 1);
	for (const cumulative of ['0', '1', '1000000', '1234567', '9223372036854775807']) {
		const value = { payer: me.address, payee: peer.address, cumulative: cumulative + '0'.repeat(12) };
		vouchers.push({ micro: cumulative, ...sign(chain, escrow, 'Voucher', value, me) });
	}
	const value = { infohash: '0x' + '11'.repeat(20) + '00'.repeat(12), nonces: '0x' + 'a5'.repeat(32), me: me.address, peer: peer.address };
	sessions.push(sign(chain, escrow, 'Session', value, me));
}
write('testdata/tronweb.json', addresses);
write('voucher/testdata/tronweb.json', { vouchers, sessions });
