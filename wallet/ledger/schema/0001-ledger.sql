-- The books. A transfer moves one amount from the account it credits to the one
-- it debits, so they balance by construction: there is no set of lines to add up.
-- Transfers are never changed or removed; a mistake is corrected by one back.

CREATE TABLE account (
	id   INTEGER PRIMARY KEY,
	path TEXT NOT NULL UNIQUE                   -- such as 'peer/TUEZ…/receivable'
		CONSTRAINT path CHECK (length(path) <= 128 AND path GLOB '[a-z]*/?*' AND path NOT GLOB '*[^A-Za-z0-9/_-]*'),
	-- what the account counts, in millionths: a transfer stays within one unit
	unit TEXT NOT NULL GENERATED ALWAYS AS (CASE
		WHEN path GLOB 'trx/*' OR path = 'fee/tron' THEN 'TRX'
		WHEN path GLOB 'bttold/*' THEN 'BTTOLD'
		ELSE 'BTT' END) VIRTUAL,
	peer TEXT GENERATED ALWAYS AS (CASE         -- whose account it is, NULL if no peer's
		WHEN path GLOB 'peer/?*/?*' THEN substr(path, 6, instr(substr(path, 6), '/') - 1) END) VIRTUAL,
	-- running totals, written by trigger transfer_book only; the audit adds them up again
	debits_posted   INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted   >= 0),
	credits_posted  INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted  >= 0),
	debits_pending  INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending  >= 0),
	credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
	-- limits of debits less credits, holding whatever becomes of pending transfers
	floor   INTEGER,
	ceiling INTEGER,
	closed  INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)), -- takes no new transfer
	CONSTRAINT floor   CHECK (floor   IS NULL OR debits_posted - credits_posted - credits_pending >= floor),
	CONSTRAINT ceiling CHECK (ceiling IS NULL OR debits_posted - credits_posted + debits_pending  <= ceiling)
) STRICT;

CREATE TABLE transfer (
	seq      INTEGER PRIMARY KEY,               -- order of recording
	id       BLOB    NOT NULL UNIQUE CHECK (length(id) = 32),
	at       INTEGER NOT NULL CHECK (at BETWEEN 0 AND 253402300799999), -- ms since 1970, UTC, to the year 9999
	kind     TEXT    NOT NULL CHECK (kind GLOB '[a-z]*' AND length(kind) <= 32),
	phase    TEXT    NOT NULL CHECK (phase IN ('posted', 'pending', 'post', 'void')),
	debit    INTEGER NOT NULL REFERENCES account (id),
	credit   INTEGER NOT NULL REFERENCES account (id),
	amount   INTEGER NOT NULL CHECK (amount > 0), -- millionths of the accounts' unit
	resolves BLOB    REFERENCES transfer (id),  -- the pending transfer that this one ends
	torrent  TEXT    NOT NULL CHECK (length(torrent) <= 64),  -- what it is about, '' if no torrent
	note     TEXT    NOT NULL CHECK (length(note) <= 200),
	CHECK (debit <> credit),
	CHECK ((resolves IS NOT NULL) = (phase IN ('post', 'void')))
) STRICT;

CREATE UNIQUE INDEX transfer_resolves ON transfer (resolves) WHERE resolves IS NOT NULL;
CREATE INDEX transfer_debit ON transfer (debit, at);
CREATE INDEX transfer_credit ON transfer (credit, at);
CREATE INDEX transfer_at ON transfer (at);

-- The first statement also stops INSERT OR REPLACE, which would remove rows
-- without firing transfer_no_delete.
CREATE TRIGGER transfer_check BEFORE INSERT ON transfer
BEGIN
	SELECT raise(ABORT, 'ledger: id taken') WHERE EXISTS (
		SELECT 1 FROM transfer WHERE id = new.id OR seq = new.seq);
	SELECT raise(ABORT, 'ledger: resolved before') WHERE new.resolves IS NOT NULL AND EXISTS (
		SELECT 1 FROM transfer WHERE resolves = new.resolves);
	SELECT raise(ABORT, 'ledger: not as pending') WHERE new.resolves IS NOT NULL AND NOT EXISTS (
		SELECT 1 FROM transfer p WHERE p.id = new.resolves AND p.phase = 'pending'
		AND p.debit = new.debit AND p.credit = new.credit
		AND (new.amount = p.amount OR new.phase = 'post' AND new.amount < p.amount));
	SELECT raise(ABORT, 'ledger: units differ') WHERE (SELECT count(DISTINCT unit) FROM account
		WHERE id IN (new.debit, new.credit)) > 1;
	SELECT raise(ABORT, 'ledger: account closed') WHERE new.resolves IS NULL AND EXISTS (
		SELECT 1 FROM account WHERE id IN (new.debit, new.credit) AND closed);
END;

CREATE TRIGGER transfer_book AFTER INSERT ON transfer
BEGIN
	UPDATE account SET
		debits_posted = debits_posted + CASE WHEN new.phase IN ('posted', 'post') THEN new.amount ELSE 0 END,
		debits_pending = debits_pending + CASE new.phase WHEN 'posted' THEN 0 WHEN 'pending' THEN new.amount
			ELSE -(SELECT amount FROM transfer WHERE id = new.resolves) END
	WHERE id = new.debit;
	UPDATE account SET
		credits_posted = credits_posted + CASE WHEN new.phase IN ('posted', 'post') THEN new.amount ELSE 0 END,
		credits_pending = credits_pending + CASE new.phase WHEN 'posted' THEN 0 WHEN 'pending' THEN new.amount
			ELSE -(SELECT amount FROM transfer WHERE id = new.resolves) END
	WHERE id = new.credit;
END;

CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer
BEGIN SELECT raise(ABORT, 'ledger: a transfer is never changed'); END;

CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer
BEGIN SELECT raise(ABORT, 'ledger: a transfer is never removed'); END;

-- This too stops INSERT OR REPLACE.
CREATE TRIGGER account_check BEFORE INSERT ON account
BEGIN
	SELECT raise(ABORT, 'ledger: account taken') WHERE EXISTS (SELECT 1 FROM account WHERE path = new.path OR id = new.id);
	SELECT raise(ABORT, 'ledger: account not empty')
		WHERE new.debits_posted <> 0 OR new.credits_posted <> 0 OR new.debits_pending <> 0 OR new.credits_pending <> 0;
END;

CREATE TRIGGER account_no_rename BEFORE UPDATE OF id, path ON account
BEGIN SELECT raise(ABORT, 'ledger: an account is never renamed'); END;

CREATE TRIGGER account_no_delete BEFORE DELETE ON account
BEGIN SELECT raise(ABORT, 'ledger: an account is never removed'); END;
