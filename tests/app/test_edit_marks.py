"""Landmarks of an edited frame: their names, their order, the lines between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QImage, QPainter, QTransform

from limner_app.views.edit_marks import Marks, paint_marks, skeleton_of_edit
from limner_engine.types import Skeleton

_FOUND = Skeleton(("head", "left foot", "right foot"), ((0, 1), (0, 2)), ((1, 2),))


def painted(points: np.ndarray, skeleton: Skeleton) -> QImage:
    image = QImage(100, 60, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        marks = Marks(points, points, frozenset(), skeleton)
        paint_marks(painter, QTransform(), marks, None, None, 100)
    return image


def test_the_joints_of_a_skeleton_are_joined(qapp: Any) -> None:
    points = np.array([[20, 30], [80, 30], [np.nan, np.nan]], np.float32)
    assert painted(points, _FOUND).pixelColor(50, 30).lightness() > 120
    apart = Skeleton(_FOUND.names)
    assert painted(points, apart).pixelColor(50, 30).lightness() == 0


def test_the_landmarks_of_a_model_keep_its_order() -> None:
    numbered = Skeleton.numbered(3)
    renamed = Skeleton(("nose", "tail", "paw"), symmetries=((1, 2),))
    assert skeleton_of_edit(renamed, numbered) == renamed
    # A person renamed the landmarks of a model that has edges: they stay joined.
    assert skeleton_of_edit(renamed, _FOUND).names == renamed.names
    assert skeleton_of_edit(renamed, _FOUND).edges == _FOUND.edges
    turned = Skeleton(("right foot", "head", "left foot"), ((1, 2),))
    assert skeleton_of_edit(turned, _FOUND) == _FOUND
    assert skeleton_of_edit(Skeleton(("head",)), _FOUND) == _FOUND
    own = Skeleton(_FOUND.names, ((1, 2),))
    assert skeleton_of_edit(own, _FOUND) == own
