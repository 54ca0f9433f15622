-- What a store holds; docs/store.md explains it. A change is a new file of migrations, never an edit.

-- Each call of `pipcert-logs scan --store`.
CREATE TABLE scans (
    id INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    finished TEXT,                      -- NULL: it was interrupted
    program TEXT NOT NULL               -- the version, and a hash of rules and layouts
);

-- Each file that was scanned.
CREATE TABLE inputs (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
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
CREATE INDEX inputs_of_scan ON inputs (scan);

-- What was passed over in an input, by reason.
CREATE TABLE skipped (
    input INTEGER NOT NULL REFERENCES inputs (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (input, reason)
) WITHOUT ROWID;

-- What could not be read. `input` is NULL where nothing was there to open.
CREATE TABLE troubles (
    id INTEGER PRIMARY KEY,
    scan INTEGER REFERENCES scans (id),
    input INTEGER REFERENCES inputs (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX troubles_of_input ON troubles (input);

-- Each log in which something failed.
CREATE TABLE logs (
    id INTEGER PRIMARY KEY,
    input INTEGER NOT NULL REFERENCES inputs (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    project TEXT,
    job TEXT,
    build TEXT,
    date TEXT,
    verdict TEXT NOT NULL
);
CREATE INDEX logs_of_input ON logs (input);

-- The same trouble, in however many logs.
CREATE TABLE findings (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    cause TEXT,                         -- NULL: none is likely
    host TEXT,
    port INTEGER,
    kind TEXT NOT NULL                  -- public, private, unknown
);

-- Each failure.
CREATE TABLE failures (
    id INTEGER PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    finding INTEGER NOT NULL REFERENCES findings (id),
    outcome TEXT NOT NULL,              -- failed, recovered
    probability REAL NOT NULL,          -- of the finding's cause
    causes TEXT NOT NULL,               -- JSON: [[id, probability], ...]
    tool TEXT NOT NULL,
    tool_version TEXT,
    python TEXT,
    packages TEXT NOT NULL,             -- JSON
    line INTEGER NOT NULL,
    text TEXT NOT NULL,
    time TEXT NOT NULL,                 -- ISO 8601, UTC; empty where nobody says
    timed_by TEXT NOT NULL,             -- line, file
    remedies TEXT NOT NULL              -- JSON: ids, best first
);
CREATE INDEX failures_of_log ON failures (log);
CREATE INDEX failures_of_finding ON failures (finding);
