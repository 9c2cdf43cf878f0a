"""Small models warp drawn frames as their bare networks do, and are asked through messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch

from engine_fixtures import drawn_frame, drawn_video, tiny_fabnet, tiny_model, tiny_warp_model
from limner_engine.coordinates import cut
from limner_engine.cropping import CropTrack
from limner_engine.errors import LimnerError, ModelError
from limner_engine.inference import warp_session
from limner_engine.inference.device import DeviceSpec
from limner_engine.inference.frame_warp import CroppedFrame, FrameWarp, WarpPair
from limner_engine.inference.protocol import Message
from limner_engine.inference.warp_answers import Warper, embed_range
from limner_engine.inference.warp_session import WarpSession
from limner_engine.model_file import load_model
from limner_engine.models.class_embedding import ClassEmbedding
from limner_engine.types import Crop, Image
from limner_engine.video.reader import VideoReader

CROP = Crop(80.0, 60.0, 100.0, 0.2)
OTHER = Crop(70.0, 64.0, 90.0)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    """On a busy computer two threads wait for each other at every small layer."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_warp_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


def warped(session: WarpSession, level: int | None = None) -> FrameWarp:
    frames = session.encode(drawn_frame(0), CROP), session.encode(drawn_frame(9), OTHER)
    return session.warp(*frames).level(level)


def plain_units(frame: Image, crop: Crop) -> torch.Tensor:
    return torch.from_numpy(cut(frame, crop, 32)).permute(2, 0, 1)[None].float() / 255


