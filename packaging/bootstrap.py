"""Makes the environment `.venv` and starts Limner or its tests, with the standard library alone.

    python3 packaging/bootstrap.py run             open the window on the sample
    python3 packaging/bootstrap.py run VIDEO...    open the window on your own videos
    python3 packaging/bootstrap.py test            run every check and test
    python3 packaging/bootstrap.py test -k crop    words after `test` go to pytest

A second start finds the environment as it was left and goes straight on.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from system_libraries import missing_for_import, missing_for_window, provide

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
STAMP = VENV / "limner-environment.json"
LOWEST = (3, 11)


class CannotGoOnError(Exception):
    """Something the person has to mend first; the text says what and how."""


def venv_python() -> Path:
    """The environment's interpreter."""
    if os.name == "nt":
        return VENV / "Scripts" / "python.exe"
    return VENV / "bin" / "python"


def check_python() -> None:
    """Refuse an interpreter that cannot make the environment."""
    if sys.version_info < LOWEST:
        have, need = ".".join(map(str, sys.version_info[:2])), ".".join(map(str, LOWEST))
        raise CannotGoOnError(
            f"Limner needs Python {need} or newer and this is {have}. "
            "Start the script with a newer one, for example python3.12."
        )
    for name in ("venv", "ensurepip"):
        if importlib.util.find_spec(name) is None:
            raise CannotGoOnError(
                f"This Python comes without its module {name!r}. "
                "On Debian and Ubuntu: apt-get install python3-venv."
            )


def fingerprint() -> str:
    """A hash of all that decides what the environment holds."""
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", CONSTRAINTS):
        digest.update(path.read_bytes())
    digest.update(f"{sys.version_info[:2]} {ROOT}".encode())
    return digest.hexdigest()


def environment_is_ready(extra: str) -> bool:
    """Whether the environment was made from these very files, and holds ``extra``."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    known = stamp.get("hash") == fingerprint()
    return known and (not extra or extra in stamp.get("extras", [])) and venv_python().exists()


def say(text: str) -> None:
    """One line for the person, at once."""
    print(f"limner: {text}", flush=True)


def pip(*words: str) -> None:
    """Run pip quietly: one moving line on a terminal, all of its output where it fails.

    Raises:
        CannotGoOnError: pip failed; its output has been shown.
    """
    command = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", *words]
    command += ["--progress-bar", "off", "--no-input"]
    lines: list[str] = []
    terminal = sys.stdout.isatty()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            text = line.strip()
            if text.startswith(("Downloading", "Using cached", "Installing", "Building")):
                if terminal:
                    print(f"\r\033[K  {text[: shutil.get_terminal_size().columns - 3]}", end="")
                elif text.startswith(("Installing collected", "Building")):
                    print(f"  {text[:100]}", flush=True)
    if terminal:
        print("\r\033[K", end="", flush=True)
    if process.returncode:
        sys.stdout.write("".join(lines[-60:]))
        raise CannotGoOnError(
            "pip could not install the dependencies; its last lines stand above. "
            "Check the connection and start again: what was done is kept."
        )


def make_environment(extra: str) -> None:
    """Make or complete the environment and stamp it."""
    began = time.monotonic()
    if VENV.exists() and not environment_works():
        say("the environment in .venv does not fit this Python; making it anew")
        shutil.rmtree(VENV)
    if not VENV.exists():
        say("making the environment in .venv")
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            raise CannotGoOnError(
                "Python could not make a virtual environment. "
                "On Debian and Ubuntu: apt-get install python3-venv."
            )
    STAMP.unlink(missing_ok=True)
    say("installing the pinned dependencies; the first time takes some minutes")
    # The builder goes first and build isolation is off, so that it too is the pinned one.
    pip("install", "-c", str(CONSTRAINTS), "hatchling")
    wanted = f".[{extra}]" if extra else "."
    pip("install", "-c", str(CONSTRAINTS), "--no-build-isolation", "-e", wanted)
    extras = [extra] if extra else []
    stamp = {"hash": fingerprint(), "extras": extras}
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps(stamp), "utf-8")
    fresh.replace(STAMP)
    say(f"the environment is ready ({time.monotonic() - began:.0f} s)")


def environment_works() -> bool:
    """Whether the environment's Python starts and is of the version that runs this script."""
    code = "import sys, pip; print(sys.version_info[0], sys.version_info[1], sys.prefix, sep='|')"
    try:
        answer = subprocess.run(
            [str(venv_python()), "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    if answer.returncode:
        return False
    major, minor, prefix = answer.stdout.strip().split("|", 2)
    same_version = (int(major), int(minor)) == sys.version_info[:2]
    # A checkout that was moved or copied brings an environment that points to its old place.
    return same_version and Path(prefix).resolve() == VENV.resolve()


def has_display() -> bool:
    """Whether a window can be opened: asked of Qt itself, since a set DISPLAY may lead nowhere."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform.split(":")[0] in ("offscreen", "minimal"):
        return False
    if sys.platform.startswith("linux") and not platform:
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            return False
    code = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
    probe = [str(venv_python()), "-c", code]
    try:
        quiet = subprocess.DEVNULL
        return (
            subprocess.run(probe, stdout=quiet, stderr=quiet, timeout=30, check=False).returncode
            == 0
        )
    except subprocess.TimeoutExpired:
        return False


def run(words: list[str]) -> int:
    """Open the window, or do the same job without a screen."""
    if words and words[0] == "--":
        words = words[1:]
    python = str(venv_python())
    if has_display():
        return subprocess.run(
            [python, "-m", "limner_app", *(words or ["--sample"])], cwd=ROOT, check=False
        ).returncode
    missing = missing_for_window()
    if missing and os.environ.get("DISPLAY"):
        say(f"a window would also need: apt-get install {' '.join(missing)}")
    say("there is no display here; doing the same job without a screen into limner-demo/")
    return subprocess.run(
        [python, "-m", "limner_app", "demo", "--out", "limner-demo", *words], cwd=ROOT, check=False
    ).returncode


def test(words: list[str]) -> int:
    """Run every check and then the tests; all of them, even after one has failed."""
    python = str(venv_python())
    steps = [
        ("style", [python, "-m", "ruff", "check", "."]),
        ("layout", [python, "-m", "ruff", "format", "--check", "."]),
        ("types", [python, "-m", "mypy"]),
        ("tests", [python, "-m", "pytest", *words]),
    ]
    failed = []
    for name, command in steps:
        began = time.monotonic()
        say(f"{name}: {' '.join(command[2:])}")
        # Nothing to read: a test that waits for input should fail at once rather than hang.
        status = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False
        ).returncode
        say(f"{name}: {'failed' if status else 'passed'} ({time.monotonic() - began:.0f} s)")
        if status:
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "everything passed")
    return 1 if failed else 0


def main() -> int:
    """Read the words and do what they say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("run", "test"), help="open Limner, or test it")
    parser.add_argument("--recreate", action="store_true", help="make the environment anew")
    wanted, words = parser.parse_known_args()
    try:
        check_python()
        if wanted.recreate and VENV.exists():
            say("removing the old environment")
            shutil.rmtree(VENV)
        extra = "dev" if wanted.what == "test" else ""
        if not environment_is_ready(extra):
            make_environment(extra)
        missing = provide(missing_for_import(), say)
        if missing:
            raise CannotGoOnError(
                f"Qt needs system libraries that are missing: {', '.join(missing)}. "
                f"On Debian and Ubuntu: sudo apt-get install {' '.join(missing)}."
            )
        return run(words) if wanted.what == "run" else test(words)
    except CannotGoOnError as problem:
        print(f"limner: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("limner: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
