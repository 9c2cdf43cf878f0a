"""Made-up labelled sets for tests of evaluation."""

from __future__ import annotations

import numpy as np

from limner_training.data.datasets.labelled import Eyes, LabelledSet, whole


def drawn_set(
    people: int = 12, each: int = 5, tested: int = 4, points: int = 3, groups: bool = False
) -> LabelledSet:
    """Grey pictures of 20 x 10 px with random points; the last people are tested on."""
    rng = np.random.default_rng(7)
    count = people * each
    names = [f"p{i // each:02d}" for i in range(count)]
    return LabelledSet(
        layout="drawn",
        picture=lambda number: np.full((10, 20, 3), number % 256, np.uint8),
        views=np.tile(whole(20, 10), (count, 1)),
        points_px=rng.uniform(1, 9, (count, points, 2)),
        part=np.where(np.arange(count) // each < people - tested, "train", "test"),
        people=tuple(names),
        groups=tuple("ab"[i % 2] for i in range(count)) if groups else (),
        measures=("eyes", "image size", "pixels"),
        eyes=(Eyes("pupils", (0,), (1,)),),
    )
