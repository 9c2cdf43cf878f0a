"""The second layer learns; read it from top to bottom.

First *members*, each without a part of the labels: what they say of that part is the honest
measure, and together they label frames that nobody labelled. Then the *student* goes on from one
of them, learning from all labels and from those frames. Until it is done the members answer
together; then it answers alone, as well as all of them and several times as fast.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from limner_engine.cropping.track import CropTrack
from limner_engine.errors import TrainingError
from limner_engine.inference.device import choose_device
from limner_engine.model_file import load_model
from limner_engine.models.heatmaps import HeatmapConfig, HeatmapEnsemble, HeatmapNet
from limner_engine.models.imm import IMM
from limner_engine.naming.pose_filter import PoseFilter, fit_pose_filter, left_out
from limner_engine.naming.shape import fit_lines
from limner_engine.types import Floats, Skeleton
from limner_training.control import Control
from limner_training.events import Done, Named, Paused, Preparing, Progress, Say, Started, Warned
from limner_training.naming.cuts import NameCuts, from_videos
from limner_training.naming.held_back import HeldBack, folds
from limner_training.naming.network import HIGHEST_RATE, Learning, Lessons, rate
from limner_training.naming.picture_side import picture_side
from limner_training.naming.placing import Placing, turn_of
from limner_training.naming.saved import save_second
from limner_training.naming.settings import HELD_BACK_FILE, MODEL_FILE, NameOrder, NameSettings
from limner_training.naming.teaching import read_cuts, taught_by

STUDENT_SHARE = 0.4
"""Of the run; the members have the rest."""

TEACHINGS = 2
"""How often unlabelled frames are labelled anew while the student learns."""

TAUGHT_BATCH = 0.5
"""Unlabelled pictures in a step, to one labelled."""

_PROGRESS_EVERY_S = 0.5
_LEAST_SHARE = 0.7
"""Of its steps; a network that a person stopped before is worse than those that are done."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What came of a run.

    Attributes:
        ensemble: The student, or the members there are, in evaluation mode.
        held_back: What members said of the labels that they did not learn from.
        error_px: Its median for each landmark; None where nothing was held back.
        steps: Of all networks together.
        seconds: Of learning.
        stopped: Whether a person ended it early.
    """

    ensemble: HeatmapEnsemble
    held_back: HeldBack
    error_px: list[float | None]
    steps: int
    seconds: float
    stopped: bool


def learn_in(folder: Path, say: Say, control: Control) -> Done:
    """Learn what `NameOrder.write` wrote into a folder.

    Args:
        folder: Everything is written into it.
        say: Told of every event.
        control: The person's wishes.

    Returns:
        The last event, which was also said.

    Raises:
        LimnerError: Something a person can mend.
    """
    order = NameOrder.read(folder)
    said_at = 0.0

    def report(message: str, share: float) -> bool:
        nonlocal said_at
        if time.monotonic() - said_at > _PROGRESS_EVERY_S:
            say(Preparing(message, share))
            said_at = time.monotonic()
        return not control.stopped

    tracks = {video: CropTrack.from_json(track) for video, track in order.tracks.items()}
    settings = order.settings
    side = picture_side(settings.image_size, settings.start_from, order.labelled)
    settings = replace(settings, image_size=side)
    cuts = from_videos(order.labelled, tracks, side, settings.unlabelled, report)
    frames = [[str(path), index] for path, index in order.labelled.sources]
    # By these the engine pairs what was held back with the labels as they are by then.
    provenance = {"held_back_frames": frames}
    learned = learn_names(cuts, settings, say, control, folder, provenance)
    known = [error for error in learned.error_px if error is not None]
    figures = {"held_back_px": float(np.mean(known))} if known else {}
    done = Done(learned.steps, MODEL_FILE, figures, learned.stopped)
    say(done)
    return done


def learn_names(
    cuts: NameCuts,
    settings: NameSettings,
    say: Say,
    control: Control,
    folder: Path | None = None,
    provenance: dict[str, Any] | None = None,
) -> Learned:
    """Learn from cuts; on the processor and with a budget of steps, the same seed gives the same.

    Args:
        cuts: What to learn from.
        settings: Knobs; the size of the pictures, which is that of the cuts, has to be told.
        say: Told of every event but the last.
        control: The person's wishes.
        folder: Where each improvement is written, whole; nowhere if not given.
        provenance: What the model's file shall say of its origin besides.

    Raises:
        LimnerError: Something a person can mend.
    """
    return _Run(cuts, settings, say, control, folder, provenance or {}).learn()


def _config(cuts: NameCuts, settings: NameSettings, say: Say) -> tuple[HeatmapConfig, IMM | None]:
    """Sizes of the networks, and the model to start from.

    Raises:
        TrainingError: What to start from discovered no landmarks.
        ModelError: It is no model.
    """
    config = HeatmapConfig(
        landmark_count=len(cuts.skeleton.names),
        image_size=settings.image_size,
        width=settings.width,
        map_size=settings.image_size // 2,
    )
    if not settings.start_from:
        return config, None
    path = Path(settings.start_from)
    base = load_model(path).model
    if not isinstance(base, IMM):
        raise TrainingError(
            f"{path.name} has no encoder to start from.",
            "Choose a model that discovered its landmarks.",
        )
    sizes = base.config
    if sizes.image_size != config.image_size:
        # Finer pictures are worth more than a start, where one has to choose.
        say(
            Warned(
                f"{path.name} sees pictures of {sizes.image_size} px and the second layer of "
                f"{config.image_size} px: it starts from random weights."
            )
        )
        return config, None
    return replace(config, width=sizes.width, grid_size=sizes.grid_size), base


def swapped(skeleton: Skeleton) -> NDArray[np.int64]:
    """Which landmark each is in a mirrored picture, ``(P,)``."""
    swap = np.arange(len(skeleton.names))
    for left, right in skeleton.symmetries:
        swap[[left, right]] = right, left
    return swap


class _Run:
    """One run; see `learn_names`."""

    def __init__(
        self,
        cuts: NameCuts,
        settings: NameSettings,
        say: Say,
        control: Control,
        folder: Path | None,
        provenance: dict[str, Any],
    ) -> None:
        torch.set_num_threads(settings.threads)
        self.cuts, self.settings, self.say, self.control = cuts, settings, say, control
        self.folder, self.provenance = folder, provenance
        self.device = choose_device(settings.device)
        self.config, self.base = _config(cuts, settings, say)
        turn = settings.turn if settings.turn >= 0 else turn_of(cuts.points_norm)
        mirror = bool(cuts.skeleton.symmetries) if settings.mirror < 0 else settings.mirror > 0
        self.placing = Placing(turn_deg=turn, mirror=mirror)
        self.swap = swapped(cuts.skeleton)
        self.hideable = (cuts.visible == 0).any(0)
        self.held_back = HeldBack.empty(len(cuts), len(cuts.skeleton.names))
        self.nets: list[HeatmapNet] = []
        self.pose: PoseFilter | None = None
        self.steps, self.seconds = 0, 0.0
        self._said_at = time.monotonic()
        self._losses: list[float] = []

    def learn(self) -> Learned:
        """Members, then the student."""
        parts = folds(self.cuts.group, self.settings.members, self.settings.seed)
        everything = np.arange(len(self.cuts))
        self._say_started(parts)
        members_end = 1 - STUDENT_SHARE
        for number, part in enumerate(parts):
            rest = np.setdiff1d(everything, part)
            until = members_end * (number + 1) / len(parts)
            net = self._network(self._lessons(rest), number, until)
            if net is not None:
                self._measure(net, rest, part)
                self._improved(net, until)
        if not self.control.stopped:
            student = self._network(
                self._lessons(everything), len(parts), 1.0, first=self.nets[-1]
            )
            if student is not None:
                self.nets.clear()
                self._fit_pose(parts)
                self._improved(student, 1.0)
        if not self.nets:
            raise TrainingError("The run was stopped before it had learned anything.")
        return Learned(
            self._ensemble(everything, self.nets),
            self.held_back,
            self._error_px(),
            self.steps,
            self.seconds,
            self.control.stopped,
        )

    def _fit_pose(self, parts: list[NDArray[np.int64]]) -> None:
        """What held-back labels say of putting points through the likeliest pose."""
        told, found = self.cuts.points_norm, self.held_back.points_norm
        swap = self.swap if self.placing.mirror else None
        self.pose = fit_pose_filter(told, found, parts, swap)
        if self.pose.doubt:
            found[:] = left_out(told, found, parts, self.pose.doubt, swap)

    def _network(
        self, lessons: Lessons, number: int, until: float, first: HeatmapNet | None = None
    ) -> HeatmapNet | None:
        """Learn one network, until a share of the run is done.

        Args:
            lessons: What a person labelled.
            number: Of the network.
            until: That share.
            first: The network that a student goes on from; it is also taught.

        Returns:
            None where it is not worth keeping.
        """
        if self.control.stopped and self.nets:
            return None
        seed = self.settings.seed + 1000 * number
        torch.manual_seed(seed)
        net = HeatmapNet(self.config)
        net.hideable.copy_(torch.from_numpy(self.hideable))
        if first is not None:
            net.load_state_dict(first.state_dict())
        elif self.base is not None:
            net.start_from(self.base)
        batch = self.settings.batch
        learning = Learning(
            net,
            lessons,
            batch,
            placing=self.placing,
            swap=torch.from_numpy(self.swap),
            device=self.device,
            seed=seed,
        )
        start, lesson, own = self._share(), 0, 0.0
        while (share := self._share()) < until and not self.control.stopped:
            self.control.wait_while_yielding()
            if self.control.paused:
                self.say(Paused(self.steps))
                self.control.wait_while_paused()
                continue
            began = time.monotonic()
            own = (share - start) / (until - start)
            if first is not None and own >= lesson / TEACHINGS:
                # The student soon knows better than its teachers, and is one of them then.
                taught = self._taught([*self.nets, learning.mean] if lesson else self.nets)
                if taught is not None:
                    learning.teach(taught, round(TAUGHT_BATCH * batch))
                lesson += 1
            self._losses.append(learning.step(own))
            self.steps += 1
            self.seconds += time.monotonic() - began
            self._say_progress(rate(own))
        if self.control.stopped and self.nets and own < _LEAST_SHARE:
            return None
        mean: HeatmapNet = learning.mean
        return mean

    def _measure(
        self, net: HeatmapNet, learned: NDArray[np.int64], part: NDArray[np.int64]
    ) -> None:
        """Ask a member for what it has not seen, with what the labels it saw say of poses."""
        self.held_back.put(
            part, read_cuts(self._ensemble(learned, [net]), self.cuts.pixels[part], self.device)
        )

    def _taught(self, teachers: list[HeatmapNet]) -> Lessons | None:
        """Lessons from unlabelled frames."""
        if not len(self.cuts.unlabelled):
            return None
        self.say(Preparing("Labelling more frames with what is learned", self._share()))
        everything = np.arange(len(self.cuts))
        taught = taught_by(
            self._ensemble(everything, teachers),
            self.cuts.unlabelled,
            self.device,
            still=self.cuts.still,
        )
        if not taught.weight.any():
            self.say(Warned("No unlabelled frame is clear enough to learn from."))
            return None
        return taught

    def _improved(self, net: HeatmapNet, share: float) -> None:
        """Take a network in, and write and say it."""
        self.nets.append(net)
        if self.folder is None:
            return
        ensemble = self._ensemble(np.arange(len(self.cuts)), self.nets)
        self.held_back.save(self.folder / HELD_BACK_FILE)
        provenance = {
            **self.provenance,
            "labels": len(self.cuts),
            "steps": self.steps,
            "minutes": round(self.seconds / 60, 2),
            "turn_deg": round(self.placing.turn_deg, 1),
            "started": self.base is not None,
        }
        save_second(self.folder / MODEL_FILE, ensemble, self.cuts.skeleton, provenance)
        self.say(Named(self.steps, MODEL_FILE, self._error_px(), share, self._left_s()))

    def _ensemble(self, rows: NDArray[np.int64], nets: list[HeatmapNet]) -> HeatmapEnsemble:
        """Networks as one, with what some of the labels say of poses."""
        ensemble = HeatmapEnsemble.of(nets).to(self.device.device)
        if self.placing.mirror:
            ensemble.swap.copy_(torch.from_numpy(self.swap))
        ensemble.relations.take(fit_lines(self.cuts.points_norm[rows], self.config.neighbours))
        if self.pose is not None:
            ensemble.put_through(self.pose)
        return ensemble.eval()

    def _lessons(self, rows: NDArray[np.int64]) -> Lessons:
        cuts = self.cuts
        points: Floats = cuts.points_norm[rows]
        weight = np.asarray(np.isfinite(points).all(-1), np.float32)
        visible: Floats = cuts.visible[rows]
        return Lessons(cuts.pixels[rows], points, weight, visible)

    def _error_px(self) -> list[float | None]:
        return self.held_back.error_px(self.cuts.points_norm, self.cuts.px_per_unit)

    def _share(self) -> float:
        """How much of the budget is spent; the budget that ends first counts."""
        settings = self.settings
        by_steps = self.steps / settings.steps if settings.steps else 0.0
        by_time = self.seconds / (60 * settings.minutes) if settings.minutes else 0.0
        return max(by_steps, by_time)

    def _left_s(self) -> float:
        share = self._share()
        return max(self.seconds * (1 - share) / share, 0.0) if share > 0 else 0.0

    def _say_started(self, parts: list[NDArray[np.int64]]) -> None:
        weights = sum(weight.numel() for weight in HeatmapNet(self.config).parameters())
        count = len(self.cuts)
        largest = max(len(part) for part in parts)
        self.say(
            Started(0, weights, self.device.label, count + len(self.cuts.unlabelled), largest)
        )

    def _say_progress(self, rate_share: float) -> None:
        now = time.monotonic()
        if now - self._said_at < _PROGRESS_EVERY_S:
            return
        mean = sum(self._losses) / len(self._losses)
        speed = len(self._losses) * self.settings.batch / (now - self._said_at)
        step_size = HIGHEST_RATE * rate_share
        self.say(Progress(self.steps, mean, step_size, speed, self.seconds, self._left_s()))
        self._said_at, self._losses = now, []
