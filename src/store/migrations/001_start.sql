-- The first schema. Names, addresses, forms and letters appear only in columns called `sealed…`: everything else
-- may be read by anybody who holds the file. Times are RFC 3339 in UTC with microseconds, so text order is time order.

PRAGMA application_id = 0x44594d4b; -- "DYMK"

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One key for each case, mail, caseless message and tombstone, sealed by the master key.
-- A destroyed key keeps its row, so that an id never means two keys.
CREATE TABLE keys (
    id           INTEGER PRIMARY KEY,
    owner        TEXT NOT NULL CHECK (owner IN ('case', 'mail', 'message', 'tombstone')),
    sealed       BLOB,
    destroyed_at TEXT,
    CHECK ((sealed IS NULL) = (destroyed_at IS NOT NULL))
) STRICT;

-- Procedure texts that cases are pinned to, by SHA-256.
CREATE TABLE texts (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
    ref            TEXT PRIMARY KEY,
    mailbox        TEXT NOT NULL,
    prefix         TEXT NOT NULL,
    year           INTEGER NOT NULL,
    number         INTEGER NOT NULL CHECK (number > 0),
    opened_at      TEXT NOT NULL,
    mode           TEXT NOT NULL CHECK (mode IN ('rehearsal', 'demo', 'live')),
    procedure_hash BLOB NOT NULL REFERENCES texts (hash),
    key_id         INTEGER NOT NULL REFERENCES keys (id),
    destroyed_at   TEXT,
    UNIQUE (prefix, year, number)
) STRICT;

CREATE TRIGGER cases_are_never_deleted BEFORE DELETE ON cases
BEGIN SELECT RAISE(ABORT, 'a case row is never deleted: its number must not be used again'); END;

