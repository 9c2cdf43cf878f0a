"""Values that cross borders check themselves."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.types import Landmarks, Skeleton


def test_skeleton_survives_json() -> None:
    skeleton = Skeleton(("left eye", "right eye", "nose"), ((0, 2), (1, 2)), ((0, 1),))
    assert Skeleton.from_json(skeleton.to_json()) == skeleton


def test_skeleton_refuses_doubled_names_and_loose_edges() -> None:
    with pytest.raises(ValueError, match="different"):
        Skeleton(("a", "a"))
    with pytest.raises(ValueError, match="not there"):
        Skeleton(("a", "b"), ((0, 2),))


def test_landmarks_refuse_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"\(K, 2\)"):
        Landmarks(np.zeros((3, 3), np.float32), np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="one value"):
        Landmarks(np.zeros((3, 2), np.float32), np.zeros(2, np.float32))
