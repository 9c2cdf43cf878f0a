"""The libraries of the system that Qt needs on Linux: which are missing, and how to get them."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Names that the loader knows, and the Debian package that holds each.
IMPORT: dict[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
WINDOW: dict[str, str] = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
FONT = "fonts-dejavu-core"


def _absent(libraries: Mapping[str, str]) -> list[str]:
    """The packages whose library the loader does not find, asked by loading it."""
    packages = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    return packages


def _has_font() -> bool:
    places = [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        Path.home() / ".fonts",
        Path.home() / ".local/share/fonts",
    ]
    kinds = ("*.ttf", "*.otf", "*.ttc")
    return any(
        next(place.rglob(kind), None) for place in places if place.is_dir() for kind in kinds
    )


def missing_for_import() -> list[str]:
    """Debian packages without which Qt cannot be imported, or draws no letters."""
    if not sys.platform.startswith("linux"):
        return []
    return _absent(IMPORT) + ([] if _has_font() else [FONT])


def missing_for_window() -> list[str]:
    """Debian packages without which Qt opens no window under X11."""
    return _absent(WINDOW) if sys.platform.startswith("linux") else []


def provide(packages: Sequence[str], say: Callable[[str], None]) -> list[str]:
    """Install what is missing where that is allowed: as root, on a system with apt-get.

    Args:
        packages: What `missing_for_import` named; the window's libraries come along with it.
        say: Tells the person what is going on.

    Returns:
        What is still missing.
    """
    if not packages:
        return []
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return list(packages)
    wanted = [*packages, *missing_for_window()]
    say(f"installing system libraries for Qt: {' '.join(wanted)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted],
    ):
        result = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode:
            print("".join(result.stdout.splitlines(keepends=True)[-20:]), file=sys.stderr)
    return missing_for_import()
