-- What becomes of promises received under an escrow: one row for each lane in which
-- we are paid through one, made with the lane's first promise. A promise stays in its
-- lane; here is how far it came on its way to money, so that a restart goes on there.

CREATE TABLE claim (
	chain    INTEGER NOT NULL,
	escrow   BLOB    NOT NULL CHECK (length(escrow) = 20 AND escrow <> zeroblob(20)),
	payer    BLOB    NOT NULL CHECK (length(payer) = 20),
	payee    BLOB    NOT NULL CHECK (length(payee) = 20),
	state    TEXT    NOT NULL CHECK (state IN ('held', 'queued', 'in-tx', 'redeemed', 'bounced', 'dust')),
	batch    BLOB CHECK (length(batch) = 32),                -- intent in the outbox
	presented INTEGER NOT NULL DEFAULT 0 CHECK (presented >= 0), -- µBTT, the promise as the batch has it
	withdraw INTEGER NOT NULL DEFAULT 0 CHECK (withdraw IN (0, 1)), -- to the wallet, else into the deposit
	auto     INTEGER NOT NULL DEFAULT 0 CHECK (auto IN (0, 1)), -- the program's own doing
	due      INTEGER NOT NULL DEFAULT 0 CHECK (due >= 0),    -- ms since 1970: queued is not sent before, held not queued again by itself
	settled  INTEGER NOT NULL DEFAULT 0 CHECK (settled >= 0), -- µBTT, what the escrow has paid in all
	paid     INTEGER NOT NULL DEFAULT 0 CHECK (paid >= 0),   -- µBTT, by the last redemption
	rest     INTEGER NOT NULL DEFAULT 0 CHECK (rest >= 0),   -- µBTT that bounced with it
	changed  INTEGER NOT NULL,                               -- ms since 1970
	CONSTRAINT batched CHECK ((batch IS NOT NULL) = (state IN ('queued', 'in-tx')) AND (presented > 0) = (batch IS NOT NULL)),
	PRIMARY KEY (chain, escrow, payer, payee)
) STRICT, WITHOUT ROWID;

CREATE INDEX claim_batch ON claim (batch) WHERE batch IS NOT NULL;

CREATE TRIGGER claim_insert BEFORE INSERT ON claim
BEGIN
	SELECT raise(ABORT, 'claim: begins as held') WHERE new.state <> 'held';
	SELECT raise(ABORT, 'claim: taken') WHERE EXISTS (SELECT 1 FROM claim WHERE chain = new.chain AND escrow = new.escrow
		AND payer = new.payer AND payee = new.payee);
END;

CREATE TRIGGER claim_update BEFORE UPDATE ON claim
BEGIN
	SELECT raise(ABORT, 'claim: never renamed') WHERE new.chain <> old.chain OR new.escrow <> old.escrow
		OR new.payer <> old.payer OR new.payee <> old.payee;
	SELECT raise(ABORT, 'claim: never falls') WHERE new.settled < old.settled;
	SELECT raise(ABORT, 'claim: a batch is never changed') WHERE new.batch IS NOT NULL AND old.batch IS NOT NULL
		AND (new.batch <> old.batch OR new.presented <> old.presented OR new.withdraw <> old.withdraw);
	SELECT raise(ABORT, 'claim: no such step') WHERE new.state <> old.state AND (old.state || '>' || new.state) NOT IN (
		'held>queued', 'held>dust', 'held>redeemed', 'dust>held', 'dust>queued', 'dust>redeemed',
		'queued>held', 'queued>in-tx',
		'in-tx>held', 'in-tx>redeemed', 'in-tx>bounced',
		'redeemed>held', 'bounced>held', 'bounced>queued', 'bounced>redeemed');
END;

CREATE TRIGGER claim_no_delete BEFORE DELETE ON claim
BEGIN SELECT raise(ABORT, 'claim: never removed'); END;

-- The first promise of a lane makes the claim, a greater one wakes it.
CREATE TRIGGER lane_first AFTER INSERT ON lane
WHEN new.direction = 'in' AND new.escrow <> zeroblob(20) AND new.cumulative > 0
BEGIN
	INSERT INTO claim (chain, escrow, payer, payee, state, settled, changed)
	VALUES (new.chain, new.escrow, new.payer, new.payee, 'held', new.redeemed, new.changed);
END;

CREATE TRIGGER lane_more AFTER UPDATE ON lane
WHEN new.direction = 'in' AND new.escrow <> zeroblob(20) AND new.cumulative > old.cumulative
BEGIN
	INSERT INTO claim (chain, escrow, payer, payee, state, settled, changed)
	SELECT new.chain, new.escrow, new.payer, new.payee, 'held', new.redeemed, new.changed
	WHERE NOT EXISTS (SELECT 1 FROM claim WHERE chain = new.chain AND escrow = new.escrow AND payer = new.payer AND payee = new.payee);
	UPDATE claim SET state = 'held', changed = new.changed
	WHERE chain = new.chain AND escrow = new.escrow AND payer = new.payer AND payee = new.payee AND state IN ('redeemed', 'dust');
END;

INSERT INTO claim (chain, escrow, payer, payee, state, settled, changed)
SELECT chain, escrow, payer, payee, 'held', redeemed, changed FROM lane
WHERE direction = 'in' AND escrow <> zeroblob(20) AND cumulative > 0;

-- What accounts hold in an escrow, ours and those of payers, as they were last seen:
-- what the window shows while no node answers.
CREATE TABLE escrow_account (
	chain     INTEGER NOT NULL,
	escrow    BLOB    NOT NULL CHECK (length(escrow) = 20),
	account   BLOB    NOT NULL CHECK (length(account) = 20),
	free      INTEGER NOT NULL CHECK (free >= 0),     -- µBTT
	exiting   INTEGER NOT NULL CHECK (exiting >= 0),  -- µBTT
	ready     INTEGER NOT NULL CHECK (ready >= 0),    -- ms since 1970, 0 = never left
	allowance INTEGER NOT NULL CHECK (allowance >= 0), -- µBTT that we let the escrow take; 0 for others
	seen      INTEGER NOT NULL,                       -- ms since 1970
	PRIMARY KEY (chain, escrow, account)
) STRICT, WITHOUT ROWID;

-- What payees have drawn from our deposit, in all, as far as it is booked.
CREATE TABLE drawn (
	chain  INTEGER NOT NULL,
	escrow BLOB    NOT NULL CHECK (length(escrow) = 20),
	payer  BLOB    NOT NULL CHECK (length(payer) = 20),
	payee  BLOB    NOT NULL CHECK (length(payee) = 20),
	total  INTEGER NOT NULL CHECK (total >= 0), -- µBTT
	PRIMARY KEY (chain, escrow, payer, payee)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER drawn_update BEFORE UPDATE ON drawn
BEGIN SELECT raise(ABORT, 'drawn: never falls') WHERE new.total < old.total; END;
