"""What the list says of a run, read from its folder; no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from limner_engine.errors import TrainingError
from limner_engine.priors.prior import PRIOR_SUFFIX
from limner_training.config import TrainConfig
from limner_training.events import Done, Event, Failed, HeldBack, Progress, Warned, from_line
from limner_training.run_folder import RunFolder, runs_in

_TAIL_BYTES = 48 * 1024
"""The newest events of a run; reading hours of them for one line of a list would take too long."""


def runs_folder(project: Path) -> Path:
    """Where the runs of a project live: beside its file, ``<project>.runs``."""
    return project.with_name(f"{project.stem}.runs")


def prior_file(runs: Path, sha256: str) -> Path:
    """Where runs read a pose prior that the project keeps."""
    return runs / "priors" / f"{sha256[:16]}{PRIOR_SUFFIX}"


def make_folder(folder: Path) -> None:
    """Make a folder for what runs need, unless it is there.

    Raises:
        TrainingError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(
            f"No run can be stored in {folder}: {error.strerror or error}.",
            "Free some space or move the project to another folder.",
        ) from error


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One line of the list.

    Attributes:
        path: The run's folder.
        name: What people call it.
        begun: When its folder was made.
        state: ``"finished"``, ``"early"`` (by itself, before its time), ``"stopped"``,
            ``"failed"`` or ``"interrupted"``.
        method: Which system learned; empty where that is not known.
        size: How large its network is; likewise.
        ratio: Held-back loss over the loss of copying; None before it was measured.
        loss: Held-back loss; None before it was measured.
        elapsed_s: Time learned.
        model: The model's file; None where there is none yet.
        note: Why it failed, or ended early.
    """

    path: Path
    name: str
    begun: datetime
    state: str
    method: str
    size: str
    ratio: float | None
    loss: float | None
    elapsed_s: float
    model: Path | None
    note: str = ""

    @property
    def resumable(self) -> bool:
        """Whether the run can go on from its last checkpoint."""
        return self.state in {"interrupted", "failed"}


@dataclass(slots=True)
class Curves:
    """Loss over steps, as lists that grow.

    Attributes:
        steps: Steps at which training figures came.
        losses: Training loss there.
        held_steps: Steps at which held-back figures came.
        held_losses: Held-back loss there.
        held_ratios: The same over the loss of copying.
        preview: Newest preview, relative to the run's folder.
        method: Which system learns; empty where that is not known.
        warnings: What the run warned of, each sentence once.
    """

    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    held_steps: list[int] = field(default_factory=list)
    held_losses: list[float] = field(default_factory=list)
    held_ratios: list[float] = field(default_factory=list)
    preview: str = ""
    method: str = ""
    warnings: list[str] = field(default_factory=list)

    def add(self, event: Event) -> bool:
        """Take up an event; whether it changed a curve.

        A run that went on from a checkpoint says some steps again: those are replaced.
        """
        if isinstance(event, Progress):
            while self.steps and self.steps[-1] >= event.step:
                self.steps.pop()
                self.losses.pop()
            self.steps.append(event.step)
            self.losses.append(event.loss)
            return True
        if isinstance(event, HeldBack):
            while self.held_steps and self.held_steps[-1] >= event.step:
                for curve in (self.held_steps, self.held_losses, self.held_ratios):
                    curve.pop()
            self.held_steps.append(event.step)
            self.held_losses.append(event.loss)
            self.held_ratios.append(event.ratio)
            self.preview = event.preview
            return True
        if isinstance(event, Warned) and event.message not in self.warnings:
            self.warnings.append(event.message)
        return False


class PartingWords:
    """Finds out why a run ended by itself before its time, which only fine-tuning does.

    Such a run says why, and nothing of its progress after that.

    Args:
        config: What the run was told; None where that is not known.

    Attributes:
        text: Why it ended early; empty where it did not, or goes on.
    """

    def __init__(self, config: TrainConfig | None) -> None:
        self._patient = config is not None and bool(config.start_from) and config.patience > 0
        self._warned = self.text = ""

    def hear(self, event: Event) -> None:
        """Take up an event."""
        if isinstance(event, Progress):
            self._warned = self.text = ""
        elif isinstance(event, Warned):
            self._warned = event.message
        elif isinstance(event, Done) and self._patient and not event.stopped:
            self.text = self._warned


def read_curves(path: Path) -> Curves:
    """All that a run said of its losses, and what it warned of."""
    run = RunFolder(path)
    try:
        curves = Curves(method=run.config.method)
    except TrainingError:
        # As in the list: what is wrong is said when the run is resumed.
        curves = Curves()
    for event in run.events():
        curves.add(event)
    return curves


def read_record(run: RunFolder) -> RunRecord:
    """What the list says of a run."""
    name, method, size = run.path.name, "", ""
    try:
        config = run.config
    except TrainingError:
        # The list is for looking; what is wrong is said when the run is resumed.
        config = None
    if config is not None:
        name = config.name or run.path.name
        method, size = config.method, config.size
    state, note, elapsed_s = "interrupted", "", 0.0
    parting = PartingWords(config)
    ratio: float | None = None
    loss: float | None = None
    for event in _newest_events(run.events_path):
        parting.hear(event)
        if isinstance(event, Progress):
            elapsed_s, state = event.elapsed_s, "interrupted"
        elif isinstance(event, HeldBack):
            ratio, loss = event.ratio, event.loss
        elif isinstance(event, Done):
            state = "stopped" if event.stopped else "finished"
            if parting.text:
                state, note = "early", parting.text
        elif isinstance(event, Failed):
            state, note = "failed", event.message
    model = run.model_path if run.model_path.is_file() else None
    begun = datetime.fromtimestamp(run.config_path.stat().st_mtime).astimezone()
    reached = (ratio, loss, elapsed_s, model, note)
    return RunRecord(run.path, name, begun, state, method, size, *reached)


def _newest_events(path: Path) -> list[Event]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    # The first line may have been cut in two; `from_line` gives None for it.
    found = (from_line(line) for line in text.splitlines())
    return [event for event in found if event is not None]


class RunRecords:
    """The lines of the list; a run whose files did not change is not read again."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[float, ...], RunRecord]] = {}

    def read(self, folder: Path) -> list[RunRecord]:
        """All runs in a folder, newest first."""
        records = []
        for run in runs_in(folder):
            stamp = (_changed_at(run.events_path), _changed_at(run.model_path))
            known = self._known.get(run.path)
            if known is None or known[0] != stamp:
                known = (stamp, read_record(run))
                self._known[run.path] = known
            records.append(known[1])
        return records


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
