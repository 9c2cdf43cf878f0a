from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine_fixtures import drawn_frame, drawn_video, tiny_model
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import FrameUnreadableError, VideoError
from limner_engine.inference.found_again import FoundAgain
from limner_engine.inference.nearest_looks import nearest_looks
from limner_engine.inference.render_job import (
    Clip,
    EditJob,
    Looks,
    RenderJob,
    SwapJob,
    ramp_weights,
)
from limner_engine.inference.rendering import (
    beside,
    own_points,
    render,
    render_picture,
    smoothed,
)
from limner_engine.inference.session import Session
from limner_engine.types import Crop, Image
from limner_engine.video.reader import VideoReader

FRAMES = 20
CROP = Crop(80.0, 60.0, 100.0)
TRACK = CropTrack.fixed(CROP)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors"), "cpu", 1)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn_video(tmp_path_factory.mktemp("video") / "disc.mp4", FRAMES)


def frames_of(path: Path) -> list[Image]:
    with VideoReader(path) as reader:
        return list(reader)


def off(one: Image, other: Image) -> float:
    return float(np.abs(one.astype(np.float32) - other).mean())


def test_steady_motion_stays_where_it_is_and_trembling_goes() -> None:
    steady = np.arange(12, dtype=np.float32)[:, None, None] * np.ones((1, 3, 2), np.float32)
    np.testing.assert_allclose(smoothed(steady), steady, atol=1e-6)
    trembling = steady.copy()
    trembling[::2] += 0.5
    calm = np.abs(np.diff(smoothed(trembling), 2, axis=0))[2:-2]
    assert calm.max() < 0.15 * np.abs(np.diff(trembling, 2, axis=0)).min()
    gap = trembling.copy()
    gap[5] = np.nan
    assert np.isnan(smoothed(gap)[5]).all()
    assert np.isfinite(np.delete(smoothed(gap), 5, axis=0)).all()
    np.testing.assert_array_equal(smoothed(steady[:1]), steady[:1])
    np.testing.assert_array_equal(smoothed(steady[:2]), steady[:2])


def test_an_edit_comes_in_and_goes_out() -> None:
    np.testing.assert_array_equal(ramp_weights(4, 0), np.ones(4))
    weights = ramp_weights(11, 3)
    np.testing.assert_allclose(weights, weights[::-1])
    np.testing.assert_array_equal(weights[3:8], 1)
    assert (np.diff(weights[:4]) > 0).all()
    assert 0 < weights[0] < 0.2
    assert ramp_weights(3, 9).max() < 1


def test_an_edit_goes_along_the_clip_and_leaves_the_rest_of_the_frame(
    session: Session, video: Path, tmp_path: Path
) -> None:
    out = tmp_path / "edited.mp4"
    shares: list[float] = []
    small = CropTrack.fixed(Crop(110.0, 60.0, 70.0))
    job = EditJob(Clip(video, small, 4, 16), {0: (0.4, 0.2), 3: (-0.3, 0.4)}, None, 2, True)
    done = render(session, job, out, shares.append)
    assert (done.frames, done.unreadable, done.geometry_error) == (12, 0, None)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    before, after = frames_of(video)[4:16], frames_of(out)
    inside = [off(a[30:90, 80:140], b[30:90, 80:140]) for a, b in zip(after, before, strict=True)]
    outside = [off(a[:, :60], b[:, :60]) for a, b in zip(after, before, strict=True)]
    assert max(outside) < 2.5  # H.264 twice
    assert min(inside[3:-3]) > 1.5 * max(outside)
    assert inside[0] < inside[4]


def test_an_edit_without_offsets_is_the_video(
    session: Session, video: Path, tmp_path: Path
) -> None:
    out = tmp_path / "same.mp4"
    render(session, EditJob(Clip(video, TRACK, 0, 5), {}, None, 0, True), out, lambda _: None)
    assert max(map(off, frames_of(out), frames_of(video))) < 2.5


def test_other_looks_come_in_as_a_dissolve(session: Session, video: Path, tmp_path: Path) -> None:
    out = tmp_path / "looks.mp4"
    looks = Looks(video, 19, CROP)
    job = EditJob(Clip(video, TRACK, 0, 9), {}, looks, 3, True)
    render(session, job, out, lambda _: None)
    differences = list(map(off, frames_of(out), frames_of(video)))
    assert differences[0] < differences[1] < differences[4]


def test_a_frame_swapped_with_itself_is_itself(session: Session, video: Path) -> None:
    job = SwapJob(Clip(video, TRACK, 7, 8), Looks(video, 7, CROP), False, True, False)
    picture, done = render_picture(session, job)
    assert off(picture, frames_of(video)[7]) < 0.5
    assert done.geometry_error is not None
    assert done.geometry_error < 0.01


def test_a_swap_has_the_size_of_the_looks_and_the_length_of_the_clip(
    session: Session, video: Path, tmp_path: Path
) -> None:
    wide = drawn_video(tmp_path / "wide.mp4", 3, 200, 100)
    looks = Looks(wide, 1, Crop(100.0, 50.0, 90.0))
    out = tmp_path / "swapped.mp4"
    job = SwapJob(Clip(video, TRACK, 2, 9), looks, True, False, True)
    done = render(session, job, out, lambda _: None, measure=True)
    assert done.geometry_error is not None
    assert 0 < done.geometry_error < 1
    with VideoReader(out) as reader:
        assert reader.frame_count == done.frames == 7
        assert reader.frame_rate == 30
        assert (reader.width, reader.height) == (133 + 200 + 1, 100)
        right = reader[3][:, 133:333]
    # From an odd column on, colours of its neighbour run in.
    assert off(right[:, 4:30], frames_of(wide)[1][:, 4:30]) < 6


