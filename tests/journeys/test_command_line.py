"""From a video to a model, tables, a redrawn frame and an export, as a person types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import limner_resources
from limner_engine.formats import read_dlc, read_tidy
from limner_engine.project import Project
from limner_engine.video.reader import VideoReader
from limner_engine.video.writer import VideoWriter

SAMPLE = limner_resources.sample_video()


def _limner(*words: object, ok: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "limner_app", *map(str, words)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=280,
        check=False,
    )
    if ok:
        assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def _answer(*words: object) -> Any:
    return json.loads(_limner(*words, "--json").stdout)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learned") / "run"
    answer = _answer(
        "train", SAMPLE, "--out", folder, "--steps", 12, "--minutes", 0, "--batch", 8,
        "--colour-steps", 2, "--landmarks", 5, "--frames-per-video", 40, "--name", "little fox",
    )  # fmt: skip
    assert answer["steps"] == 12
    assert Path(answer["model"]).is_file()
    assert answer["held_back_ratio"] > 0
    return folder


def test_train_refuses_a_folder_that_holds_a_run(run: Path) -> None:
    done = _limner("train", SAMPLE, "--out", run, ok=False)
    assert done.returncode == 2
    assert "--resume" in done.stderr
    again = _limner("train", "--resume", run, ok=False)
    assert again.returncode == 2
    assert "finished" in again.stderr


def test_detect_writes_deeplabcut(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "fox.csv"
    answer = _answer("detect", SAMPLE, "--model", run, "--crop", "whole", "--out", out)
    assert answer["outputs"] == [str(out)]
    (facts,) = answer["videos"]
    assert facts["frames"] == 250
    assert facts["unreadable"] == []
    table = read_dlc(out)
    np.testing.assert_array_equal(table.frames, np.arange(250))
    assert table.names == tuple(f"point {i}" for i in range(1, 6))
    assert np.isfinite(table.points).all()
    assert [path.name for path in tmp_path.iterdir()] == ["fox.csv"]


def test_detect_of_several_videos(run: Path, tmp_path: Path) -> None:
    second = tmp_path / "again" / SAMPLE.name
    second.parent.mkdir()
    second.write_bytes(SAMPLE.read_bytes())
    words = [SAMPLE, second, "--model", run, "--crop", "256,256,400"]
    _limner("detect", *words, "--out", tmp_path / "both.csv")
    tables = read_tidy(tmp_path / "both.csv")
    assert [len(table.frames) for table in tables] == [250, 250]
    assert len({table.video for table in tables}) == 2
    _limner("detect", *words, "--out", tmp_path / "tables")
    names = sorted(path.name for path in (tmp_path / "tables").iterdir())
    assert names == ["sample-2.csv", "sample.csv"]


def test_unreadable_frames_are_empty_and_told(run: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    data = bytearray(SAMPLE.read_bytes())
    start = len(data) // 3
    data[start : start + 4000] = bytes(4000)
    broken.write_bytes(data)
    with VideoReader(broken) as reader:
        expected = list(reader.health.unreadable)
        count = reader.frame_count
    if not expected:
        pytest.fail("the damage did not make a frame unreadable")
    answer = _answer(
        "detect", broken, "--model", run, "--crop", "whole", "--out", tmp_path / "broken.csv"
    )
    (facts,) = answer["videos"]
    assert facts["unreadable"] == expected
    table = read_dlc(tmp_path / "broken.csv")
    assert len(table.frames) == count
    empty = np.isnan(table.points).all(axis=(1, 2))
    np.testing.assert_array_equal(np.flatnonzero(empty), expected)


def test_edit_shows_before_and_after(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "edited.png"
    answer = _answer(
        "edit", SAMPLE, "--model", run, "--frame", 30, "--crop", "whole",
        "--move", "point 2=+20,-10", "--move", "point 4=200,210", "--out", out,
    )  # fmt: skip
    before, after = answer["before"], answer["after"]
    np.testing.assert_allclose(
        np.subtract(after["point 2"], before["point 2"]), [20, -10], atol=1e-3
    )
    assert after["point 4"] == [200, 210]
    assert after["point 1"] == before["point 1"]
    assert cv2.imread(str(out)).shape == (512, 2 * 512 + 8, 3)
    wrong = _limner(
        "edit", SAMPLE, "--model", run, "--frame", 1, "--move", "tail=+1,+1",
        "--out", tmp_path / "no.png", ok=False,
    )  # fmt: skip
    assert wrong.returncode == 2
    assert "point 1" in wrong.stderr
    assert not (tmp_path / "no.png").exists()


def test_export_of_a_project(run: Path, tmp_path: Path) -> None:
    from limner_engine.model_file import read_model_info
    from limner_engine.types import FrameKey

    path = tmp_path / "fox.limner"
    with Project.create(path) as project, VideoReader(SAMPLE) as reader:
        video = project.add_video(
            SAMPLE,
            fingerprint=reader.fingerprint,
            frame_count=reader.frame_count,
            width=reader.width,
            height=reader.height,
            frame_rate=float(reader.frame_rate),
        )
        info = read_model_info(run / "model.safetensors")
        project.set_skeleton(info.skeleton)
        project.current_model_id = project.add_model(info, run / "model.safetensors")
        points = np.full((250, 5, 2), 7.0, np.float32)
        confidence = np.full((250, 5), 0.5, np.float32)
        project.write_predictions(video.id, project.current_model_id, 0, 0, points, confidence)
        project.annotate(FrameKey(video.id, 3), {1: (40.0, 50.0, True)}, author="me")
    answer = _answer("export", path, "--out", tmp_path / "fox.csv")
    assert answer["videos"][0]["corrected"] == 1
    table = read_dlc(tmp_path / "fox.csv")
    np.testing.assert_array_equal(table.points[3, 1], [40, 50])
    np.testing.assert_array_equal(table.points[4, 1], [7, 7])
    _limner("export", path, "--out", tmp_path / "tables", "--format", "tidy")
    (tidy,) = read_tidy(tmp_path / "tables" / "landmarks.csv")
    assert tidy.source[3, 1] == "person:me"
    with Project.open(path):
        locked = _limner("export", path, "--out", tmp_path / "locked.csv", ok=False)
    assert locked.returncode == 2
    assert not (tmp_path / "locked.csv").exists()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C reaches processes another way there")
def test_interrupt_ends_learning_and_keeps_the_model(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = [SAMPLE, "--out", folder, "--minutes", 30, "--batch", 4, "--frames-per-video", 30]
    words += ["--colour-steps", 2]
    command = [sys.executable, "-m", "limner_app", "train", *map(str, words)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        events = folder / "events.jsonl"
        end = time.monotonic() + 250
        while not (events.is_file() and '"progress"' in events.read_text("utf-8")):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.1)
        # As a terminal does it: to the whole group.
        os.killpg(process.pid, signal.SIGINT)
        out, said = process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == 0, said
    assert "stopped early" in out
    assert (folder / "model.safetensors").is_file()


def test_demo_leaves_everything(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    report = _answer("demo", "--out", out, "--minutes", 0.05)
    assert sorted(path.name for path in out.iterdir()) == sorted(report["files"])
    stored = json.loads((out / "report.json").read_text("utf-8"))
    assert stored == report
    assert stored["frames"] == 250
    assert stored["held_back_loss_ratio"] > 0
    assert stored["landmark_error_px"] > 0
    ships = "sample" in limner_resources.bundled_models()
    assert ("bundled_model_landmark_error_px" in stored) == ships
    with VideoReader(out / "overlay.mp4") as overlay:
        assert (overlay.frame_count, overlay.width, overlay.height) == (250, 512, 512)
    assert len(read_dlc(out / "landmarks.csv").frames) == 250
    window = cv2.imread(str(out / "window.png"))
    assert window.shape == (900, 1600, 3)
    assert window.std() > 10


def test_demo_of_several_videos_makes_a_folder_each(tmp_path: Path) -> None:
    videos = [tmp_path / "first" / "fox.mp4", tmp_path / "second" / "fox.mp4"]
    with VideoReader(SAMPLE) as reader:
        for video in videos:
            video.parent.mkdir()
            with VideoWriter(video, 128, 128, 25) as writer:
                for _, frame in reader.read(0, 100, 4):
                    assert frame is not None
                    writer.write(np.ascontiguousarray(frame[::4, ::4]))
    out = tmp_path / "demo"
    reports = _answer("demo", *videos, "--out", out, "--minutes", 0.02)
    assert [report["frames"] for report in reports] == [25, 25]
    assert sorted(path.name for path in out.iterdir()) == ["fox", "fox-2"]
    assert all((out / name / "report.json").is_file() for name in ("fox", "fox-2"))
    assert "landmark_error_px" not in reports[0]


def test_demo_that_cannot_be_done_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    still = tmp_path / "still.mp4"
    with VideoReader(SAMPLE) as reader, VideoWriter(still, 512, 512, 25) as writer:
        writer.write(reader[0])
    out = tmp_path / "demo"
    out.mkdir()
    (out / "report.json").write_text("from before", "utf-8")
    done = _limner("demo", still, "--out", out, "--minutes", 0.02, ok=False)
    assert done.returncode == 2
    assert "still.mp4" in done.stderr
    assert (out / "report.json").read_text("utf-8") == "from before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "still.mp4"]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C reaches processes another way there")
def test_interrupt_closes_an_idle_window() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "limner_app"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        # Long enough to be idle on a quick machine; a slow one is interrupted while it starts.
        time.sleep(6)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode in (0, 130), said
    assert "Traceback" not in said
