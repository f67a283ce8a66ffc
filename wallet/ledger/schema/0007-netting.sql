-- What two accounts set off against each other of what they owed for bandwidth in both
-- directions under one contract: one number for both lanes, since it is taken off each.
-- It is in the books too, three transfers for each step: an expense, an income, and
-- what we owed against what was owed to us.

CREATE TABLE netting (
	chain   INTEGER NOT NULL CHECK (chain >= 0),          -- chain id of the signing domain
	escrow  BLOB    NOT NULL CHECK (length(escrow) = 20 AND escrow <> zeroblob(20)),
	own     BLOB    NOT NULL CHECK (length(own) = 20),    -- our account
	other   BLOB    NOT NULL CHECK (length(other) = 20),
	peer    TEXT    NOT NULL CHECK (length(peer) BETWEEN 1 AND 64), -- other, as its accounts in the books are called
	total   INTEGER NOT NULL CHECK (total >= 0),          -- µBTT, in all
	offered INTEGER NOT NULL CHECK (offered >= total),    -- µBTT, what total may become by an answer
	number  INTEGER NOT NULL CHECK (number > 0),          -- of the last proposal, made or answered
	changed INTEGER NOT NULL,                             -- ms since 1970
	CHECK (own <> other),
	PRIMARY KEY (chain, escrow, own, other)
) STRICT, WITHOUT ROWID;

CREATE INDEX netting_peer ON netting (peer);

CREATE TRIGGER netting_update BEFORE UPDATE ON netting
BEGIN
	SELECT raise(ABORT, 'netting: never renamed') WHERE new.chain <> old.chain OR new.escrow <> old.escrow
		OR new.own <> old.own OR new.other <> old.other OR new.peer <> old.peer;
	SELECT raise(ABORT, 'netting: never falls') WHERE new.total < old.total OR new.number < old.number;
	SELECT raise(ABORT, 'netting: more than was proposed') WHERE new.number = old.number
		AND (new.total > old.offered OR new.offered > old.offered);
END;

-- This stops INSERT OR REPLACE.
CREATE TRIGGER netting_insert BEFORE INSERT ON netting
BEGIN
	SELECT raise(ABORT, 'netting: never falls') WHERE EXISTS (SELECT 1 FROM netting WHERE chain = new.chain AND escrow = new.escrow
		AND own = new.own AND other = new.other AND (total > new.total OR number > new.number));
END;

CREATE TRIGGER netting_no_delete BEFORE DELETE ON netting
BEGIN SELECT raise(ABORT, 'netting: never removed'); END;
