"""What every test may ask for."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from limner_app.cycle_collector import collect_due

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _widgets_die_on_this_thread() -> Iterator[None]:
    """As in the program itself: a window that a test leaves is freed here, not on a thread."""
    gc.disable()
    yield
    collect_due()


@pytest.fixture(autouse=True)
def _own_folders(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test reads or writes the caches and settings of the person who runs it."""
    root = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("LIMNER_CACHE", str(root / "cache"))
    monkeypatch.setenv("LIMNER_CONFIG", str(root / "config"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of research videos; tests that need it skip by name without it."""
    named = os.environ.get("LIMNER_DATA")
    if not named:
        pytest.skip("LIMNER_DATA names no folder of research videos")
    path = Path(named)
    if not path.is_dir():
        pytest.fail(f"LIMNER_DATA names {path}, which is not a folder")
    return path