def test_relative_motion_begins_at_the_looks_own_pose(session: Session, video: Path) -> None:
    looks = Looks(video, 15, CROP)
    clip = Clip(video, TRACK, 3, 4)
    picture, _ = render_picture(session, SwapJob(clip, looks, True, True, False))
    assert off(picture, frames_of(video)[15]) < 0.5
    absolute, _ = render_picture(session, SwapJob(clip, looks, False, True, False))
    assert (absolute != picture).any()


def test_unreadable_frames_stand_still_and_are_counted(
    session: Session, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = VideoReader.__getitem__

    def damaged(reader: VideoReader, index: int) -> Image:
        if index in broken:
            raise FrameUnreadableError(f"Frame {index} cannot be read.")
        return whole(reader, index)

    broken = {0, 1, 5}
    monkeypatch.setattr(VideoReader, "__getitem__", damaged)
    clip, looks = Clip(video, TRACK, 0, 8), Looks(video, 12, CROP)
    jobs: list[RenderJob] = [
        SwapJob(clip, looks, True, True, False),
        SwapJob(clip, looks, False, True, True),
        EditJob(clip, {1: (0.3, 0.3)}, None, 0, True),
    ]
    for job in jobs:
        done = render(session, job, tmp_path / "out.mp4", lambda _: None)
        assert (done.frames, done.unreadable) == (8, 3)
    broken = set()
    after = frames_of(tmp_path / "out.mp4")
    assert off(after[0], after[2]) < 1 > off(after[5], after[4])
    assert off(after[6], after[4]) > 1
    broken = set(range(8))
    with pytest.raises(VideoError, match="None of these frames"):
        render(session, jobs[0], tmp_path / "no.mp4", lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_stopped_at_any_time_it_leaves_what_was_there(
    session: Session, video: Path, tmp_path: Path
) -> None:
    out = tmp_path / "edited.mp4"
    out.write_bytes(b"older")
    job = EditJob(Clip(video, TRACK, 0, 20), {1: (0.3, 0.3)}, None, 0, True)

    def stopped_behind(limit: float) -> Callable[[float], None]:
        def progress(share: float) -> None:
            if share > limit:
                raise KeyboardInterrupt

        return progress

    for limit in (0.0, 0.5, 0.99):
        with pytest.raises(KeyboardInterrupt):
            render(session, job, out, stopped_behind(limit))
        assert [path.name for path in tmp_path.iterdir()] == ["edited.mp4"]
        assert out.read_bytes() == b"older"


def test_landmarks_are_found_again_where_they_are(session: Session) -> None:
    again, wrong = FoundAgain(session, CROP), FoundAgain(session, CROP)
    assert again.error() is None
    for index in range(18):
        frame = drawn_frame(index)
        points = own_points(session, frame, CROP)
        points[2] = np.nan
        again.look(frame, points)
        wrong.look(frame, points + np.array([0.06, 0.08], np.float32))
    error, far = again.error(), wrong.error()
    assert error is not None
    assert far is not None
    assert error < 0.005
    assert far == pytest.approx(0.05, abs=0.005)


def test_the_nearest_looks_are_those_of_the_frame_itself(session: Session, video: Path) -> None:
    shares: list[float] = []
    with VideoReader(video) as reader:
        clip = Clip(video, TRACK, 11, 12)
        nearest = nearest_looks(session, (reader, TRACK), (reader, clip), shares.append)
        first = nearest_looks(
            session,
            (reader, TRACK),
            (reader, Clip(video, TRACK, 4, 20)),
            shares.append,
            relative=True,
        )
    assert (nearest.video, nearest.frame, nearest.crop) == (video, 11, CROP)
    assert first.frame == 4
    assert shares[-1] == 1


def test_relative_motion_counts_from_the_first_frame_that_can_be_read(
    session: Session, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = VideoReader.__getitem__

    def damaged(reader: VideoReader, index: int) -> Image:
        if index in broken:
            raise FrameUnreadableError(f"Frame {index} cannot be read.")
        return whole(reader, index)

    broken = {4, 5}
    monkeypatch.setattr(VideoReader, "__getitem__", damaged)
    with VideoReader(video) as reader:
        driving = (reader, Clip(video, TRACK, 4, 9))

        def nearest() -> Looks:
            return nearest_looks(session, (reader, TRACK), driving, lambda _: None, relative=True)

        assert nearest().frame == 6
        broken = set(range(4, 9))
        with pytest.raises(VideoError, match="None of these frames"):
            nearest()


def test_pictures_beside_each_other_have_one_height() -> None:
    left, right = drawn_frame(1, 160, 120), drawn_frame(2, 100, 60)
    both = beside(left, right)
    assert both.shape == (60, 180, 3)
    np.testing.assert_array_equal(both[:, 80:], right)
