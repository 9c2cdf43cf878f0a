"""A pose prior: a box of loose poses of one skeleton, without any picture.

One file holds one prior: a NumPy archive (``.npz``) of plain arrays and one JSON text, so that
reading it runs nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.whole_file import write_whole
from limner_engine.types import Floats, Skeleton

PRIOR_SUFFIX = ".prior.npz"
FORMAT_VERSION = 1

MOST_POSES = 1_000_000
_MEND = "Choose a prior that Limner wrote, or make one with `limner prior`."


@dataclass(frozen=True, slots=True, eq=False)
class PosePrior:
    """Poses of one skeleton on the canvas that crops are.

    Attributes:
        name: What people call it.
        skeleton: Names, edges and left/right pairs of its ``K`` landmarks; edges are drawn.
        poses: ``(N, K, 2)`` float32, ``(x, y)`` in -1..1 of the crop, x right, y down; every
            landmark of every pose is there. A little may lie outside the canvas.
        sources: Of what it was made, one text each: names of files, or ``drawn by hand``.
    """

    name: str
    skeleton: Skeleton
    poses: Floats
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.skeleton.names)
        if self.poses.ndim != 3 or self.poses.shape[1:] != (count, 2):
            raise ValueError(f"poses must be (N, {count}, 2), not {self.poses.shape}")
        if not 1 <= len(self.poses) <= MOST_POSES:
            raise ValueError(f"a prior has 1 to {MOST_POSES} poses, not {len(self.poses)}")
        if self.poses.dtype != np.float32 or not np.isfinite(self.poses).all():
            raise ValueError("poses must be float32 and whole")

    def __len__(self) -> int:
        return len(self.poses)

    @property
    def sha256(self) -> str:
        """Hash of skeleton and poses, hexadecimal: what a model file names its prior by."""
        digest = hashlib.sha256(json.dumps(self.skeleton.to_json(), sort_keys=True).encode())
        digest.update(np.ascontiguousarray(self.poses).tobytes())
        return digest.hexdigest()

    def subset(self, count: int, seed: int = 0) -> PosePrior:
        """``count`` poses drawn without replacement; all of them where there are no more."""
        if count >= len(self):
            return self
        rows = np.random.default_rng(seed).choice(len(self), count, replace=False)
        return replace(self, poses=self.poses[np.sort(rows)])

    def to_bytes(self) -> bytes:
        """The whole file, as `save` writes it and a project keeps it."""
        header = {
            "format_version": FORMAT_VERSION,
            "name": self.name,
            "skeleton": self.skeleton.to_json(),
            "sources": list(self.sources),
        }
        stream = io.BytesIO()
        np.savez_compressed(stream, header=np.array(json.dumps(header)), poses=self.poses)
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "The prior") -> PosePrior:
        """The inverse of `to_bytes`.

        Args:
            data: A whole file.
            name: How errors call it.

        Raises:
            FormatError: It is damaged, or is no prior.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                header: dict[str, Any] = json.loads(str(stored["header"][()]))
                poses = np.asarray(stored["poses"])
            if int(header["format_version"]) > FORMAT_VERSION:
                raise FormatError(f"{name} was written by a newer Limner.", "Update Limner.")
            skeleton = Skeleton.from_json(header["skeleton"])
            sources = tuple(str(source) for source in header["sources"])
            return cls(str(header["name"]), skeleton, poses, sources)
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            EOFError,
            RecursionError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise FormatError(f"{name} is not a pose prior, or is damaged.", _MEND) from error

    def save(self, path: Path) -> None:
        """Write the file beside ``path`` and rename it into place."""
        write_whole(path, self.to_bytes())

    @classmethod
    def open(cls, path: Path) -> PosePrior:
        """Read a file that `save` wrote.

        Raises:
            FormatError: It is missing, damaged, or no prior.
        """
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise FormatError(f"There is no file {path}.", "Check the name.") from None
        except OSError as error:
            raise FormatError(f"{path} cannot be read: {error.strerror}.") from error
        return cls.from_bytes(data, path.name)
