"""Every measure on a case that is computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from limner_training.data.datasets.labelled import Eyes
from limner_training.evaluation import measures

CORNERS = Eyes("outer corners", (0,), (1,))


def test_error_in_units_of_the_eyes() -> None:
    labelled = np.array([[[0.0, 0.0], [10.0, 0.0]], [[0.0, 0.0], [0.0, 20.0]]])
    # Every point is off by 3 and 4, which is 5: half of 10, a quarter of 20.
    predicted = labelled + np.array([3.0, 4.0])
    error = measures.inter_ocular_error(predicted, labelled, CORNERS)
    assert error == pytest.approx((0.5 + 0.25) / 2)


def test_pupils_are_means_of_the_points_around_an_eye() -> None:
    labelled = np.array([[[0.0, 0.0], [2.0, 0.0], [7.0, 0.0], [9.0, 0.0]]])
    pupils = Eyes("pupils", (0, 1), (2, 3))
    corners = Eyes("outer corners", (0,), (3,))
    assert measures.eye_distance(labelled, pupils) == pytest.approx([7.0])
    assert measures.eye_distance(labelled, corners) == pytest.approx([9.0])
    predicted = labelled + np.array([0.0, 1.0])
    assert measures.inter_ocular_error(predicted, labelled, pupils) == pytest.approx(1 / 7)
    assert measures.inter_ocular_error(predicted, labelled, corners) == pytest.approx(1 / 9)


def test_missing_points_count_nowhere() -> None:
    labelled = np.array([[[0.0, 0.0], [10.0, 0.0], [np.nan, np.nan]]])
    predicted = np.array([[[0.0, 1.0], [10.0, 3.0], [99.0, 99.0]]])
    assert measures.inter_ocular_error(predicted, labelled, CORNERS) == pytest.approx(0.2)
    assert measures.picture_means(measures.distances(predicted, labelled)) == pytest.approx([2.0])
    nothing = np.full((1, 3, 2), np.nan)
    assert np.isnan(measures.picture_means(measures.distances(predicted, nothing))).all()


def test_share_of_the_image_size() -> None:
    # From the middle of the left edge to that of the right is a whole side.
    labelled = np.array([[[-1.0, 0.0], [0.0, 0.0]]])
    predicted = np.array([[[1.0, 0.0], [0.0, 0.5]]])
    assert measures.image_size_error(predicted, labelled) == pytest.approx([(1 + 0.25) / 2])


def test_macro_means_count_every_group_once() -> None:
    values = np.array([1.0, 1.0, 1.0, 5.0])
    mean, parts = measures.macro_mean(values, ["walk", "walk", "walk", "sit"])
    assert parts == {"sit": 5.0, "walk": 1.0}
    assert mean == 3.0
    assert measures.macro_mean(values, []) == (2.0, {})


def test_within_a_limit() -> None:
    labelled = np.zeros((4, 2, 2))
    predicted = np.zeros((4, 2, 2))
    predicted[:, 0, 0] = [5.0, 6.0, 6.1, 9.0]  # two within 6: the limit is within
    labelled[0, 1] = np.nan  # three are visible
    predicted[:, 1, 1] = [0.0, 0.0, 7.0, 0.0]
    assert measures.pck(predicted, labelled, 6.0) == pytest.approx([0.5, 2 / 3])
    hidden = np.full((4, 2, 2), np.nan)
    assert np.isnan(measures.pck(predicted, hidden, 6.0)).all()


def test_bbc_counts_at_half_the_released_size() -> None:
    labelled = np.array([[[101.0, 51.0]], [[101.0, 51.0]]])
    predicted = labelled + np.array([[[12.0, 0.0]], [[12.5, 0.0]]])
    # The toolkit's own words: c' = (c - 1) / 2 + 1, and right up to 6.
    half = np.linalg.norm(((predicted - 1) / 2 + 1) - ((labelled - 1) / 2 + 1), axis=-1)
    assert half.ravel().tolist() == [6.0, 6.25]
    assert measures.pck_half_size(predicted, labelled) == pytest.approx([0.5])


def test_within_a_fifth_of_the_torso() -> None:
    # Shoulder and hip lie 50 apart in one picture and 100 in the other: limits 10 and 20.
    labelled = np.array([[[0.0, 0.0], [30.0, 40.0]], [[0.0, 0.0], [60.0, 80.0]]])
    predicted = labelled + np.array([15.0, 0.0])
    assert measures.pck_torso(predicted, labelled, 0, 1) == pytest.approx([0.5, 0.5])


def test_within_a_fifth_of_the_box() -> None:
    labelled = np.zeros((2, 1, 2))
    predicted = np.full((2, 1, 2), [15.0, 0.0])
    boxes = np.array([[50.0, 80.0], [70.0, 60.0]])  # limits 16 and 14
    assert measures.pck_box(predicted, labelled, boxes) == pytest.approx([0.5])


def test_pictures_without_a_unit_count_nowhere() -> None:
    labelled = np.array([[[0.0, 0.0], [30.0, 40.0]], [[0.0, 0.0], [np.nan, np.nan]]])
    predicted = np.full((2, 2, 2), 0.0)
    assert measures.pck_torso(predicted, labelled, 0, 1) == pytest.approx([1.0, 0.0])
    predicted[1, 0] = [999.0, 0.0]  # no torso is seen there
    assert measures.pck_torso(predicted, labelled, 0, 1) == pytest.approx([1.0, 0.0])


def test_box_of_the_visible_points() -> None:
    nowhere = [np.nan, np.nan]
    labelled = np.array([[[5.0, 1.0], [2.0, 9.0], nowhere], [[1.0, 1.0], nowhere, nowhere]])
    boxes = measures.labelled_boxes(labelled)
    np.testing.assert_array_equal(boxes, [[3.0, 8.0], nowhere])


@pytest.mark.parametrize(
    ("head", "wrist", "elbow", "shoulder", "printed"),
    [
        # Wiles et al. 2019, BBC Pose: r1 2lr, r3 2lr with all terms, ph, ph and con, random.
        (94.2, 51.2, 78.7, 82.4, 74.1),
        (96.8, 62.1, 82.1, 82.8, 78.7),
        (94.3, 54.1, 79.1, 83.2, 75.3),
        (96.0, 58.3, 83.5, 83.7, 78.1),
        (73.2, 23.2, 64.5, 54.7, 51.1),
        # FLIC: r1, r3, random.
        (94.2, 62.6, 82.5, 95.7, 82.3),
        (97.2, 65.2, 84.8, 97.1, 84.5),
        (85.5, 65.1, 77.9, 90.9, 79.0),
    ],
)
def test_averages_give_the_printed_column(
    head: float, wrist: float, elbow: float, shoulder: float, printed: float
) -> None:
    row = {"head": head, "wrist": wrist, "elbow": elbow, "shoulder": shoulder}
    assert round(measures.joint_average(row), 1) == printed


def test_quoted_averages_are_met_but_for_rounding() -> None:
    # IMM as Wiles et al. quote it, and two more rows of theirs.
    for row, printed in (
        ((81.1, 49.1, 53.1, 70.1), 60.7),
        ((93.7, 35.8, 72.3, 81.6), 67.7),
        ((96.5, 41.0, 82.4, 73.2), 69.9),
    ):
        columns = dict(zip(("head", "wrist", "elbow", "shoulder"), row, strict=True))
        assert measures.joint_average(columns) == pytest.approx(printed, abs=0.12)


def test_average_of_penn_counts_thirteen_points() -> None:
    names = ("head", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    row = dict(zip(names, (83.0, 78.8, 71.0, 58.3, 80.9, 78.6, 76.9), strict=True))
    # By hand: (83.0 + 2 * 444.5) / 13 = 74.77; the paper prints 75.1 for this row.
    average = measures.joint_average(row, measures.PENN_JOINTS)
    assert average == pytest.approx((83.0 + 2 * 444.5) / 13)
    assert round(average, 1) == 74.8
