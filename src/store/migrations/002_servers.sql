-- Mailboxes and ways out that are servers. Runs with foreign keys off: a table that others refer to is made anew.

-- In a mailbox of Daymark's own, what waits for a person is filed too. A mail without a Message-ID can be looked for
-- by its content alone.
CREATE TABLE mails_2 (
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
    file_to      TEXT CHECK (file_to IN ('processed', 'ours', 'for-a-person')),
    filed_at     TEXT,
    UNIQUE (account, folder, uid_validity, uid),
    CHECK ((state = 'twin') = (twin_of IS NOT NULL)),
    CHECK ((state = 'older') = (key_id IS NULL)),
    CHECK (filed_at IS NULL OR file_to IS NOT NULL)
) STRICT;
INSERT INTO mails_2 SELECT id, mailbox, account, folder, uid_validity, uid, message_id, content_hash, received_at,
                           size, state, why, twin_of, key_id, file_to, filed_at FROM mails;
DROP TABLE mails;
ALTER TABLE mails_2 RENAME TO mails;
CREATE INDEX mails_by_content ON mails (mailbox, message_id, content_hash) WHERE content_hash IS NOT NULL;
CREATE INDEX mails_by_state ON mails (state);
CREATE INDEX mails_by_key ON mails (key_id);
CREATE INDEX mails_by_twin ON mails (twin_of) WHERE twin_of IS NOT NULL;
CREATE INDEX mails_to_file ON mails (id) WHERE file_to IS NOT NULL AND filed_at IS NULL;

CREATE TRIGGER mails_are_never_deleted BEFORE DELETE ON mails
BEGIN SELECT RAISE(ABORT, 'a row of the ledger is never deleted'); END;

-- A doubt: since when nobody can say, and whether Daymark has sent it again of itself, which it does once.
ALTER TABLE messages ADD COLUMN unknown_since TEXT;
ALTER TABLE messages ADD COLUMN resent_at TEXT;
-- The hand-over after which nobody can say what became of it for this recipient: only its own copy settles that.
ALTER TABLE recipients ADD COLUMN doubt INTEGER;
UPDATE recipients SET doubt = (SELECT attempts FROM messages WHERE id = message) WHERE state = 'unknown';
UPDATE messages SET unknown_since = coalesce(claimed_at, created_at) WHERE state = 'unknown';

-- Whether a mailbox is being read.
CREATE TABLE watch (
    mailbox       TEXT PRIMARY KEY,
    read_at       TEXT, -- the last look into it
    listed        INTEGER NOT NULL DEFAULT 0, -- mails that lay in it then
    unkept        INTEGER NOT NULL DEFAULT 0, -- those of them that could not be fetched
    failing_since TEXT, -- the first look since then that failed
    why           TEXT, -- what the last one met with; never mail content
    alarmed_at    TEXT,
    CHECK ((failing_since IS NULL) = (why IS NULL))
) STRICT, WITHOUT ROWID;
