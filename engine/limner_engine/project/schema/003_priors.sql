-- Pose priors: poses without pictures, from which landmarks get their meaning. The rows of `prior`
-- are undoable; the files they name are not part of the history and stay until nothing, and no
-- step that could be undone, names them.
CREATE TABLE prior (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,                      -- of skeleton and poses; names a row of prior_file
    pose_count INTEGER NOT NULL,
    skeleton TEXT NOT NULL,                    -- JSON of Skeleton
    joints TEXT NOT NULL                       -- JSON: joints of the source by landmark; often {}
) STRICT;

CREATE TABLE prior_file (
    sha256 TEXT PRIMARY KEY,
    content BLOB NOT NULL                      -- a whole .prior.npz
) STRICT;
