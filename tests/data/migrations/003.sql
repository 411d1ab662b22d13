-- Data as version 3 wrote it, beside that of versions 1 and 2.
INSERT INTO lookups VALUES ('incident', zeroblob(32), 'REF-2026-0001', 1);
