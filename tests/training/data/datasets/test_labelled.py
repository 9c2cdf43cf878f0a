"""Views of pictures: what a network sees, and where points lie in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner_engine.coordinates import cut
from limner_engine.errors import FormatError
from limner_engine.types import Crop
from limner_training.data.datasets import labelled as lb
from limner_training.data.datasets.layouts import OWN, PUBLISHED, open_set


def _smooth(width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    values = [x * 255 / (width - 1), y * 255 / (height - 1), 128 + 60 * np.sin(x / 9 + y / 13)]
    return np.stack(values, -1).astype(np.uint8)


def test_a_square_view_is_the_crop_of_the_engine() -> None:
    picture = _smooth(200, 150)
    for crop in (Crop(90.2, 70.7, 64.0), Crop(90.2, 70.7, 30.0), Crop(40.0, 60.0, 140.0)):
        half = crop.side_px / 2
        view = np.array([crop.centre_x_px - half, crop.centre_y_px - half, *[crop.side_px] * 2])
        ours = lb.cut_view(picture, view, 64).astype(np.float64)
        difference = np.abs(ours - cut(picture, crop, 64))[2:-2, 2:-2]
        assert difference.mean() < 1.0


@pytest.mark.parametrize(("width", "height"), [(178, 218), (40, 20), (700, 90)])
def test_a_whole_picture_becomes_a_square(width: int, height: int) -> None:
    seen = lb.cut_view(_smooth(width, height), lb.whole(width, height), 32)
    assert seen.shape == (32, 32, 3)
    # Column j shows the place (j + 0.5) / 32 of the width.
    places = ((np.arange(32) + 0.5) / 32 * width - 0.5) / (width - 1) * 255
    np.testing.assert_allclose(seen[16, :, 0], places, atol=3)


def test_a_dot_is_seen_where_its_point_lies() -> None:
    picture = np.zeros((80, 120, 3), np.uint8)
    picture[48:53, 68:73] = 255  # centred on (70, 50)
    view = np.array([29.5, 9.5, 80.0, 60.0])
    marked = lb.LabelledSet(
        layout="dot",
        picture=lambda _: picture,
        views=view[None],
        points_px=np.array([[[70.0, 50.0]]]),
        part=np.array(["test"]),
    )
    seen = marked.cut(0, 40)[..., 0].astype(np.float64)
    rows, columns = np.mgrid[:40, :40]
    centre = np.array([(columns * seen).sum(), (rows * seen).sum()]) / seen.sum()
    expected = (marked.points_norm()[0, 0] + 1) / 2 * 40 - 0.5
    np.testing.assert_allclose(centre, expected, atol=0.1)
    back = marked.to_pixels(marked.points_norm(), np.array([0]))
    np.testing.assert_allclose(back, marked.points_px)


def test_outside_the_picture_its_edge_goes_on() -> None:
    picture = np.full((10, 10, 3), 90, np.uint8)
    seen = lb.cut_view(picture, np.array([-20.0, -20.0, 15.0, 15.0]), 8)
    assert (seen == 90).all()


@pytest.mark.parametrize("layout", [*PUBLISHED, *OWN], ids=lambda layout: layout.NAME)
def test_every_layout_says_what_it_expects(layout: object, tmp_path: Path) -> None:
    name = str(layout.NAME)  # type: ignore[attr-defined]
    with pytest.raises(FormatError) as refused:
        open_set(name, tmp_path / "nowhere")
    assert layout.EXPECTS in refused.value.mend  # type: ignore[attr-defined]
    with pytest.raises(FormatError) as refused:
        open_set(name, tmp_path)  # it is empty
    assert refused.value.mend
    assert str(tmp_path) in refused.value.message


def test_layouts_are_known_by_name(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"mafl.*300w.*svhn"):
        open_set("mfla", tmp_path)


def test_arrays_of_a_file_that_is_cut_off_or_lacks_some(tmp_path: Path) -> None:
    path = tmp_path / "points.npz"
    np.savez(path, gt=np.zeros((2, 5, 2)), hw=np.ones((2, 2)))
    assert [array.shape for array in lb.read_arrays(path, ("hw", "gt"))] == [(2, 2), (2, 5, 2)]
    with pytest.raises(FormatError, match="has to hold the arrays gt, visible: it lacks visible"):
        lb.read_arrays(path, ("gt", "visible"))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FormatError, match=r"points\.npz has to hold the arrays gt"):
        lb.read_arrays(path, ("gt",))
