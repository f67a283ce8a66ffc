-- Transfers that settle what is owed to peers without a contract: one row for each that
-- was decided, named like its intent in the outbox. Of one payee at most one is under way,
-- so that no debt is paid twice.

CREATE TABLE payout (
	id      BLOB    PRIMARY KEY CHECK (length(id) = 32),    -- of the intent
	chain   INTEGER NOT NULL CHECK (chain >= 0),            -- chain id of the signing domain, as in lane
	payer   BLOB    NOT NULL CHECK (length(payer) = 20),
	payee   BLOB    NOT NULL CHECK (length(payee) = 20),
	amount  INTEGER NOT NULL CHECK (amount > 0),            -- µBTT
	state   TEXT    NOT NULL CHECK (state IN ('queued', 'in-tx', 'paid', 'told', 'dropped')),
	ask     INTEGER NOT NULL CHECK (ask IN (0, 1)),         -- sent only when the user says so
	due     INTEGER NOT NULL CHECK (due >= 0),              -- ms since 1970: queued is not sent before, dropped not decided again before
	txid    BLOB CHECK (length(txid) = 32),                 -- once it is final
	held    INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),   -- µBTT, what the payee must say it holds (paid), else what it said last
	why     TEXT    NOT NULL DEFAULT '' CHECK (length(why) <= 200), -- dropped
	changed INTEGER NOT NULL,                               -- ms since 1970
	CHECK (payer <> payee),
	CHECK ((txid IS NOT NULL) = (state IN ('paid', 'told')))
) STRICT;

CREATE UNIQUE INDEX payout_one ON payout (chain, payer, payee) WHERE state IN ('queued', 'in-tx', 'paid');
CREATE INDEX payout_of ON payout (chain, payer, changed);

CREATE TRIGGER payout_insert BEFORE INSERT ON payout
BEGIN
	SELECT raise(ABORT, 'payout: begins as queued') WHERE new.state <> 'queued';
	SELECT raise(ABORT, 'payout: taken') WHERE EXISTS (SELECT 1 FROM payout WHERE id = new.id);
END;

CREATE TRIGGER payout_update BEFORE UPDATE ON payout
BEGIN
	SELECT raise(ABORT, 'payout: never renamed') WHERE new.id <> old.id OR new.chain <> old.chain OR new.payer <> old.payer
		OR new.payee <> old.payee OR new.amount <> old.amount;
	SELECT raise(ABORT, 'payout: no such step') WHERE new.state <> old.state AND (old.state || '>' || new.state) NOT IN (
		'queued>in-tx', 'queued>dropped', 'in-tx>paid', 'in-tx>dropped', 'paid>told');
	SELECT raise(ABORT, 'payout: at its end') WHERE old.state IN ('told', 'dropped');
END;

CREATE TRIGGER payout_no_delete BEFORE DELETE ON payout
BEGIN SELECT raise(ABORT, 'payout: never removed'); END;
