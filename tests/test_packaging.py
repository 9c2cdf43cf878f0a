"""The wheel holds everything, the pins are exact, and the start script says what is wrong."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return zipfile.ZipFile(built)


def test_wheel_holds_every_source_and_shipped_file(wheel: zipfile.ZipFile) -> None:
    inside = set(wheel.namelist())
    for floor in ("app", "engine", "training", "resources"):
        (package,) = (ROOT / floor).glob("limner_*")
        for path in package.rglob("*"):
            hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
            if path.is_file() and not hidden and _is_tracked(path):
                assert path.relative_to(ROOT / floor).as_posix() in inside, path


def test_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    packages = {"limner_app", "limner_engine", "limner_training", "limner_resources"}
    assert packages <= tops
    assert all(re.fullmatch(r"limner-[\d.]+\.dist-info", top) for top in tops - packages)


def test_wheel_offers_the_command(wheel: zipfile.ZipFile) -> None:
    (name,) = (n for n in wheel.namelist() if n.endswith("entry_points.txt"))
    assert "limner = limner_app.__main__:main" in wheel.read(name).decode()


def _is_tracked(path: Path) -> bool:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        return True
    asked = ["git", "ls-files", "--error-unmatch", str(path)]
    quiet = subprocess.DEVNULL
    return subprocess.run(asked, cwd=ROOT, stdout=quiet, stderr=quiet, check=False).returncode == 0


def _pins() -> dict[str, str]:
    lines = (ROOT / "packaging/constraints.txt").read_text("utf-8").splitlines()
    pins = {}
    for line in lines:
        if line and not line.startswith("#"):
            found = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!]+)", line)
            assert found, f"not an exact pin: {line}"
            pins[canonicalize_name(found[1])] = found[2]
    return pins


def test_every_dependency_is_pinned_the_indirect_ones_too() -> None:
    pins = _pins()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    waiting = [
        Requirement(line)
        for line in (*project["dependencies"], *project["optional-dependencies"]["dev"])
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        assert name in pins, f"{name} is not pinned"
        assert requirement.specifier.contains(pins[name], prereleases=True), requirement
        extras = requirement.extras or {""}
        for line in distribution(name).requires or []:
            below = Requirement(line)
            marker = below.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(below)


def _script(name: str) -> ModuleType:
    sys.path.insert(0, str(ROOT / "packaging"))
    try:
        path = ROOT / "packaging" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"packaging_{name}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


def test_start_script_uses_the_standard_library_alone() -> None:
    code = "import sys; sys.path.insert(0, 'packaging'); import bootstrap"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_start_script_refuses_an_old_python(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = _script("bootstrap")
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "run"])
    assert script.main() == 2
    said = capsys.readouterr().err
    assert "3.11" in said
    assert "3.9" in said


def test_start_script_names_missing_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    script = _script("system_libraries")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(script, "IMPORT", {"liblimner-not-there.so.7": "liblimner7"})
    assert "liblimner7" in script.missing_for_import()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert script.missing_for_import() == []


def test_start_script_installs_nothing_without_the_right(monkeypatch: pytest.MonkeyPatch) -> None:
    script = _script("system_libraries")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(script.subprocess, "run", pytest.fail)
    assert script.provide(["libegl1"], pytest.fail) == ["libegl1"]


def test_environment_is_known_by_its_stamp(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = _script("bootstrap")
    stamp = tmp_path / "stamp.json"
    monkeypatch.setattr(script, "STAMP", stamp)
    monkeypatch.setattr(script, "venv_python", lambda: Path(sys.executable))
    assert not script.environment_is_ready("")
    stamp.write_text(f'{{"hash": "{script.fingerprint()}", "extras": []}}', "utf-8")
    assert script.environment_is_ready("")
    assert not script.environment_is_ready("dev")
    monkeypatch.setattr(script, "fingerprint", lambda: "other pins")
    assert not script.environment_is_ready("")


def test_no_display_means_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    script = _script("bootstrap")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not script.has_display()


def test_desktop_entry_starts_the_command() -> None:
    text = (ROOT / "packaging/limner.desktop").read_text("utf-8")
    assert "Exec=limner %F" in text
    assert text.startswith("[Desktop Entry]")
