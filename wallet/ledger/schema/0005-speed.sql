-- What paying has bought each torrent: measured while something was bought for it, and
-- the estimate that stood before the first payment. What it cost is in the transfers.
CREATE TABLE speed (
	torrent   TEXT    NOT NULL PRIMARY KEY CHECK (length(torrent) BETWEEN 1 AND 64), -- hexadecimal
	began     INTEGER NOT NULL,                         -- ms since 1970
	ended     INTEGER NOT NULL CHECK (ended >= began),  -- ms since 1970, the last measurement
	buying    INTEGER NOT NULL CHECK (buying >= 0),     -- ms in which something was bought
	bytes     INTEGER NOT NULL CHECK (bytes >= 0),      -- payload that came in that time, from anybody
	paid      INTEGER NOT NULL CHECK (paid >= 0),       -- payload of it that is paid for
	free      INTEGER NOT NULL CHECK (free >= 0),       -- payload that would have come in that time for nothing
	est_free  INTEGER NOT NULL CHECK (est_free >= 0),   -- bytes per second, estimated without paying
	est_paid  INTEGER NOT NULL CHECK (est_paid >= 0),   -- bytes per second, with
	est_bytes INTEGER NOT NULL CHECK (est_bytes >= 0),  -- what remained then
	est_cost  INTEGER NOT NULL CHECK (est_cost >= 0)    -- µBTT
) STRICT, WITHOUT ROWID;

CREATE TRIGGER speed_update BEFORE UPDATE ON speed
BEGIN
	SELECT raise(ABORT, 'speed: never falls') WHERE new.buying < old.buying OR new.bytes < old.bytes OR new.paid < old.paid
		OR new.free < old.free OR new.ended < old.ended;
	SELECT raise(ABORT, 'speed: an estimate is never changed') WHERE new.began <> old.began OR new.est_free <> old.est_free
		OR new.est_paid <> old.est_paid OR new.est_bytes <> old.est_bytes OR new.est_cost <> old.est_cost;
END;
