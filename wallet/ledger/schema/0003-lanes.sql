-- What two accounts owe each other for bandwidth under one contract (or none): one
-- row for each direction, and of all promises only the best, since each is over all
-- there ever was. A promise received is money: its signature is kept with it.

CREATE TABLE lane (
	chain      INTEGER NOT NULL CHECK (chain >= 0),        -- chain id of the signing domain
	escrow     BLOB    NOT NULL CHECK (length(escrow) = 20), -- zero if payment is by transfers
	payer      BLOB    NOT NULL CHECK (length(payer) = 20),
	payee      BLOB    NOT NULL CHECK (length(payee) = 20),
	direction  TEXT    NOT NULL CHECK (direction IN ('in', 'out')), -- in: we are the payee
	cumulative INTEGER NOT NULL CHECK (cumulative >= 0),   -- µBTT, the best promise
	signature  BLOB    NOT NULL CHECK (length(signature) = 65), -- the payer's; zeros where we are the payer, who can make it again
	due        INTEGER NOT NULL CHECK (due >= 0),          -- µBTT, charged in all
	bytes      INTEGER NOT NULL CHECK (bytes >= 0),        -- payload behind due
	unpaid     INTEGER NOT NULL CHECK (unpaid >= 0),       -- bytes of due without a promise
	repay      INTEGER NOT NULL CHECK (repay >= 0),        -- bytes to be paid for until trust is whole
	lost       INTEGER NOT NULL CHECK (lost >= 0),         -- µBTT written off
	strikes    INTEGER NOT NULL CHECK (strikes BETWEEN 0 AND 64),
	until      INTEGER NOT NULL CHECK (until >= 0),        -- ms since 1970, end of the back-off, 0 = none
	redeemed   INTEGER NOT NULL CHECK (redeemed BETWEEN 0 AND cumulative), -- µBTT, settled on the chain
	changed    INTEGER NOT NULL,                           -- ms since 1970
	CHECK (payer <> payee),
	PRIMARY KEY (chain, escrow, payer, payee, direction)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER lane_update BEFORE UPDATE ON lane
BEGIN
	SELECT raise(ABORT, 'lane: never renamed') WHERE new.chain <> old.chain OR new.escrow <> old.escrow
		OR new.payer <> old.payer OR new.payee <> old.payee OR new.direction <> old.direction;
	SELECT raise(ABORT, 'lane: never falls') WHERE new.cumulative < old.cumulative OR new.redeemed < old.redeemed;
	SELECT raise(ABORT, 'lane: never falls') WHERE new.cumulative = old.cumulative AND new.signature <> old.signature;
END;

-- INSERT OR REPLACE would remove a row without firing lane_no_delete.
CREATE TRIGGER lane_insert BEFORE INSERT ON lane
BEGIN
	SELECT raise(ABORT, 'lane: never falls') WHERE EXISTS (SELECT 1 FROM lane WHERE chain = new.chain AND escrow = new.escrow
		AND payer = new.payer AND payee = new.payee AND direction = new.direction
		AND (cumulative > new.cumulative OR redeemed > new.redeemed OR cumulative = new.cumulative AND signature <> new.signature));
END;

CREATE TRIGGER lane_no_delete BEFORE DELETE ON lane
BEGIN SELECT raise(ABORT, 'lane: never removed'); END;

-- Transfers on the chain that were counted in a lane: each counts once.
CREATE TABLE settled (
	chain  INTEGER NOT NULL,
	txid   BLOB    NOT NULL CHECK (length(txid) = 32),
	amount INTEGER NOT NULL CHECK (amount > 0),
	at     INTEGER NOT NULL,
	PRIMARY KEY (chain, txid)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER settled_no_update BEFORE UPDATE ON settled
BEGIN SELECT raise(ABORT, 'settled: never changed'); END;

CREATE TRIGGER settled_no_delete BEFORE DELETE ON settled
BEGIN SELECT raise(ABORT, 'settled: never removed'); END;
