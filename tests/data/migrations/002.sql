-- Data as version 2 wrote it, beside that of version 1.
INSERT INTO meta VALUES ('identity', zeroblob(16));
INSERT INTO mails (id, mailbox, account, folder, uid_validity, uid, content_hash, received_at, size, state, why, key_id,
                   file_to, filed_at) VALUES
    (5, 'example', 'imap.example', 'INBOX', 7, '41', zeroblob(32), '2026-11-02T09:00:00.000000Z', 9, 'listed',
     'it has no form', 2, 'for-a-person', '2026-11-02T09:01:00.000000Z');
INSERT INTO messages (id, mailbox, template, state, key_id, sealed, daymark_id, attempts, created_at, unknown_since,
                      resent_at) VALUES
    (3, 'example', 'digest', 'unknown', 3, x'00', 'd3', 2, '2026-11-02T09:00:00.000000Z', '2026-11-02T09:40:00.000000Z',
     '2026-11-02T09:39:00.000000Z');
INSERT INTO recipients (message, n, sealed, hash, state, doubt) VALUES (3, 0, x'00', zeroblob(32), 'unknown', 2);
INSERT INTO watch VALUES
    ('example', '2026-11-02T09:00:00.000000Z', 5, 1, '2026-11-02T09:05:00.000000Z', 'the server does not answer',
     '2026-11-02T09:35:00.000000Z');
