"""Which joints of a source a skeleton's landmarks are: guessed from names, and open to a person.

The file is JSON in UTF-8, to be edited by hand::

    {"limner_joint_map": 1,
     "landmarks": {"left wrist": "l_wrist", "head": ["Neck", "Head end"], "tail": null},
     "joints": ["pelvis", "l_wrist", "Neck", "Head end"]}

A landmark is one joint, or the middle of several; null says that it is not there yet. ``joints``
is a list to choose from and is not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.whole_file import replacing
from limner_engine.priors.joint_names import guessed_joint
from limner_engine.priors.loose import LoosePoses
from limner_engine.types import Skeleton

VERSION = 1
MAX_BYTES = 1_000_000
_MARK = "limner_joint_map"
_MEND = "Let one be written with `limner prior … --write-joints map.json`, and edit that."


@dataclass(frozen=True)
class JointMap:
    """What each landmark is made of.

    Attributes:
        landmarks: For each landmark's name the names of the joints whose middle it is; none where
            it is not known.
    """

    landmarks: dict[str, tuple[str, ...]]

    @classmethod
    def guessed(cls, skeleton: Skeleton, joints: Iterable[str]) -> JointMap:
        """By names: alike first, then by what joints are called in motion capture.

        Args:
            skeleton: What is wanted.
            joints: Names of the source's.
        """
        joints = tuple(joints)
        return cls({name: guessed_joint(name, joints) for name in skeleton.names})

    def within(self, skeleton: Skeleton, joints: Iterable[str]) -> JointMap:
        """What of this map holds for one of several sources; the rest is guessed by names.

        Files that name joints in different ways can so share a map that says what was guessed
        wrong in one of them.

        Args:
            skeleton: What is wanted.
            joints: Names of the source's.
        """
        joints = tuple(joints)
        guessed = JointMap.guessed(skeleton, joints).landmarks
        made: dict[str, tuple[str, ...]] = {}
        for name in skeleton.names:
            chosen = self.landmarks.get(name, ())
            made[name] = chosen if chosen and set(chosen) <= set(joints) else guessed[name]
        return JointMap(made)

    @property
    def missing(self) -> tuple[str, ...]:
        """Landmarks that nothing is known of."""
        return tuple(name for name, joints in self.landmarks.items() if not joints)

    def apply(self, poses: LoosePoses, skeleton: Skeleton) -> LoosePoses:
        """Poses of the skeleton.

        Raises:
            FormatError: A landmark is missing.
        """
        place = {name: i for i, name in enumerate(poses.skeleton.names)}
        missing = [name for name in skeleton.names if not self.landmarks.get(name)]
        if missing:
            raise FormatError(
                f"{poses.source} has no joint for {_listed(missing)}; it has"
                f" {_listed(poses.skeleton.names)}.",
                "Say of which joints that is made (for a command: --write-joints map.json, fill in"
                " what is null, then --joints map.json), or choose another skeleton.",
            )
        columns = [
            poses.points[:, [place[joint] for joint in self.landmarks[name]]].mean(axis=1)
            for name in skeleton.names
        ]
        return LoosePoses(poses.source, skeleton, np.stack(columns, axis=1), poses.takes)

    def save(self, path: Path, joints: Iterable[str] = ()) -> None:
        """Write the file.

        Args:
            path: Where to.
            joints: The source's, for people to choose from.

        Raises:
            FormatError: It cannot be written.
        """
        content = {_MARK: VERSION, "landmarks": self.to_json(), "joints": list(joints)}
        with replacing(path) as file:
            file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def to_json(self) -> dict[str, Any]:
        """``landmarks`` as they stand in files."""
        return {
            name: None if not joints else joints[0] if len(joints) == 1 else list(joints)
            for name, joints in self.landmarks.items()
        }

    @classmethod
    def open(cls, path: Path) -> JointMap:
        """Read a file that `save` wrote and perhaps somebody edited.

        Raises:
            FormatError: It is missing, or not in the layout.
        """
        try:
            if path.stat().st_size > MAX_BYTES:
                raise FormatError(f"{path.name} is too large for a joint map.", _MEND)
            data = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise FormatError(
                f"{path} could not be read: {error.strerror or error}.", "Check its name."
            ) from error
        except (ValueError, RecursionError) as error:
            raise FormatError(f"{path.name} is not JSON: {error}.", _MEND) from error
        return cls.from_json(data, path.name)

    @classmethod
    def from_json(cls, data: Any, name: str = "The joint map") -> JointMap:
        """The inverse of a whole file's content.

        Args:
            data: A file's content.
            name: How errors call it.

        Raises:
            FormatError: It is not in the layout.
        """
        landmarks = data.get("landmarks") if isinstance(data, dict) else None
        if not isinstance(landmarks, dict) or data.get(_MARK) != VERSION:
            raise FormatError(f"{name} is not a joint map.", _MEND)
        made: dict[str, tuple[str, ...]] = {}
        for landmark, joints in landmarks.items():
            listed = [] if joints is None else joints if isinstance(joints, list) else [joints]
            if not all(isinstance(joint, str) for joint in listed):
                raise FormatError(
                    f"{name}: {landmark} is {json.dumps(joints)[:60]}.",
                    "Give the name of a joint, a list of names, or null.",
                )
            made[landmark] = tuple(listed)
        return cls(made)


def _listed(names: Iterable[str], most: int = 40) -> str:
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
