"""Folders of still pictures."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from limner_engine.cropping.faces import FACE_SCALE, FaceFinder
from limner_engine.errors import TrainingError
from limner_training.__main__ import main
from limner_training.data import pictures
from limner_training.data.frames import FrameSet
from limner_training.data.pictures import read_pictures


def _go_on(done: float) -> bool:
    return True


def _save(path: Path, picture: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture[..., ::-1])
    return path


def _plain(level: int, width: int = 40, height: int = 40) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def _turned(path: Path, picture: np.ndarray, orientation: int) -> None:
    """A JPEG whose camera noted how it was held."""
    coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    tags = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    block = b"\xff\xe1" + struct.pack(">H", len(tags) + 2) + tags
    path.write_bytes(coded[:2] + block + coded[2:])


@pytest.fixture
def bright_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes bright squares for faces: no drawing fools the cascade."""

    def faces(self: FaceFinder, grey: np.ndarray) -> np.ndarray:
        count, _, stats, middles = cv2.connectedComponentsWithStats(
            (grey > 250).astype(np.uint8), connectivity=4
        )
        return np.array(
            [[*middles[i], stats[i, cv2.CC_STAT_WIDTH]] for i in range(1, count)]
        ).reshape(-1, 3)

    monkeypatch.setattr(FaceFinder, "_faces", faces)


