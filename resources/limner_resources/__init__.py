"""What ships with the program: the sample clip, skeletons, models and icons.

Everything is a plain file beside this one; nothing of ours is imported here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from limner_resources.sample_clip import SampleLandmarks, read_sample_landmarks
from limner_resources.skeleton_templates import read_skeleton_templates

__all__ = [
    "SampleLandmarks",
    "bundled_models",
    "icon_path",
    "loss_network",
    "model_card",
    "resource_dir",
    "sample_landmarks",
    "sample_video",
    "skeleton_templates",
]


def resource_dir() -> Path:
    """The folder in which the shipped files lie."""
    return Path(__file__).resolve().parent


def sample_video() -> Path:
    """The sample clip: 250 frames of a drawn fox, 512 x 512 pixels, 25 frames a second, H.264."""
    return resource_dir() / "sample" / "sample.mp4"


def sample_landmarks() -> SampleLandmarks:
    """The exact landmarks of the sample clip, known because it is drawn."""
    return read_sample_landmarks(resource_dir() / "sample" / "landmarks.csv")


def skeleton_templates() -> dict[str, dict[str, Any]]:
    """Skeletons to start from, by key such as ``"face-68"``, in the order they are offered.

    Returns:
        For each key ``title`` and ``about`` (for people), ``names`` (list of text), ``edges`` and
        ``symmetries`` (lists of index pairs; a symmetry is left, right), and ``layout`` (x and y
        of each landmark in a drawing, 0 to 1, y downwards; people face the onlooker).
    """
    return read_skeleton_templates(resource_dir() / "skeletons")


def bundled_models() -> dict[str, Path]:
    """The models that ship with the program, by name such as ``"faces"``."""
    return {path.stem: path for path in sorted((resource_dir() / "models").glob("*.safetensors"))}


def model_card(name: str) -> str:
    """What a bundled model is for, from what it learned and where it fails, as Markdown.

    Args:
        name: A key of `bundled_models`.

    Raises:
        KeyError: no model of that name ships, or it has no card.
    """
    path = resource_dir() / "models" / f"{name}.md"
    if name not in bundled_models() or not path.is_file():
        raise KeyError(f"no model card for {name!r}")
    return path.read_text("utf-8")


def loss_network() -> Path:
    """The colouriser through whose eyes a learning run compares pictures, before it sees any."""
    return resource_dir() / "loss_networks" / "colouriser.safetensors"


def icon_path() -> Path:
    """The program's icon, an SVG."""
    return resource_dir() / "icons" / "limner.svg"