def test_float32_is_what_the_bare_network_says(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = DeviceSpec("cpu", torch.float32, "CPU fp32")
    monkeypatch.setattr(warp_session, "choose_device", lambda _: plain)
    session = WarpSession(model, threads=1)
    found = warped(session)
    network = cast("ClassEmbedding", load_model(model).model)
    source, target = plain_units(drawn_frame(0), CROP), plain_units(drawn_frame(9), OTHER)
    with torch.inference_mode():
        redrawn, warp = network(source, target)
        flow, confidence = network.flow(warp), network.confidence(warp)
    assert found.sides == (8, 16, 32)
    assert found.level == 2
    np.testing.assert_allclose(found.flow_px, flow.mode[0].numpy() * 16, atol=0.01)
    np.testing.assert_allclose(found.expected_px, flow.mean[0].numpy() * 16, atol=0.01)
    np.testing.assert_allclose(found.peak, flow.peak[0].numpy(), atol=1e-3)
    np.testing.assert_allclose(found.spread_px, flow.spread[0].numpy() * 16, atol=0.05)
    assert found.confidence is not None
    np.testing.assert_allclose(found.confidence, confidence[0].numpy(), atol=1e-4)
    assert np.ptp(found.confidence) > 1e-3
    colours = redrawn[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(found.redrawn - colours).max() < 1
    embeddings = session.embed([drawn_frame(0), drawn_frame(9)], [CROP, OTHER])
    with torch.inference_mode():
        expected = network.embed(torch.cat([source, target])).numpy()
    np.testing.assert_allclose(embeddings, expected, atol=1e-4)
    assert session.embed([], []).shape == (0, 16)


def test_quick_arithmetic_is_nearly_the_same(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for dtype in (torch.bfloat16, torch.float32):
        device = DeviceSpec("cpu", dtype, "CPU")
        monkeypatch.setattr(warp_session, "choose_device", lambda _, device=device: device)
        found.append(warped(WarpSession(model, threads=1), 0))
    quick, exact = found
    assert not np.array_equal(quick.expected_px, exact.expected_px)
    assert np.abs(quick.expected_px - exact.expected_px).mean() < 0.2
    assert np.abs(quick.redrawn.astype(int) - exact.redrawn).mean() < 4


def test_levels_have_their_own_sides(model: Path) -> None:
    session = WarpSession(model, "cpu", 1)
    assert [warped(session, level).redrawn.shape[0] for level in range(3)] == [8, 16, 32]


def test_models_that_warp_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not warp"):
        WarpSession(tiny_model(tmp_path / "imm.safetensors"), "cpu", 1)


class Asked:
    """A `Warper`, and what it read and sent."""

    def __init__(self, *pictures: Image) -> None:
        self.read: list[tuple[str, int]] = []
        self.sent: list[tuple[dict[str, Any], Any]] = []
        self.warper = Warper(
            self._frame, lambda *part: self.sent.append(part), device="cpu", threads=1
        )

    def _frame(self, video: str, index: int) -> Image:
        self.read.append((Path(video).name, index))
        return drawn_frame(index)


@pytest.fixture
def videos(tmp_path: Path) -> tuple[Path, Path]:
    """Two files; what is in them is drawn by `Asked`."""
    made = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for path in made:
        path.write_bytes(b"frames")
    return made


def question(model: Path, videos: tuple[Path, Path], target: int = 9, **more: Any) -> Message:
    source = CroppedFrame(videos[0], 0, CROP)
    pair = WarpPair(model, source, CroppedFrame(videos[1], target, OTHER))
    return Message({"id": 1, **pair.to_json(), **more})


def test_every_frame_is_read_once_and_the_last_pair_is_kept(
    model: Path, videos: tuple[Path, Path]
) -> None:
    asked = Asked()
    header, arrays = asked.warper.warp(question(model, videos, level=None))
    finest = FrameWarp.from_message(header, arrays)
    coarsest = FrameWarp.from_message(*asked.warper.warp(question(model, videos, level=0)))
    assert (finest.side, coarsest.side) == (32, 8)
    assert header["label"].startswith("CPU")
    assert asked.read == [("a.mp4", 0), ("b.mp4", 9)]
    asked.warper.warp(question(model, videos, 12))
    assert asked.read[2:] == [("b.mp4", 12)]
    header, (share, places) = asked.warper.warp_pixel(
        question(model, videos, x=70.0, y=64.0, most=3)
    )
    assert asked.read[3:] == []  # the pair before: made anew from what was kept
    assert header["level"] == 2
    assert share.sum() == pytest.approx(1, abs=1e-4)
    assert 1 <= len(places) <= 3
    cell = finest.source_px(CROP)[16, 16]  # the crop's middle is a corner of this cell
    np.testing.assert_allclose(places[0, :2], cell, atol=0.01)
    header, _ = asked.warper.warp_pixel(question(model, videos, x=5.0, y=64.0, most=3))
    assert header["outside"]


def test_a_changed_file_is_looked_at_again(tmp_path: Path, videos: tuple[Path, Path]) -> None:
    model = tiny_warp_model(tmp_path / "m.safetensors")
    asked = Asked()
    asked.warper.warp(question(model, videos, level=None))
    videos[1].write_bytes(b"other frames")
    asked.warper.warp(question(model, videos, level=None))
    assert asked.read == [("a.mp4", 0), ("b.mp4", 9), ("b.mp4", 9)]
    tiny_warp_model(model, levels=2, seed=1)
    header, _ = asked.warper.warp(question(model, videos, level=None))
    assert header["sides"] == [8, 16]
    with pytest.raises(ModelError, match="no level 2"):
        asked.warper.warp(question(model, videos, level=2))
    model.unlink()
    with pytest.raises(ModelError, match="no file"):
        asked.warper.warp(question(model, videos, level=None))


def test_a_baseline_answers_too(tmp_path: Path, videos: tuple[Path, Path]) -> None:
    model = tiny_fabnet(tmp_path / "f.safetensors")
    asked = Asked()
    warp = FrameWarp.from_message(*asked.warper.warp(question(model, videos)))
    assert warp.confidence is None
    assert warp.sides == (16,)
    assert np.abs(warp.flow_px).max() > 0.01
    _, (share, places) = asked.warper.warp_pixel(question(model, videos, x=70.0, y=64.0, most=3))
    assert share.sum() == pytest.approx(1, abs=1e-4)
    assert len(places) == 1


def test_a_range_is_embedded_in_chunks(model: Path, tmp_path: Path) -> None:
    video = drawn_video(tmp_path / "v.mp4", frames=20)
    asked = Asked()
    header = {"id": 7, "model": str(model), "video": str(video), "start": 1, "stop": 20}
    asked.warper.embed(Message({**header, "track": CropTrack.fixed(CROP).to_json()}))
    assert [(part["id"], part["chunk"]) for part, _ in asked.sent] == [(7, 1), (7, 17)]
    whole = np.concatenate([blobs[0] for _, blobs in asked.sent])
    assert whole.shape == (19, 16)
    session = WarpSession(model, "cpu", 1)
    with VideoReader(video, threads=1) as reader:
        alone = session.embed([reader[5]], [CROP])[0]
        with pytest.raises(LimnerError, match="no frames"):
            next(embed_range(session, reader, CropTrack.fixed(CROP), 0, 21))
    np.testing.assert_allclose(whole[4], alone, atol=0.05 * np.abs(alone).max())
    assert np.abs(whole[4] - whole[15]).max() > np.abs(whole[4] - alone).max()


def test_frames_that_cannot_be_read_are_rows_of_nothing(model: Path) -> None:
    class Damaged:
        frame_count = 3
        path = Path("v.mp4")

        def read(self, start: int, stop: int) -> Any:
            return ((i, None if i == 1 else drawn_frame(i)) for i in range(start, stop))

    session = WarpSession(model, "cpu", 1)
    reader: Any = Damaged()
    [(first, found)] = embed_range(session, reader, CropTrack.fixed(CROP), 0, 3)
    assert first == 0
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[[0, 2]]).all()
