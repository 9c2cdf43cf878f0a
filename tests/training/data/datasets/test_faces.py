"""MAFL, AFLW and 300-W on a few made-up files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import drawn_layouts
from limner_engine.errors import FormatError
from limner_training.data.datasets import aflw, mafl, w300


def test_mafl(tmp_path: Path) -> None:
    faces = mafl.load(drawn_layouts.mafl(tmp_path))
    assert faces.points_px.shape == (12, 5, 2)
    # Tested on are the first two; the last tenth of the other ten is for validation.
    assert faces.part.tolist() == ["test"] * 2 + ["train"] * 9 + ["validation"]
    assert faces.people == ()
    # As IMM has it: 178 x 218 becomes 160 x 160, of which the middle 128 are seen.
    in_cut = (faces.points_norm()[0] + 1) / 2 * 128 - 0.5
    x = (69 + 0.5) * 160 / 178 - 0.5 - 16
    y = (109 + 0.5) * 160 / 218 - 0.5 - 16
    np.testing.assert_allclose(in_cut[0], [x, y])
    seen = faces.cut(0, 128)
    assert seen.shape == (128, 128, 3)
    # Red of the drawn picture is its column.
    np.testing.assert_allclose(seen[64, 60, 0], (60.5 + 16) * 178 / 160 - 0.5, atol=3)


def test_mafl_knows_people_where_celeba_says_so(tmp_path: Path) -> None:
    folder = drawn_layouts.mafl(tmp_path)
    lines = [f"{number:06d}.jpg {number // 2}" for number in range(1, 14)]
    drawn_layouts.text(folder / "Anno" / "identity_CelebA.txt", *lines)
    assert mafl.load(folder).people[:4] == ("0", "1", "1", "2")
    drawn_layouts.text(folder / "Anno" / "identity_CelebA.txt", *lines[1:])
    with pytest.raises(FormatError, match=r"000001\.jpg"):
        mafl.load(folder)


def test_mafl_says_what_is_wrong(tmp_path: Path) -> None:
    folder = drawn_layouts.mafl(tmp_path)
    table = folder / "Anno" / "list_landmarks_align_celeba.txt"
    good = table.read_text()
    table.write_text(good.replace("000003.jpg  69", "000003.jpg  x"))
    with pytest.raises(FormatError, match="row 5"):
        mafl.load(folder)
    table.write_text(good.replace("000003.jpg", "900003.jpg"))
    with pytest.raises(FormatError, match=r"000003\.jpg"):
        mafl.load(folder)
    (folder / "MAFL" / "testing.txt").unlink()
    with pytest.raises(FormatError, match=r"lacks MAFL/testing\.txt"):
        mafl.load(folder)


def test_aflw(tmp_path: Path) -> None:
    faces = aflw.load(drawn_layouts.aflw(tmp_path))
    assert faces.part.tolist() == ["train"] * 18 + ["validation"] * 2 + ["test"] * 3
    # The whole picture, whatever its shape.
    expected = (faces.points_px + 0.5) / [150, 140] * 2 - 1
    np.testing.assert_allclose(faces.points_norm(), expected)
    assert faces.cut(22, 64).shape == (64, 64, 3)


def test_aflw_says_what_to_convert(tmp_path: Path) -> None:
    folder = drawn_layouts.aflw(tmp_path)
    path = folder / "aflw_test_keypoints.npz"
    path.rename(path.with_suffix(".mat"))
    with pytest.raises(FormatError, match=r"aflw_test_keypoints\.npz.*savez"):
        aflw.load(folder)
    np.savez(path, gt=np.zeros((4, 5, 2)), hw=np.zeros((4, 2)))
    with pytest.raises(FormatError, match="3 pictures"):
        aflw.load(folder)
    np.savez(path, points=np.zeros((3, 5, 2)))
    with pytest.raises(FormatError, match="gt, hw"):
        aflw.load(folder)
    path.write_bytes(b"\x80\x04 no arrays")
    with pytest.raises(FormatError, match="gt, hw"):
        aflw.load(folder)


def test_300w(tmp_path: Path) -> None:
    told: list[float] = []

    def progress(share: float) -> bool:
        told.append(share)
        return True

    faces = w300.load(drawn_layouts.w300(tmp_path), progress)
    assert faces.points_px.shape == (12, 68, 2)
    assert faces.part.tolist() == ["train"] * 6 + ["test"] * 6
    assert told[-1] == 1.0
    # Files count from 1: the box goes from (30, 40) to (81, 90), 52 px wide.
    np.testing.assert_allclose(faces.points_px[0, :2], [[30, 40], [81, 90]])
    middle = np.array([55.5, 65.0 - 2])
    np.testing.assert_allclose(faces.views[0], [*(middle - 40), 80, 80])
    assert [eyes.name for eyes in faces.eyes] == ["outer corners", "pupils"]
    assert faces.cut(11, 32).shape == (32, 32, 3)


def test_300w_says_what_is_wrong(tmp_path: Path) -> None:
    folder = drawn_layouts.w300(tmp_path)
    path = folder / "ibug" / "face_0.pts"
    path.write_text(path.read_text().replace("}", ""))
    with pytest.raises(FormatError, match=r"face_0\.pts"):
        w300.load(folder)
    path.unlink()
    (folder / "ibug" / "face_1.jpg").unlink()
    with pytest.raises(FormatError, match=r"face_1\.jpg or \.png"):
        w300.load(folder)
    (folder / "ibug" / "face_1.pts").unlink()
    with pytest.raises(FormatError, match=r"ibug holds no \.pts"):
        w300.load(folder)
