"""From labels to a named model file, and what a session answers with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine_fixtures import drawn_frame, tiny_model
from limner_engine.coordinates import cut
from limner_engine.cropping import CropTrack
from limner_engine.errors import FrameUnreadableError, LimnerError, ModelError
from limner_engine.inference.naming_answers import Namer
from limner_engine.inference.protocol import Message
from limner_engine.inference.render_job import Clip, EditJob
from limner_engine.inference.rendering import render
from limner_engine.inference.session import Session
from limner_engine.model_file import read_model_info
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Image
from named_models import CROP, drawn_labels, picture, second_layer


def ask(namer: Namer, labelled: LabelledFrames, out: Path, **more: object) -> dict[str, object]:
    header, arrays = labelled.to_message()
    header |= {"base": None, "second": None, "out": str(out), **more}
    answer, path = namer.answer(Message(header, arrays))
    assert path == out
    return answer


@pytest.mark.parametrize("with_base", [False, True])
def test_a_few_labels_find_the_disc_in_other_frames(tmp_path: Path, with_base: bool) -> None:
    base = str(tiny_model(tmp_path / "base.safetensors")) if with_base else None
    out = tmp_path / "names.safetensors"
    answer = ask(Namer(picture), drawn_labels(tmp_path, 10), out, base=base)
    assert answer["names"] == 3
    assert answer["layer"] == ["first"] * 3
    assert answer["frames"] == 10
    session = Session(out, "cpu")
    found = session.detect([drawn_frame(18)], [CROP])[0]
    x = 20 + 3 * 18
    apart = np.abs(found.points_px[:, 0] - [x - 15, x, x + 15])
    assert apart.max() < 25  # of the 120 that it wanders
    assert ((found.confidence > 0) & (found.confidence < 1)).all()
    info = read_model_info(out)
    assert info.provenance["figures"]["error_px"] == pytest.approx(answer["error_px"], abs=1e-3)
    assert info.provenance["figures"]["learning_curve"] is None


def test_what_was_seen_is_not_read_again(tmp_path: Path) -> None:
    read: list[int] = []

    def counted(video: str, index: int) -> Image:
        read.append(index)
        return picture(video, index)

    namer, labelled = Namer(counted), drawn_labels(tmp_path, 6)
    out = tmp_path / "names.safetensors"
    ask(namer, labelled.take(range(5)), out)
    assert len(read) == 5
    ask(namer, labelled, out)
    assert read[5:] == [20]
    moved = replace(labelled, points_px=labelled.points_px + 2)
    ask(namer, moved, out)
    assert len(read) == 6


def test_judging_tells_of_more_labels(tmp_path: Path) -> None:
    out = tmp_path / "names.safetensors"
    ask(Namer(picture), drawn_labels(tmp_path, 12, 3), out)
    quick = read_model_info(out)
    ask(Namer(picture), drawn_labels(tmp_path, 12, 3), out, judge=True)
    judged = read_model_info(out)
    assert judged.sha256 == quick.sha256
    assert judged.provenance["figures"]["learning_curve"]["labels"] == [3, 4, 6, 8]
    assert judged.provenance["figures"]["calibration"]["count"]


def test_labels_that_cannot_be_read_are_left_out_and_said(tmp_path: Path) -> None:
    def torn(video: str, index: int) -> Image:
        if index == 4:
            raise FrameUnreadableError("Frame 4 of drawn.mp4 cannot be decoded.")
        return picture(video, index)

    labelled = drawn_labels(tmp_path, 4)
    gone = (tmp_path / "gone.mp4", 0)
    labelled = replace(labelled, sources=(*labelled.sources[:3], gone))
    answer = ask(Namer(torn), labelled, tmp_path / "names.safetensors")
    assert answer["frames"] == 2
    assert answer["skipped"] == [
        "gone.mp4 is gone: its labels are left out.",
        "Frame 4 of drawn.mp4 cannot be decoded. Its label is left out.",
    ]
    nowhere = replace(labelled, sources=(gone,) * 4)
    with pytest.raises(LimnerError, match="No labelled frame can be read"):
        ask(Namer(torn), nowhere, tmp_path / "names.safetensors")


def test_nothing_placed_is_said(tmp_path: Path) -> None:
    labelled = drawn_labels(tmp_path, 2)
    labelled = replace(labelled, points_px=np.full_like(labelled.points_px, np.nan))
    with pytest.raises(LimnerError, match="No landmark has a place yet"):
        ask(Namer(picture), labelled, tmp_path / "names.safetensors")


def test_a_second_layer_is_kept_and_weighed(tmp_path: Path) -> None:
    labelled, out = drawn_labels(tmp_path, 12), tmp_path / "names.safetensors"
    (tmp_path / "run").mkdir()
    second = second_layer(tmp_path / "run" / "second.safetensors")
    answer = ask(Namer(picture), labelled, out, second=str(second))
    assert answer["layer"] == ["second"] * 3  # nothing was held back to judge it by
    session = Session(out, "cpu")
    cuts = np.stack([cut(drawn_frame(i), CROP, session.image_size) for i in range(3)])
    points, _, gap = session.inspect_part(cuts)
    assert gap is not None
    assert np.isfinite(gap).all()
    alone = Session(second, "cpu")
    small = np.stack([cut(drawn_frame(i), CROP, alone.image_size) for i in range(3)])
    # Its maps are flat, so that the highest cell may be another for the other resampling.
    assert np.median(np.abs(points - alone.detect_cuts(small)[0])) < 0.01

    _hold_back(tmp_path / "run", labelled, error_px=40.0)
    assert ask(Namer(picture), labelled, out, second=str(second))["layer"] == ["first"] * 3
    _hold_back(tmp_path / "run", labelled, error_px=0.5)
    assert ask(Namer(picture), labelled, out, second=str(second))["layer"] == ["second"] * 3
    figures = read_model_info(out).provenance["figures"]
    assert figures["error_px_second"] == pytest.approx([0.5] * 3, abs=0.01)
    renamed = replace(labelled, skeleton=replace(labelled.skeleton, names=("a", "b", "c")))
    answer = ask(Namer(picture), renamed, out, second=str(second))
    assert answer["layer"] == ["first"] * 3
    assert answer["skipped"]


def _hold_back(folder: Path, labelled: LabelledFrames, error_px: float) -> None:
    header, _ = labelled.to_message()
    (folder / "names.json").write_text(json.dumps({"labelled": header}))
    rng = np.random.default_rng(0)
    points = labelled.crop_points()
    points[..., 1] += error_px / (CROP.side_px / 2)
    raw = rng.uniform(0.1, 0.9, (3, *points.shape[:2])).astype(np.float32)
    np.savez(
        folder / "held_back.npz",
        points_norm=points,
        peak=raw[0],
        spread=raw[1],
        apart=raw[2],
        visible=raw[0],
    )
    # Kept by the file's size and time: another time stands for another file.
    path = folder / "second.safetensors"
    path.write_bytes(path.read_bytes())


def test_a_damaged_account_of_what_was_held_back_is_refused(tmp_path: Path) -> None:
    labelled, second = drawn_labels(tmp_path, 3), second_layer(tmp_path / "second.safetensors")
    (tmp_path / "held_back.npz").write_bytes(b"no numbers at all")
    (tmp_path / "names.json").write_text("{}")
    with pytest.raises(ModelError, match=r"held_back.npz cannot be read.*learn anew"):
        ask(Namer(picture), labelled, tmp_path / "names.safetensors", second=str(second))


def test_only_models_that_discovered_landmarks_are_a_base(tmp_path: Path) -> None:
    labelled, out = drawn_labels(tmp_path, 3), tmp_path / "names.safetensors"
    ask(Namer(picture), labelled, out)
    with pytest.raises(ModelError, match="no landmarks of its own"):
        ask(Namer(picture), labelled, tmp_path / "other.safetensors", base=str(out))


def test_a_named_model_does_not_redraw(tmp_path: Path) -> None:
    out = tmp_path / "names.safetensors"
    ask(Namer(picture), drawn_labels(tmp_path, 3), out)
    session = Session(out, "cpu")
    with pytest.raises(ModelError, match=r"cannot redraw them.*choose the model it was made from"):
        session.hold(drawn_frame(0), CROP)
    with pytest.raises(ModelError, match="cannot redraw"):
        session.encode(cut(drawn_frame(0), CROP, session.image_size))


def test_a_named_model_renders_nothing_and_says_so_at_once(tmp_path: Path) -> None:
    out = tmp_path / "names.safetensors"
    ask(Namer(picture), drawn_labels(tmp_path, 3), out)
    clip = EditJob(
        Clip(tmp_path / "none.mp4", CropTrack.fixed(CROP), 0, 1), {}, None, 0, sharp=True
    )
    with pytest.raises(ModelError, match="cannot redraw"):
        render(Session(out, "cpu"), clip, tmp_path / "out.mp4", lambda _: None)
