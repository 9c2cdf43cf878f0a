-- What a project holds. Numbers of landmarks, subjects and frames count from 0.
-- Tables in which edits are undoable: video, subject, landmark, skeleton_link, annotation, crop_track.

CREATE TABLE video (
    id INTEGER PRIMARY KEY AUTOINCREMENT,      -- never used twice, so that undo can bring one back
    relative_path TEXT,                        -- from the project's folder, with forward slashes
    absolute_path TEXT,                        -- only for files outside the project's folder
    fingerprint TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    frame_count INTEGER NOT NULL CHECK (frame_count >= 0),
    width INTEGER NOT NULL,                    -- pixels, as shown
    height INTEGER NOT NULL,
    frame_rate REAL NOT NULL,                  -- average, frames per second
    CHECK (relative_path IS NOT NULL OR absolute_path IS NOT NULL)
) STRICT;

CREATE TABLE subject (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL
) STRICT;

INSERT INTO subject (id, name) VALUES (0, 'subject 1');

CREATE TABLE landmark (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE skeleton_link (
    kind TEXT NOT NULL CHECK (kind IN ('edge', 'symmetry')),
    position INTEGER NOT NULL,                 -- order within the kind
    first INTEGER NOT NULL,
    second INTEGER NOT NULL,
    PRIMARY KEY (kind, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE annotation (
    video_id INTEGER NOT NULL REFERENCES video (id) DEFERRABLE INITIALLY DEFERRED,
    subject INTEGER NOT NULL REFERENCES subject (id) DEFERRABLE INITIALLY DEFERRED,
    frame_index INTEGER NOT NULL,
    landmark INTEGER NOT NULL,
    x REAL,                                    -- pixels; NULL where hidden and nowhere
    y REAL,
    visible INTEGER NOT NULL CHECK (visible IN (0, 1)),
    author TEXT NOT NULL,
    created TEXT NOT NULL,                     -- ISO 8601, UTC
    origin TEXT NOT NULL DEFAULT 'person',
    PRIMARY KEY (video_id, subject, frame_index, landmark),
    CHECK ((x IS NULL) = (y IS NULL)),
    CHECK (x IS NOT NULL OR visible = 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE crop_track (
    video_id INTEGER NOT NULL REFERENCES video (id) DEFERRABLE INITIALLY DEFERRED,
    subject INTEGER NOT NULL REFERENCES subject (id) DEFERRABLE INITIALLY DEFERRED,
    track TEXT NOT NULL,                       -- JSON
    PRIMARY KEY (video_id, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE model (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL,
    info TEXT NOT NULL,                        -- JSON of ModelInfo
    relative_path TEXT,
    absolute_path TEXT,
    added TEXT NOT NULL,
    CHECK (relative_path IS NOT NULL OR absolute_path IS NOT NULL)
) STRICT;

-- Predictions stand apart from annotations, 1024 frames a row. They name videos that may have been
-- removed (and may come back by undo), so there is no foreign key to them.
CREATE TABLE prediction_summary (
    id INTEGER PRIMARY KEY,
    video_id INTEGER NOT NULL,
    model_id INTEGER NOT NULL REFERENCES model (id),
    subject INTEGER NOT NULL,
    chunk INTEGER NOT NULL,                    -- frame_index / 1024
    landmark_count INTEGER NOT NULL,
    row_count INTEGER NOT NULL,                -- frames that the blobs hold, from the chunk's first
    written BLOB NOT NULL,                     -- 1024 bits: for which frames a model has answered
    min_confidence BLOB NOT NULL,              -- row_count float16, little endian, NaN where none
    UNIQUE (video_id, model_id, subject, chunk)
) STRICT;

CREATE TABLE prediction_chunk (
    id INTEGER PRIMARY KEY REFERENCES prediction_summary (id) ON DELETE CASCADE,
    points BLOB NOT NULL,                      -- row_count x K x 2 float32, little endian
    confidence BLOB NOT NULL                   -- row_count x K float32, little endian
) STRICT;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL                        -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL,                        -- what a person did, in words
    created TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
    video_id INTEGER,                          -- where it happened, to show it again
    frame_index INTEGER,
    subject INTEGER,
    changes TEXT NOT NULL                      -- JSON: [table, row before or null, row after or null]
) STRICT;

CREATE INDEX history_undone ON history (id) WHERE undone = 1;
CREATE INDEX history_video ON history (video_id);

CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL                  -- counts edits, undos and redos
) STRICT;

INSERT INTO state (id, revision) VALUES (1, 0);
