-- An input is known by its key, not by the name that is shown: two files may be shown by one name.
CREATE TABLE inputs_by_key (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,           -- the whole path, or the address and a hash of it
    path TEXT NOT NULL,                 -- as it is shown
    size INTEGER NOT NULL,              -- bytes, as stored
    modified INTEGER NOT NULL,          -- nanoseconds since 1970
    version TEXT NOT NULL,              -- an ETag or the like, of a remote one
    program TEXT NOT NULL,              -- what read it, as in scans
    scan INTEGER NOT NULL REFERENCES scans (id),  -- the last one that saw it
    scanned_files INTEGER NOT NULL,
    scanned_bytes INTEGER NOT NULL,     -- as unpacked
    failed_files INTEGER NOT NULL,
    failed_bytes INTEGER NOT NULL
);
INSERT INTO inputs_by_key
SELECT id, path, path, size, modified, version, program, scan,
       scanned_files, scanned_bytes, failed_files, failed_bytes
FROM inputs;
DROP TABLE inputs;
ALTER TABLE inputs_by_key RENAME TO inputs;
CREATE INDEX inputs_of_scan ON inputs (scan);
