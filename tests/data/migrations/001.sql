-- Data as version 1 wrote it. Sealed columns hold placeholders: this proves shapes and constraints, not seals.
INSERT INTO meta VALUES ('key_check', zeroblob(32)), ('head', zeroblob(32));
INSERT INTO keys (id, owner, sealed) VALUES (1, 'case', x'01'), (2, 'mail', x'02'), (3, 'message', x'03');
INSERT INTO keys (id, owner, destroyed_at) VALUES (4, 'case', '2026-11-02T09:00:00.000000Z');
INSERT INTO texts VALUES (zeroblob(32), 'name = "example"');
INSERT INTO cases VALUES
    ('REF-2026-0001', 'example', 'REF', 2026, 1, '2026-11-02T09:00:00.000000Z', 'live', zeroblob(32), 1, NULL),
    ('REF-2026-0002', 'example', 'REF', 2026, 2, '2026-11-02T09:00:00.000000Z', 'rehearsal', zeroblob(32), 4,
     '2026-11-02T09:00:00.000000Z');
INSERT INTO key_cases VALUES (2, 'REF-2026-0001');
INSERT INTO events VALUES
    (1, '2026-11-02T09:00:00.000000Z', 'daymark', 'REF-2026-0001', 'referral-received', 1, zeroblob(32), zeroblob(32),
     zeroblob(32));
INSERT INTO event_bodies VALUES (1, 1, x'00');
INSERT INTO events VALUES
    (2, '2026-11-02T09:10:00.000000Z', 'S Example', 'REF-2026-0001', 'consulted', 1, zeroblob(32), zeroblob(32),
     CAST('the hash of the second event, 32' AS BLOB));
INSERT INTO event_bodies VALUES (2, 1, x'00');
INSERT INTO attachments VALUES (2, 1, x'00');
INSERT INTO folders VALUES ('example', 'maildir', 'INBOX', 1, '', 1, '2026-11-02T08:00:00.000000Z');
INSERT INTO mails (id, mailbox, account, folder, uid_validity, uid, received_at, size, state, key_id) VALUES
    (1, 'example', 'maildir', 'INBOX', 1, 'a', '2026-11-02T08:00:00.000000Z', 0, 'older', NULL),
    (2, 'example', 'maildir', 'INBOX', 1, 'b', '2026-11-02T09:00:00.000000Z', 9, 'handled', 2);
INSERT INTO mails (id, mailbox, account, folder, uid_validity, uid, message_id, content_hash, received_at, size, state,
                   why, twin_of, key_id, file_to, filed_at) VALUES
    (3, 'example', 'maildir', 'INBOX', 1, 'c', zeroblob(32), zeroblob(32), '2026-11-02T09:00:00.000000Z', 9, 'twin',
     NULL, 2, 2, 'processed', '2026-11-02T09:01:00.000000Z'),
    (4, 'example', 'maildir', 'INBOX', 1, 'd', NULL, zeroblob(32), '2026-11-02T09:00:00.000000Z', 9, 'listed',
     'it has no form', NULL, 2, NULL, NULL);
INSERT INTO raw_mails VALUES (2, x'00');
INSERT INTO messages (id, mailbox, case_ref, template, state, key_id, sealed, daymark_id, created_at) VALUES
    (1, 'example', 'REF-2026-0001', 'acknowledgement', 'released', 1, x'00', 'd1', '2026-11-02T09:00:00.000000Z'),
    (2, 'example', NULL, 'digest', 'planned', 3, x'00', 'd2', '2026-11-02T09:00:00.000000Z');
INSERT INTO recipients VALUES (1, 0, x'00', zeroblob(32), 'waiting', NULL);
INSERT INTO intents VALUES (1, zeroblob(32), 'REF-2026-0001', 'acknowledge', x'00', 1);
INSERT INTO lookups VALUES ('nhs-number', zeroblob(32), 'REF-2026-0001', 1);
INSERT INTO return_codes VALUES (zeroblob(32), 'REF-2026-0001', 1, x'00', '2026-11-02T09:00:00.000000Z', NULL, NULL);
INSERT INTO answered VALUES (zeroblob(32), '2026-11-02');
INSERT INTO leases VALUES ('sender', 'a', '2026-11-02T09:05:00.000000Z');
