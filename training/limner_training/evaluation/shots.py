"""Labelled pictures in draws: which are learned from, and which are tested on.

One draw orders the pictures at random, and its first n are learned from, for every n: more labels
are always the same ones and some besides. Nobody, and no video where videos are told apart, is in
both parts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from limner_engine.errors import FormatError
from limner_training.data.datasets.labelled import Indices, LabelledSet
from limner_training.evaluation.measures import labelled_points
from limner_training.evaluation.protocol import split_people

TEST_SHARE = 0.4
"""Share of the pictures, or of the groups of pictures, of one table that is tested on."""


@dataclass(frozen=True, slots=True, eq=False)
class Shots:
    """What may be learned from and what is tested on.

    Attributes:
        train: Labelled pictures to learn from; `order` says which.
        test: The same set, or another with the same points in the same order.
        trained: Pictures of ``train`` that may be learned from.
        tested: Pictures of ``test`` that are tested on; empty where each draw chooses anew.
        groups: Of the pictures of ``train``, for draws that choose anew; each its own if empty.
        text: The split in words.
    """

    train: LabelledSet
    test: LabelledSet
    trained: Indices
    tested: Indices
    groups: tuple[str, ...]
    text: str

    @property
    def fixed(self) -> bool:
        """Whether the same pictures are tested on in every draw."""
        return len(self.tested) > 0

    def order(self, draw: int) -> tuple[Indices, Indices]:
        """Pictures to learn from, the first of them first, and those to test on.

        Args:
            draw: Number of the draw; the same number is the same draw.
        """
        rng = np.random.default_rng(draw)
        if self.fixed:
            return rng.permutation(self.trained), self.tested
        names = np.array(self.groups or [str(i) for i in range(len(self.train))])[self.trained]
        kinds = rng.permutation(np.unique(names))
        out = kinds[: max(1, round(TEST_SHARE * len(kinds)))]
        tested = np.isin(names, out)
        return rng.permutation(self.trained[~tested]), np.sort(self.trained[tested])

    def digest(self) -> str:
        """Tells these labels and their split from others."""
        told = hashlib.sha256()
        for part in (self.train.points_px, self.test.points_px, self.trained, self.tested):
            told.update(np.ascontiguousarray(part).tobytes())
        told.update("|".join(self.groups).encode())
        return told.hexdigest()[:16]


def split_shots(
    train: LabelledSet, test: LabelledSet | None = None, groups: str = "auto"
) -> Shots:
    """Who is learned from and who is tested on.

    Args:
        train: Labelled pictures.
        test: Others to test on; if None, some of ``train`` are: of a published set those that it
            says itself, else two fifths of the groups, or of the pictures, other ones each draw.
        groups: ``identity`` or ``video`` where the set has to tell them, ``none`` to let each
            picture stand for itself, ``auto`` for what it tells.

    Raises:
        FormatError: The sets name other points, tell no groups, or one part is empty.
    """
    apart = () if groups == "none" else train.people
    own = train.angles_rad is not None
    if groups in ("identity", "video") and (not apart or own != (groups == "video")):
        raise FormatError(
            f"These labels do not tell by {groups} which pictures belong together.",
            "Leave out --groups.",
        )
    trained = _labelled(train)
    if test is not None:
        return _two(train, test, trained, apart)
    if not own and groups != "none":
        split = split_people(train)
        text = f"the set's own split{', nobody in both' if split.apart else ''}"
        return Shots(train, train, split.train, split.test, (), text)
    kind = "video" if own else "identity"
    counted = len(set(apart)) if apart else len(trained)
    if counted < 2:
        raise FormatError(
            "There is only one labelled picture.", "Label some more, best in several videos."
        )
    what = f"by {kind}" if apart else "by picture"
    text = f"split {what}, {TEST_SHARE:.0%} of {counted} tested on, other ones in each draw"
    return Shots(train, train, trained, np.empty(0, np.int64), tuple(apart), text)


def _two(train: LabelledSet, test: LabelledSet, trained: Indices, apart: tuple[str, ...]) -> Shots:
    if train.joints != test.joints or train.point_count != test.point_count:
        raise FormatError(
            "The labels to test on name other points than those to learn from.",
            "Name two tables of the same points in the same order.",
        )
    text = "two tables"
    tested = _labelled(test)
    if apart and test.people:
        shared = np.isin(np.array(apart)[trained], np.array(test.people)[tested])
        trained = trained[~shared]
        text += f", {int(shared.sum())} pictures of who is in both left out of the first"
    elif train.sources and test.sources:
        known = {test.sources[i] for i in tested.tolist()}
        shared = np.array([train.sources[i] in known for i in trained.tolist()], np.bool_)
        trained = trained[~shared]
    if not len(trained) or not len(tested):
        raise FormatError(
            f"There are {len(trained)} pictures to learn from and {len(tested)} to test on.",
            "Both tables need labels, and not of the same pictures or people alone.",
        )
    return Shots(train, test, trained, tested, (), text)


def _labelled(labelled: LabelledSet) -> Indices:
    return np.flatnonzero(labelled_points(labelled.points_px).any(axis=1))