-- Keys that die with a case beside its own: those of the mails it was made of.
CREATE TABLE key_cases (
    key_id   INTEGER NOT NULL REFERENCES keys (id),
    case_ref TEXT NOT NULL REFERENCES cases (ref),
    PRIMARY KEY (key_id, case_ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_cases_by_case ON key_cases (case_ref);

CREATE TABLE events (
    seq           INTEGER PRIMARY KEY,
    at            TEXT NOT NULL,
    by            TEXT NOT NULL,
    case_ref      TEXT NOT NULL REFERENCES cases (ref),
    kind          TEXT NOT NULL,
    version       INTEGER NOT NULL,
    digest        BLOB NOT NULL CHECK (length(digest) = 32), -- SHA-256(salt || body)
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
    hash          BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX events_by_case ON events (case_ref, seq);

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the log of events is append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the log of events is append-only'); END;

CREATE TABLE event_bodies (
    seq    INTEGER PRIMARY KEY REFERENCES events (seq),
    key_id INTEGER NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL -- 32 bytes of salt, then the body
) STRICT;

CREATE TRIGGER bodies_are_never_changed BEFORE UPDATE ON event_bodies
BEGIN SELECT RAISE(ABORT, 'the body of an event is never changed'); END;

-- A file that came with a record: at most one for an event.
CREATE TABLE attachments (
    seq    INTEGER PRIMARY KEY REFERENCES events (seq),
    key_id INTEGER NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL
) STRICT;

-- First contact with a folder: what lay in it then is in `mails` as 'older'.
CREATE TABLE folders (
    mailbox      TEXT NOT NULL,
    account      TEXT NOT NULL,
    folder       TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    baseline     TEXT NOT NULL, -- UIDNEXT, or empty for a Maildir
    older        INTEGER NOT NULL,
    seen_at      TEXT NOT NULL,
    PRIMARY KEY (account, folder, uid_validity)
) STRICT, WITHOUT ROWID;

-- The ledger: every mail ever seen, one row each, never deleted.
CREATE TABLE mails (
    id           INTEGER PRIMARY KEY,
    mailbox      TEXT NOT NULL,
    account      TEXT NOT NULL,
    folder       TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid          TEXT NOT NULL,
    message_id   BLOB, -- keyed hash
    content_hash BLOB, -- keyed hash
    received_at  TEXT NOT NULL,
    size         INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('older', 'in-hand', 'handled', 'listed', 'set-aside', 'ours', 'twin')),
    why          TEXT,
    twin_of      INTEGER REFERENCES mails (id),
    key_id       INTEGER REFERENCES keys (id),
    file_to      TEXT CHECK (file_to IN ('processed', 'ours')),
    filed_at     TEXT,
    UNIQUE (account, folder, uid_validity, uid),
    CHECK ((state = 'twin') = (twin_of IS NOT NULL)),
    CHECK ((state = 'older') = (key_id IS NULL)),
    CHECK (filed_at IS NULL OR file_to IS NOT NULL)
) STRICT;
CREATE INDEX mails_by_content ON mails (mailbox, message_id, content_hash) WHERE message_id IS NOT NULL;
CREATE INDEX mails_by_state ON mails (state);
CREATE INDEX mails_by_key ON mails (key_id);
CREATE INDEX mails_by_twin ON mails (twin_of) WHERE twin_of IS NOT NULL;
CREATE INDEX mails_to_file ON mails (id) WHERE file_to IS NOT NULL AND filed_at IS NULL;

CREATE TRIGGER mails_are_never_deleted BEFORE DELETE ON mails
BEGIN SELECT RAISE(ABORT, 'a row of the ledger is never deleted'); END;

CREATE TABLE raw_mails (
    mail   INTEGER PRIMARY KEY REFERENCES mails (id),
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    mailbox         TEXT NOT NULL,
    case_ref        TEXT REFERENCES cases (ref),
    template        TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('planned', 'blocked', 'awaiting-approval', 'released', 'sending',
                                                   'sent', 'unknown', 'failed', 'superseded')),
    why             TEXT,
    key_id          INTEGER NOT NULL REFERENCES keys (id),
    sealed          BLOB,
    text_hash       BLOB,
    daymark_id      TEXT NOT NULL UNIQUE,
    message_id      TEXT UNIQUE,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT,
    created_at      TEXT NOT NULL,
    approved_at     TEXT,
    approved_by     TEXT,
    released_at     TEXT,
    claimed_at      TEXT,
    claimed_by      TEXT,
    sent_at         TEXT,
    CHECK ((state = 'sending') = (claimed_by IS NOT NULL)),
    CHECK ((approved_at IS NULL) = (approved_by IS NULL))
) STRICT;
CREATE INDEX messages_by_state ON messages (state);
CREATE INDEX messages_by_case ON messages (case_ref) WHERE case_ref IS NOT NULL;

CREATE TRIGGER messages_are_never_deleted BEFORE DELETE ON messages
BEGIN SELECT RAISE(ABORT, 'a message row is never deleted: only its content is'); END;

CREATE TABLE recipients (
    message    INTEGER NOT NULL REFERENCES messages (id),
    n          INTEGER NOT NULL,
    sealed     BLOB,
    hash       BLOB, -- keyed hash of the address
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed', 'unknown', 'struck')),
    sealed_why BLOB, -- the server's words quote addresses, the approver's say who is accused
    PRIMARY KEY (message, n)
) STRICT, WITHOUT ROWID;

-- What the plan has already asked for. The key may hold an address: so it is hashed, and sealed under the case.
CREATE TABLE intents (
    id       INTEGER PRIMARY KEY,
    key_hash BLOB NOT NULL UNIQUE,
    case_ref TEXT NOT NULL REFERENCES cases (ref),
    rule     TEXT NOT NULL,
    sealed   BLOB,
    message  INTEGER REFERENCES messages (id)
) STRICT;
CREATE INDEX intents_by_case ON intents (case_ref);
CREATE INDEX intents_by_message ON intents (message) WHERE message IS NOT NULL;

CREATE TABLE lookups (
    kind     TEXT NOT NULL CHECK (kind IN ('nhs-number', 'child-and-birth', 'thread')),
    hash     BLOB NOT NULL,
    case_ref TEXT NOT NULL REFERENCES cases (ref),
    child    INTEGER NOT NULL, -- 0 when it is of the case, not of one child
    PRIMARY KEY (kind, hash, case_ref, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX lookups_by_case ON lookups (case_ref);

CREATE TABLE return_codes (
    hash       BLOB PRIMARY KEY,
    case_ref   TEXT NOT NULL REFERENCES cases (ref),
    message    INTEGER REFERENCES messages (id),
    sealed     BLOB NOT NULL, -- action, person or agency, as the caller wrote it
    made_at    TEXT NOT NULL,
    expires_at TEXT,
    used_at    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX return_codes_by_case ON return_codes (case_ref);

-- At most one neutral answer to one sender in one day.
CREATE TABLE answered (
    hash BLOB NOT NULL,
    day  TEXT NOT NULL,
    PRIMARY KEY (hash, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
