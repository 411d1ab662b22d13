-- A case can be found by the day and place of its incident. The list of kinds is part of the table, so it is made anew.
CREATE TABLE lookups_3 (
    kind     TEXT NOT NULL CHECK (kind IN ('nhs-number', 'child-and-birth', 'thread', 'incident')),
    hash     BLOB NOT NULL,
    case_ref TEXT NOT NULL REFERENCES cases (ref),
    child    INTEGER NOT NULL, -- 0 when it is of the case, not of one child
    PRIMARY KEY (kind, hash, case_ref, child)
) STRICT, WITHOUT ROWID;
INSERT INTO lookups_3 SELECT kind, hash, case_ref, child FROM lookups;
DROP TABLE lookups;
ALTER TABLE lookups_3 RENAME TO lookups;
CREATE INDEX lookups_by_case ON lookups (case_ref);
