"""The floors hold: who imports whom, in the sources and in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

_BLOCKED = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ImportError(f"{{name}} must not be imported here")

sys.meta_path.insert(0, Blocker())
"""


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


def test_arrows_between_the_floors() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(program), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "module",
    ["limner_app.__main__", "limner_app.cli", "limner_app.window", "limner_app.engine_client"],
)
def test_window_process_pulls_in_no_torch(module: str) -> None:
    done = _python(f"import sys, {module}; sys.exit('torch' in sys.modules)")
    assert done.returncode == 0, done.stderr


def test_command_line_answers_without_qt() -> None:
    code = "import limner_app.__main__, sys; sys.exit(any(n in sys.modules for n in ('PySide6',)))"
    assert _python(code).returncode == 0


@pytest.mark.parametrize(
    "module",
    [
        "limner_engine.types",
        "limner_engine.coordinates",
        "limner_engine.cropping",
        "limner_engine.model_file",
        "limner_engine.models.imm",
        "limner_engine.inference.session",
        "limner_training.config",
        "limner_training.events",
        "limner_training.run_folder",
        "limner_training.loop",
        "limner_training.__main__",
    ],
)
def test_learning_needs_neither_window_nor_video_reader(module: str) -> None:
    names = ("av", "PySide6", "pyqtgraph", "qasync", "qtawesome")
    done = _python(_BLOCKED.format(names=names) + f"import {module}")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["limner_engine.project", "limner_engine.formats"])
def test_projects_and_tables_need_neither_torch_nor_video_reader(module: str) -> None:
    names = ("torch", "av", "PySide6")
    done = _python(_BLOCKED.format(names=names) + f"import {module}")
    assert done.returncode == 0, done.stderr


def test_nothing_is_ever_unpickled() -> None:
    bad = ("import pickle", "from pickle", "torch.load(", "allow_pickle=True", "import shelve")
    for floor in ("app", "engine", "training", "resources", "packaging"):
        for path in (ROOT / floor).rglob("*.py"):
            text = path.read_text("utf-8")
            assert not [word for word in bad if word in text], path


def test_no_file_is_named_by_what_it_does_not_say() -> None:
    vague = {"utils", "helpers", "manager", "common", "base"}
    for floor in ("app", "engine", "training", "resources", "packaging", "tests"):
        assert not [path for path in (ROOT / floor).rglob("*.py") if path.stem in vague]
