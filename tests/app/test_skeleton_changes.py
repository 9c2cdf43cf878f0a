"""Changes of a skeleton, the pairs its names suggest, and how it is drawn; no window needed."""

from __future__ import annotations

import numpy as np
import pytest

from limner_app.views import skeleton_change as change
from limner_app.views.skeleton_layout import all_placed, mean_shape
from limner_app.views.skeleton_pairs import suggested_pairs
from limner_engine.types import Skeleton

MOUSE = Skeleton(("nose", "left ear", "right ear", "tail"), ((0, 1), (0, 2), (0, 3)), ((1, 2),))


def test_new_landmarks_stand_behind_the_others() -> None:
    made = change.added(MOUSE, ["neck", "hip"])
    assert made.skeleton.names[4:] == ("neck", "hip")
    assert made.skeleton.edges == MOUSE.edges
    assert made.origins == (0, 1, 2, 3, None, None)
    assert made.gone(4) == []


def test_removed_landmarks_take_edges_and_pairs_along() -> None:
    made = change.removed(MOUSE, [1])
    assert made.skeleton == Skeleton(("nose", "right ear", "tail"), ((0, 1), (0, 2)), ())
    assert made.origins == (0, 2, 3)
    assert made.gone(4) == [1]


@pytest.mark.parametrize(
    ("numbers", "to", "order"),
    [
        ([3], 0, (3, 0, 1, 2)),
        ([0], 4, (1, 2, 3, 0)),
        ([0], 1, (0, 1, 2, 3)),
        ([0, 2], 4, (1, 3, 0, 2)),
        ([1, 3], 2, (0, 1, 3, 2)),
    ],
)
def test_moved_landmarks_keep_edges_and_pairs(
    numbers: list[int], to: int, order: tuple[int, ...]
) -> None:
    made = change.moved(MOUSE, numbers, to)
    assert made.origins == order
    names = made.skeleton.names
    assert {frozenset((names[a], names[b])) for a, b in made.skeleton.edges} == {
        frozenset(("nose", other)) for other in MOUSE.names[1:]
    }
    assert [(names[a], names[b]) for a, b in made.skeleton.symmetries] == [
        ("left ear", "right ear")
    ]


def test_an_edge_is_made_and_taken_away_either_way_round() -> None:
    more = change.joined(MOUSE, 3, 1).skeleton
    assert more.edges == (*MOUSE.edges, (3, 1))
    assert change.joined(more, 1, 3).skeleton == MOUSE


def test_a_landmark_is_in_one_pair_at_most() -> None:
    assert change.paired(MOUSE, [(3, 1)]).skeleton.symmetries == ((3, 1),)
    assert change.paired(MOUSE, [(2, 1)]).skeleton.symmetries == ((2, 1),)
    assert change.parted(MOUSE, 2).skeleton.symmetries == ()


def test_another_skeleton_keeps_landmarks_of_the_same_name() -> None:
    made = change.replaced(MOUSE, Skeleton(("tail", "Nose", "nose", "paw")))
    assert made.origins == (3, 0, None, None)
    assert made.gone(4) == [1, 2]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left ear", "right ear"),
        ("Ear_L", "Ear_R"),
        ("l-ear", "r-ear"),
        ("leftEar", "rightEar"),
        ("earL", "earR"),
        ("LEar2", "REar2"),
        ("linkes Ohr", "rechtes Ohr"),
        ("Ohr links", "Ohr rechts"),
        ("oreille gauche", "oreille droite"),
    ],
)
def test_names_suggest_pairs(left: str, right: str) -> None:
    assert suggested_pairs(Skeleton((right, "nose", left))) == [(2, 0)]


@pytest.mark.parametrize(
    "names",
    [
        ("left", "right"),
        ("left ear", "right eye"),
        ("ear 1", "ear 2"),
        ("left ear", "right ear", "l ear"),
        ("collar", "collal"),
        ("left ear 1", "right ear 2"),
    ],
)
def test_other_names_suggest_none(names: tuple[str, ...]) -> None:
    assert suggested_pairs(Skeleton(names)) == []


def test_pairs_there_are_not_suggested_again() -> None:
    assert suggested_pairs(MOUSE) == []


def test_shapes_are_averaged_whatever_their_place_turn_and_size() -> None:
    shape = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 2.0], [3.0, 5.0]])
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    there = np.stack([shape, 3 * shape @ turn + [50, -7], shape])
    there[1, 3] = np.nan
    there[2, 0] = np.nan
    np.testing.assert_allclose(mean_shape(there), shape, atol=1e-9)
    # Two landmarks in common do not tell how a shape lies; a landmark that is nowhere has none.
    there[1:, 2:] = np.nan
    there[0, 3] = np.nan
    made = mean_shape(there)
    np.testing.assert_allclose(made[:3], shape[:3])
    assert np.isnan(made[3]).all()


def test_every_landmark_gets_a_place_of_its_own() -> None:
    circle = all_placed(np.full((9, 2), np.nan))
    some = np.full((9, 2), np.nan)
    some[:4] = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.5], [0.5, 0.9]]
    for made in (circle, all_placed(some), all_placed(np.full((1, 2), np.nan))):
        assert ((made >= 0) & (made <= 1)).all()
        gaps = np.linalg.norm(made[:, None] - made[None], axis=-1) + np.eye(len(made))
        assert gaps.min() > 0.1
    np.testing.assert_array_equal(all_placed(some)[:4], some[:4])
