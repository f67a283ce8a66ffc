-- What was meant to happen on the chain and how far it came. TRON has no nonce:
-- two signed transactions for one intent would both be carried out, so a row has
-- room for one, and what was signed is never replaced.

CREATE TABLE outbox (
	seq     INTEGER PRIMARY KEY,                 -- order of intending
	intent  BLOB NOT NULL UNIQUE CHECK (length(intent) = 32),
	chain   BLOB NOT NULL CHECK (length(chain) = 32), -- id of its genesis block
	owner   TEXT NOT NULL,                       -- the address that pays, base58
	body    BLOB NOT NULL CHECK (length(body) BETWEEN 1 AND 65536), -- the intent, as wallet/tron writes it
	state   TEXT NOT NULL CHECK (state IN ('built', 'signed', 'broadcast', 'in-block', 'solid-ok', 'solid-failed', 'expired', 'void')),
	txid    BLOB UNIQUE CHECK (length(txid) = 32),
	raw     BLOB CHECK (length(raw) <= 524288),  -- raw_data, the bytes that txid is the SHA-256 of
	sig     BLOB CHECK (length(sig) = 65),
	expires INTEGER NOT NULL DEFAULT 0,          -- ms since 1970, the chain's clock
	block   INTEGER NOT NULL DEFAULT 0 CHECK (block >= 0),
	fee     INTEGER NOT NULL DEFAULT 0 CHECK (fee >= 0), -- sun, burnt
	reason  TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 200), -- the node's words for a refusal or failure
	created INTEGER NOT NULL,                    -- ms since 1970
	changed INTEGER NOT NULL,
	CONSTRAINT signed CHECK ((txid IS NULL) = (state IN ('built', 'void'))
		AND (txid IS NULL) = (raw IS NULL) AND (txid IS NULL) = (sig IS NULL) AND (txid IS NULL) = (expires = 0))
) STRICT;

CREATE INDEX outbox_live ON outbox (chain) WHERE state IN ('built', 'signed', 'broadcast', 'in-block');

CREATE TRIGGER outbox_insert BEFORE INSERT ON outbox
BEGIN
	SELECT raise(ABORT, 'outbox: intent taken') WHERE EXISTS (SELECT 1 FROM outbox WHERE intent = new.intent OR seq = new.seq);
	SELECT raise(ABORT, 'outbox: begins as built') WHERE new.state <> 'built';
END;

CREATE TRIGGER outbox_update BEFORE UPDATE ON outbox
BEGIN
	SELECT raise(ABORT, 'outbox: an intent is never changed') WHERE new.seq <> old.seq OR new.intent <> old.intent
		OR new.chain <> old.chain OR new.owner <> old.owner OR new.body <> old.body OR new.created <> old.created;
	SELECT raise(ABORT, 'outbox: what was signed is never changed') WHERE old.txid IS NOT NULL
		AND (new.txid IS NOT old.txid OR new.raw IS NOT old.raw OR new.sig IS NOT old.sig OR new.expires <> old.expires);
	SELECT raise(ABORT, 'outbox: no such step') WHERE new.state <> old.state AND (old.state || '>' || new.state) NOT IN (
		'built>signed', 'built>void',
		'signed>broadcast', 'signed>in-block', 'signed>solid-ok', 'signed>solid-failed', 'signed>expired',
		'broadcast>in-block', 'broadcast>solid-ok', 'broadcast>solid-failed', 'broadcast>expired',
		'in-block>broadcast', 'in-block>solid-ok', 'in-block>solid-failed', 'in-block>expired');
	SELECT raise(ABORT, 'outbox: ended') WHERE old.state IN ('solid-ok', 'solid-failed', 'expired', 'void');
END;

CREATE TRIGGER outbox_no_delete BEFORE DELETE ON outbox
BEGIN SELECT raise(ABORT, 'outbox: an intent is never removed'); END;

-- The balances that the books agree with. What the chain shows beyond them came
-- from elsewhere; booking it and moving the row are one transaction.
CREATE TABLE observed (
	chain  BLOB NOT NULL CHECK (length(chain) = 32),
	owner  TEXT NOT NULL,
	asset  TEXT NOT NULL CHECK (asset GLOB '[a-z]*' AND length(asset) <= 16),
	height INTEGER NOT NULL CHECK (height >= 0),  -- the solid block it was read at
	amount INTEGER NOT NULL,                      -- millionths of the asset
	PRIMARY KEY (chain, owner, asset)
) STRICT, WITHOUT ROWID;
