"""The main job without a screen, from a video to landmarks, a redrawn frame and a model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from limner_app.commands.learning import learn
from limner_app.commands.looking import Found, as_table, choose_crops, find_landmarks
from limner_app.commands.pictures import (
    before_and_after,
    curve_picture,
    draw_landmarks,
)
from limner_app.commands.redrawing import redraw
from limner_app.progress import long_work
from limner_engine.errors import LimnerError
from limner_engine.formats.png_file import write_png
from limner_engine.types import Floats, ModelInfo
from limner_resources import bundled_models, sample_landmarks, sample_video
from limner_training.config import TrainConfig
from limner_training.events import HeldBack, Progress
from limner_training.run_folder import RunFolder

if TYPE_CHECKING:
    from limner_engine.cropping import CropTrack
    from limner_engine.inference.session import Session
    from limner_engine.video.reader import VideoReader

HELD_BACK = 0.15
"""Share at the end of the video that is never learned from."""

FILES = (
    "landmarks.csv",
    "overlay.mp4",
    "edited.png",
    "loss.png",
    "window.png",
    "model.safetensors",
    "report.json",
)


def demonstrate(
    video: Path, folder: Path, minutes: float, *, sharp: bool = True
) -> dict[str, Any]:
    """Do the job for one video.

    Args:
        video: The video.
        folder: Where the files go; older ones of the same names are replaced.
        minutes: Time to learn.
        sharp: Whether the redrawn frame keeps the video's detail.

    Returns:
        The report, as it stands in ``report.json``.
    """
    began = time.perf_counter()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that what was there stays until all of this is whole.
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            made = Path(beside)
            report = _demonstrate(video, made, minutes, sharp)
            report["seconds"] = round(time.perf_counter() - began, 1)
            report["files"] = list(FILES)
            text = json.dumps(report, indent=1) + "\n"
            (made / "report.json").write_text(text, "utf-8")
            missing = [name for name in FILES if not (made / name).is_file()]
            if missing:
                raise RuntimeError(f"the demo did not leave {', '.join(missing)}")
            folder.mkdir(exist_ok=True)
            for name in FILES:
                (made / name).replace(folder / name)
    except OSError as error:
        raise LimnerError(
            f"{folder} cannot be written: {error.strerror or error}.", "Choose another with --out."
        ) from error
    return report


def _demonstrate(video: Path, folder: Path, minutes: float, sharp: bool) -> dict[str, Any]:
    """Everything but the report itself."""
    from limner_engine.inference.session import Session
    from limner_engine.video.reader import VideoReader

    is_sample = video.resolve() == sample_video()
    known = sample_landmarks().points_px if is_sample else None
    scratch = folder / "scratch"
    scratch.mkdir()
    report: dict[str, Any] = {"video": video.name}
    with VideoReader(video) as reader:
        report.update(_look_through(reader))
        with long_work(f"Looking for what to learn in {video.name}") as advance:
            track = choose_crops(reader, "auto", advance)
        report["crop"] = track.mode
        landmarks = 10 if known is None else known.shape[1]
        run = _learn(video, track, scratch, minutes, landmarks)
        report.update(_figures_of(run))
        write_png(folder / "loss.png", _loss_picture(run))
        model = folder / "model.safetensors"
        shutil.copyfile(run.model_path, model)

        session = Session(model)
        with long_work("Finding landmarks") as advance:
            found = find_landmarks(session, reader, track, advance)
        report["detected_frames_per_s"] = round(found.frames_per_s, 1)
        report["device"] = session.label
        report["mean_confidence"] = round(float(np.nanmean(found.confidence)), 4)
        if known is not None:
            report.update(landmark_error(found.points_px, known))
            report.update(bundled_error(reader, track, known))
        report["table"] = _write_table(folder / "landmarks.csv", reader, session.info, found)
        with long_work("Drawing landmarks over the video") as advance:
            _write_overlay(folder / "overlay.mp4", reader, session.info, found, advance)
        report["edit"] = _write_edit(folder / "edited.png", session, reader, track, found, sharp)
        project = scratch / "demo.limner"
        _make_project(project, reader, track, model, session.info, found)
        _picture_window(project, folder / "window.png", report["edit"]["frame"])
    return report


def landmark_error(found_px: Floats, known_px: NDArray[np.float64]) -> dict[str, float]:
    """How well the known landmarks follow from the discovered ones by one linear map.

    The map is fitted on the frames that were learned from and tested on those that were not. A
    landmark is compared with the mean position too: what a map from nothing would give.

    Args:
        found_px: ``(N, K, 2)`` discovered, pixels.
        known_px: ``(N, L, 2)`` known, pixels.
    """
    count = len(known_px)
    inputs = np.concatenate(
        [found_px.reshape(count, -1).astype(np.float64), np.ones((count, 1))], axis=1
    )
    split = round(count * (1 - HELD_BACK))
    outputs = known_px.reshape(count, -1)
    # A little ridge: discovered landmarks may lie on one another.
    scale = np.eye(inputs.shape[1]) * (0.1 * count)
    scale[-1, -1] = 0.0
    learned, target = inputs[:split], outputs[:split]
    weights = np.linalg.solve(learned.T @ learned + scale, learned.T @ target)
    error = _distance(inputs[split:] @ weights, outputs[split:])
    chance = _distance(np.broadcast_to(target.mean(0), outputs[split:].shape), outputs[split:])
    return {
        "landmark_error_px": round(error, 2),
        "landmark_error_of_mean_position_px": round(chance, 2),
        "landmark_error_frames": count - split,
    }


def bundled_error(
    reader: VideoReader, track: CropTrack, known_px: NDArray[np.float64]
) -> dict[str, Any]:
    """The landmark error of the model that ships for the sample, to compare with; none, nothing.

    It learned for longer than the demo does, and from which frames its card says.
    """
    from limner_engine.inference.session import Session

    path = bundled_models().get("sample")
    if path is None:
        return {}
    session = Session(path)
    with long_work("Finding landmarks with the bundled model") as advance:
        found = find_landmarks(session, reader, track, advance)
    error = landmark_error(found.points_px, known_px)
    return {
        "bundled_model": session.info.name,
        "bundled_model_sha256": session.info.sha256,
        "bundled_model_landmark_error_px": error["landmark_error_px"],
    }


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.hypot(*(a - b).reshape(-1, 2).T).mean())


def _look_through(reader: VideoReader) -> dict[str, Any]:
    """Decode everything once."""
    began = time.perf_counter()
    with long_work(f"Reading {reader.path.name}") as advance:
        for index, _ in reader.read(0, reader.frame_count):
            advance((index + 1) / reader.frame_count)
    seconds = time.perf_counter() - began
    return {
        "frames": reader.frame_count,
        "unreadable": list(reader.health.unreadable),
        "width": reader.width,
        "height": reader.height,
        "decoded_frames_per_s": round(reader.frame_count / seconds, 1),
    }


def _learn(
    video: Path, track: CropTrack, scratch: Path, minutes: float, landmarks: int
) -> RunFolder:
    source = str(video.absolute())
    crops = scratch / "crops.json"
    crops.write_text(json.dumps({source: json.loads(track.to_json())}), "utf-8")
    config = TrainConfig(
        sources=(source,),
        crops=str(crops),
        name=video.stem,
        landmarks=landmarks,
        minutes=minutes,
        held_back=HELD_BACK,
        preview_seconds=5.0,
    )
    run = RunFolder.adopt(scratch / "run", config)
    with long_work(f"Learning from {video.name}") as advance:
        learn(run, advance, lambda text: print(f"limner: {text}", file=sys.stderr))
    return run


def _figures_of(run: RunFolder) -> dict[str, Any]:
    events = run.events()
    ratios = [event for event in events if isinstance(event, HeldBack)]
    speeds = [event.images_per_s for event in events if isinstance(event, Progress)]
    done = run.outcome
    return {
        "learned_minutes": round(run.config.minutes, 2),
        "learned_steps": done.step if done else 0,
        "learned_pairs_per_s": round(float(np.median(speeds)), 1) if speeds else None,
        "held_back_loss": round(ratios[-1].loss, 5),
        "held_back_loss_ratio": round(ratios[-1].ratio, 4),
        "learning_figures": done.figures if done else {},
    }


def _loss_picture(run: RunFolder) -> Any:
    learned = [event for event in run.events() if isinstance(event, Progress)]
    held = [event for event in run.events() if isinstance(event, HeldBack)]
    curves = [
        (name, np.array([e.step for e in events], float), np.array([e.loss for e in events]))
        for name, events in (("frames learned from", learned), ("frames held back", held))
    ]
    return curve_picture(f"Loss while learning {run.config.name}", curves)


def _write_table(path: Path, reader: VideoReader, info: ModelInfo, found: Found) -> dict[str, Any]:
    from limner_engine.formats import write_dlc

    report = write_dlc(path, as_table(reader, info, found), scorer=info.name)
    return {"rows": report.rows, "unreadable": list(report.unreadable), "empty": len(report.empty)}


def _write_overlay(
    path: Path, reader: VideoReader, info: ModelInfo, found: Found, advance: Any
) -> None:
    """The video with its landmarks; an unreadable frame repeats the one before, dark if first."""
    from limner_engine.video.writer import VideoWriter

    image = np.zeros((reader.height, reader.width, 3), np.uint8)
    with VideoWriter(path, reader.width, reader.height, reader.frame_rate) as writer:
        for index, frame in reader.read(0, reader.frame_count):
            if frame is not None:
                image = draw_landmarks(frame, found.points_px[index], info.skeleton)
            writer.write(image)
            advance((index + 1) / reader.frame_count)


def _write_edit(
    path: Path,
    session: Session,
    reader: VideoReader,
    track: CropTrack,
    found: Found,
    sharp: bool,
) -> dict[str, Any]:
    """Drag the landmark that moves most, as far as it goes by itself, in a frame near rest."""
    points = found.points_px
    readable = np.flatnonzero(np.isfinite(points).all(axis=(1, 2)))
    mean = points[readable].mean(axis=0)
    spread = points[readable].std(axis=0)
    chosen = int(np.hypot(*spread.T).argmax())
    rest = np.hypot(*np.moveaxis(points[readable] - mean, -1, 0)).sum(axis=1).argmin()
    frame_index = int(readable[rest])
    # Along the direction in which it moves most, two standard deviations far.
    around = points[readable, chosen] - mean[chosen]
    _, values, axes = np.linalg.svd(around, full_matrices=False)
    reach = 2 * values[0] / np.sqrt(len(readable))
    crop = track.at(frame_index)
    step = axes[0] * np.clip(reach, 0.05 * crop.side_px, 0.15 * crop.side_px)
    frame = reader[frame_index]
    old_px = session.hold(frame, crop).points_px
    new_px = old_px.copy()
    new_px[chosen] += step
    began = time.perf_counter()
    after = redraw(session, frame, crop, new_px, sharp=sharp)
    seconds = time.perf_counter() - began
    write_png(path, before_and_after(frame, after, old_px, new_px, session.info.skeleton))
    return {
        "frame": frame_index,
        "landmark": session.info.skeleton.names[chosen],
        "moved_px": [round(float(value), 2) for value in step],
        "redrawn_ms": round(1000 * seconds, 1),
    }


def _make_project(
    path: Path,
    reader: VideoReader,
    track: CropTrack,
    model: Path,
    info: ModelInfo,
    found: Found,
) -> None:
    """A project as the window would have made it, so that its picture shows the result."""
    from limner_engine.project import Project

    with Project.create(path) as project:
        with project.automatic():
            video = project.add_video(
                reader.path,
                fingerprint=reader.fingerprint,
                frame_count=reader.frame_count,
                width=reader.width,
                height=reader.height,
                frame_rate=float(reader.frame_rate),
            )
            project.set_skeleton(info.skeleton)
            project.set_crop_track_json(video.id, 0, track.to_json())
        model_id = project.add_model(info, model.absolute())
        project.current_model_id = model_id
        project.write_predictions(video.id, model_id, 0, 0, found.points_px, found.confidence)


def _picture_window(project: Path, out: Path, frame_index: int) -> None:
    """The real window, drawn without a screen, in a process of its own."""
    command = [sys.executable, "-m", "limner_app.commands.window_picture"]
    words = [str(project), "--out", str(out.absolute()), "--frame", str(frame_index)]
    with long_work("Picturing the window"):
        drawn = subprocess.run(
            [*command, *words],
            env={
                **os.environ,
                "QT_QPA_PLATFORM": "offscreen",
                # The person's own window layout and recent files are not part of the demo.
                "LIMNER_CONFIG": str(project.parent / "config"),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    if drawn.returncode:
        words = drawn.stderr.strip().splitlines()
        raise LimnerError(
            f"The window could not be pictured: {words[-1] if words else 'no reason given'}.",
            "See: limner doctor",
        )
