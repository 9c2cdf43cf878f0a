"""What the program finds of itself and of the computer; each check says how to mend a fault."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import appdirs

from limner_engine.errors import LimnerError
from limner_resources import bundled_models, sample_landmarks, sample_video

PACKAGES = (
    "limner",
    "numpy",
    "torch",
    "safetensors",
    "opencv-python-headless",
    "av",
    "PySide6-Essentials",
    "pyqtgraph",
    "qasync",
    "QtAwesome",
)
DECODERS = ("h264", "hevc", "vp9", "av1", "mpeg4", "mjpeg")
ENCODER = "libx264"

_QT_PROBE = """
import sys
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
app = QGuiApplication(sys.argv[:1])
print(app.platformName())
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What.
        ok: Whether it is as it should be.
        value: What was found.
        mend: What to do where it is not.
    """

    name: str
    ok: bool
    value: str
    mend: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything, one finding after another."""
    yield Finding("system", True, f"{platform.system()} {platform.release()} {platform.machine()}")
    yield Finding("Python", True, f"{platform.python_version()}, {os.cpu_count()} processor cores")
    for package in PACKAGES:
        yield _package(package)
    checks: tuple[Callable[[], Finding], ...] = (_qt, _device, _codecs, _sample)
    for check in checks:
        yield check()
    yield _folder("cache folder", "LIMNER_CACHE", appdirs.user_cache_dir("limner"))
    yield _folder("settings folder", "LIMNER_CONFIG", appdirs.user_config_dir("limner"))
    yield from _models()


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "missing", "Run: python3 packaging/bootstrap.py run")


def _qt() -> Finding:
    # In a process of its own: Qt ends the whole process where it finds no screen.
    answer = {}
    for screen in ("", "offscreen"):
        environment = {**os.environ, **({"QT_QPA_PLATFORM": screen} if screen else {})}
        probe = subprocess.run(
            [sys.executable, "-c", _QT_PROBE],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if probe.returncode == 0:
            where = probe.stdout.strip()
            note = "" if where != "offscreen" else " (no display; pictures of the window only)"
            return Finding("Qt", True, where + note)
        answer[screen] = (probe.stderr.strip().splitlines() or ["it ended without a word"])[-1]
    return Finding(
        "Qt",
        False,
        answer["offscreen"],
        "Install the system libraries that README.md names under “Linux without a desktop”.",
    )


def _device() -> Finding:
    from limner_engine.inference.device import choose_device

    spec = choose_device("auto")
    return Finding("device", True, spec.label)


def _codecs() -> Finding:
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    missing = []
    for name, mode in [*((decoder, "r") for decoder in DECODERS), (ENCODER, "w")]:
        try:
            Codec(name, mode)  # type: ignore[arg-type]
        except UnknownCodecError:
            missing.append(name)
    if missing:
        mend = "Reinstall the package av at the version in packaging/constraints.txt."
        return Finding("codecs", False, f"missing: {', '.join(missing)}", mend)
    return Finding("codecs", True, f"reads {', '.join(DECODERS)}; writes {ENCODER}")


def _sample() -> Finding:
    from limner_engine.video.reader import VideoReader

    expected = len(sample_landmarks().points_px)
    try:
        with VideoReader(sample_video()) as reader:
            sequential = dict(reader.read(95, 106))
            same = all((reader[index] == sequential[index]).all() for index in (105, 100, 95))
            count, sound = reader.frame_count, reader.health.ok
    except LimnerError as error:
        return Finding("sample clip", False, str(error), "Install the program again.")
    good = same and sound and count == expected
    value = f"{count} frames, random access {'is exact' if same else 'differs from sequential'}"
    return Finding("sample clip", good, value, "" if good else "Install the program again.")


def _folder(name: str, variable: str, default: str) -> Finding:
    path = Path(os.environ.get(variable) or default)
    nearest = path
    while not nearest.exists():
        nearest = nearest.parent
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding(name, True, str(path))
    mend = f"Make it writable, or name another in the environment variable {variable}."
    return Finding(name, False, f"{path} cannot be written", mend)


def _models() -> Iterator[Finding]:
    from limner_engine.model_file import load_model

    models = bundled_models()
    if not models:
        yield Finding("bundled models", True, "none in this build")
    for name, path in models.items():
        try:
            # Loading compares the hash of the weights with the one in the header.
            info = load_model(path).info
        except LimnerError as error:
            yield Finding(f"model {name}", False, str(error), "Install the program again.")
            continue
        yield Finding(
            f"model {name}",
            True,
            f"{info.name}, {len(info.skeleton.names)} landmarks, sha256 {info.sha256}",
        )
