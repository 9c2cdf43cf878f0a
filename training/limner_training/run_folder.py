"""The folder of one learning run; read by the window, so no torch here.

config.json            what the run was told
events.jsonl           everything it said, one event a line
frames/                cuts it learns from, while it is not finished
colours.safetensors    the loss network that learned from them, while it is not finished
checkpoint.safetensors weights and optimiser, to go on from
best.safetensors       the weights with the best held-back figure, while it is fine-tuned
preview.png            newest preview: source, target, redrawn, landmarks
model.safetensors      the model, when it is done
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from limner_engine.errors import TrainingError
from limner_training.config import TrainConfig
from limner_training.events import Done, Event, Failed, from_line

Status = Literal["new", "unfinished", "done", "failed"]


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run on disk.

    Attributes:
        path: The folder.
    """

    path: Path

    @classmethod
    def create(cls, parent: Path, config: TrainConfig) -> RunFolder:
        """A fresh folder below ``parent``, named by time and model.

        Raises:
            TrainingError: It cannot be made.
        """
        word = re.sub(r"[^A-Za-z0-9]+", "-", config.name or config.method).strip("-").lower()
        stem = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{word or 'run'}"
        for number in range(1, 1000):
            path = parent / (stem if number == 1 else f"{stem}-{number}")
            try:
                path.mkdir(parents=True)
            except FileExistsError:
                continue
            except OSError as error:
                raise _unmakable(path, error) from error
            return cls.adopt(path, config)
        raise TrainingError(f"No folder can be made in {parent}.", "Choose another folder.")

    @classmethod
    def adopt(cls, path: Path, config: TrainConfig) -> RunFolder:
        """Make ``path`` the folder of a new run.

        Raises:
            TrainingError: A run lives there already, or it cannot be made.
        """
        folder = cls(path)
        if folder.config_path.exists():
            raise TrainingError(
                f"{path} already holds a run.", "Resume that one, or choose an empty folder."
            )
        beside = path / "config.json.part"
        try:
            path.mkdir(parents=True, exist_ok=True)
            beside.write_text(config.to_json(), "utf-8")
            beside.replace(folder.config_path)
        except OSError as error:
            raise _unmakable(path, error) from error
        return folder

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """The run in a folder.

        Raises:
            TrainingError: None is there.
        """
        folder = cls(path)
        if not folder.config_path.is_file():
            raise TrainingError(f"{path} holds no run.", "Choose the folder of a run.")
        return folder

    @property
    def config_path(self) -> Path:
        """What the run was told."""
        return self.path / "config.json"

    @property
    def events_path(self) -> Path:
        """Everything it said."""
        return self.path / "events.jsonl"

    @property
    def frames_path(self) -> Path:
        """The cuts it learns from."""
        return self.path / "frames"

    @property
    def checkpoint_path(self) -> Path:
        """Where it goes on from."""
        return self.path / "checkpoint.safetensors"

    @property
    def loss_network_path(self) -> Path:
        """The loss network that learned from its frames."""
        return self.path / "colours.safetensors"

    @property
    def best_path(self) -> Path:
        """The weights that redrew held-back frames best so far."""
        return self.path / "best.safetensors"

    @property
    def preview_path(self) -> Path:
        """The newest preview."""
        return self.path / "preview.png"

    @property
    def model_path(self) -> Path:
        """The model of a finished run."""
        return self.path / "model.safetensors"

    @property
    def config(self) -> TrainConfig:
        """What the run was told."""
        try:
            return TrainConfig.read(self.config_path)
        except OSError as error:
            raise TrainingError(f"{self.path} holds no run.") from error

    def events(self) -> list[Event]:
        """Everything it said, oldest first; a line cut short by a crash is left out."""
        try:
            text = self.events_path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        events = (from_line(line) for line in text.splitlines())
        return [event for event in events if event is not None]

    @property
    def status(self) -> Status:
        """How the run stands on disk; whether a process works on it now is not known here."""
        if self.model_path.is_file():
            return "done"
        events = self.events()
        if events and isinstance(events[-1], Failed):
            return "failed"
        return "unfinished" if self.checkpoint_path.is_file() or events else "new"

    @property
    def outcome(self) -> Done | None:
        """The last event of a finished run."""
        return next((e for e in reversed(self.events()) if isinstance(e, Done)), None)


def _unmakable(path: Path, error: OSError) -> TrainingError:
    return TrainingError(
        f"The folder {path} cannot be made: {error.strerror or error}.",
        "Choose another place for the run.",
    )


def runs_in(parent: Path) -> list[RunFolder]:
    """All runs below a folder, newest first."""
    if not parent.is_dir():
        return []
    with os.scandir(parent) as entries:
        paths = [Path(entry.path) for entry in entries if entry.is_dir()]
    found = [RunFolder(path) for path in paths if (path / "config.json").is_file()]
    return sorted(found, key=lambda run: run.config_path.stat().st_mtime, reverse=True)