def _face(x: int, y: int, side: int, colour: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
    picture = np.full((240, 320, 3), 40, np.uint8)
    picture[::2, ::3] = 60
    picture[y : y + side, x : x + side] = colour
    return picture


def test_pictures_come_sorted_from_all_but_hidden_folders(tmp_path: Path) -> None:
    for name, level in (("b/1.png", 30), ("a.JPG", 10), ("b/0.webp", 20), ("c.bmp", 40)):
        _save(tmp_path / name.lower(), _plain(level)).rename(tmp_path / name)
    _save(tmp_path / ".thumbnails/0.png", _plain(90))
    _save(tmp_path / "._a.png", _plain(91))
    (tmp_path / "notes.txt").write_text("no picture")
    read = read_pictures(tmp_path, "whole", 64, _go_on)
    assert read.frames.pixels.shape == (4, 80, 80, 3)
    assert read.frames.pixels[:, 40, 40, 0].tolist() == pytest.approx([10, 20, 30, 40], abs=2)
    assert read.frames.names == (tmp_path.name,)
    assert read.frames.still.tolist() == [True]
    assert read.note == ""


def test_whole_takes_the_middle_square(tmp_path: Path) -> None:
    picture = _plain(0, 200, 80)
    picture[:, 60:140] = (200, 0, 0)
    for name in "ab":
        _save(tmp_path / f"{name}.png", picture)
    pixels = read_pictures(tmp_path, "motion", 64, _go_on).frames.pixels[0].astype(int)
    # The stored margin shows what lies beside the square.
    assert (pixels[:, 10:70, 0] > 190).all()
    assert (pixels[:, [0, 1, 2, 77, 78, 79], 0] < 10).all()


def test_pictures_are_turned_as_the_camera_noted(tmp_path: Path) -> None:
    picture = _plain(0, 64, 64)
    picture[:32] = (220, 220, 220)
    for name, orientation in (("a", 1), ("b", 3), ("c", 6)):
        _turned(tmp_path / f"{name}.jpg", picture, orientation)
    pixels = read_pictures(tmp_path, "whole", 64, _go_on).frames.pixels[..., 0].astype(int)
    sides = [
        (
            p[8:30, 30:50].mean(),
            p[50:72, 30:50].mean(),
            p[30:50, 8:30].mean(),
            p[30:50, 50:].mean(),
        )
        for p in pixels
    ]
    # Which side is bright: the top, the bottom, the right.
    assert [int(np.argmax(side)) for side in sides] == [0, 1, 3]


def test_unreadable_pictures_are_skipped_and_counted(tmp_path: Path) -> None:
    for number in range(4):
        _save(tmp_path / f"{number}.png", _plain(10 * number))
    (tmp_path / "1.png").write_bytes(b"no picture at all")
    (tmp_path / "5.jpg").write_bytes(b"")
    read = read_pictures(tmp_path, "auto", 64, _go_on)
    assert read.frames.frame.tolist() == [0, 2, 3]
    assert read.unreadable == 2
    assert read.note == f"Pictures left out of {tmp_path.name}: 2 unreadable."


def test_a_folder_in_which_nothing_can_be_read(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(b"x")
    with pytest.raises(TrainingError, match="None of the 3 pictures") as caught:
        read_pictures(tmp_path, "whole", 64, _go_on)
    assert "PNG or JPEG" in caught.value.mend


def test_a_folder_without_two_pictures(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="fewer than two readable"):
        read_pictures(tmp_path, "auto", 64, _go_on)
    _save(tmp_path / "a.png", _plain(1))
    with pytest.raises(TrainingError, match="fewer than two readable"):
        read_pictures(tmp_path, "auto", 64, _go_on)


def test_giving_up(tmp_path: Path) -> None:
    for name in "abc":
        _save(tmp_path / f"{name}.png", _plain(1))
    with pytest.raises(TrainingError, match="stopped"):
        read_pictures(tmp_path, "whole", 64, lambda done: done < 0.5)


def test_of_very_many_pictures_some_are_taken_evenly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST", 4)
    for number in range(10):
        _save(tmp_path / f"{number}.png", _plain(number))
    read = read_pictures(tmp_path, "whole", 64, _go_on)
    assert read.frames.frame.tolist() == [0, 2, 5, 7]
    assert read.beyond == 6
    assert "6 beyond the 4 that a run takes" in read.note


@pytest.mark.usefixtures("bright_faces")
def test_the_largest_face_is_cut_whatever_the_picture_measures(tmp_path: Path) -> None:
    small = _face(60, 80, 60)
    small[20:40, 250:270] = 255  # another, far off
    _save(tmp_path / "a.png", small)
    _save(tmp_path / "b.png", cv2.resize(small, (960, 720), interpolation=cv2.INTER_NEAREST))
    _save(tmp_path / "c.png", _plain(40))
    read = read_pictures(tmp_path, "face", 64, _go_on)
    assert read.frames.frame.tolist() == [0, 1]
    assert (read.faceless, read.unreadable) == (1, 0)
    assert read.note.endswith("1 without a face.")
    expected = 64 / FACE_SCALE
    for cut in read.frames.pixels:
        bright = cut[..., 0] > 150
        assert bright[:, 20:60].sum() == pytest.approx(expected**2, rel=0.08)
        rows, columns = np.nonzero(bright & (np.arange(80) < 62))
        assert (columns.mean(), rows.mean()) == pytest.approx((39.5, 39.5), abs=0.8)


@pytest.mark.usefixtures("bright_faces")
@pytest.mark.parametrize(("shown", "kept"), [(6, 6), (3, 10)])
def test_auto_looks_at_faces_where_most_pictures_show_one(
    tmp_path: Path, shown: int, kept: int
) -> None:
    for number in range(10):
        _save(tmp_path / f"{number}.png", _face(90, 70, 70) if number < shown else _plain(30))
    assert len(read_pictures(tmp_path, "auto", 64, _go_on).frames) == kept


@pytest.mark.usefixtures("bright_faces")
def test_faces_are_asked_for_and_there_are_none(tmp_path: Path) -> None:
    for name in "ab":
        _save(tmp_path / f"{name}.png", _plain(30))
    with pytest.raises(TrainingError, match="show a face") as caught:
        read_pictures(tmp_path, "face", 64, _go_on)
    assert "whole" in caught.value.mend


def test_faces_of_people_are_found(data_dir: Path) -> None:
    read = read_pictures(data_dir / "faces" / "dlib_faces" / "faces", "auto", 64, _go_on)
    assert len(read.frames) >= 9
    assert read.faceless == 12 - len(read.frames)


def test_pack_takes_folders(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "stills"
    for number in range(3):
        _save(folder / f"{number}.png", _plain(10 * number))
    (folder / "3.png").write_bytes(b"x")
    out = tmp_path / "out.npz"
    command = ["pack", str(folder), "--out", str(out), "--size", "lite", "--crop-mode", "whole"]
    assert main(command) == 0
    frames = FrameSet.open(out)
    assert (frames.names, frames.still.tolist(), len(frames)) == (("stills",), [True], 3)
    said = capfd.readouterr().err
    assert "Pictures left out of stills: 1 unreadable." in said
    assert said.endswith("3 still pictures\n")
