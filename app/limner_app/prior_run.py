"""From the choices of the flow about pose priors to a run: its files, its settings, its start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QCoreApplication

from limner_app.document import Document
from limner_app.training_client import TrainingClient
from limner_app.views.prior_draft import OWN_CROPS, PriorDraft
from limner_app.views.run_records import make_folder, prior_file, runs_folder
from limner_engine.cropping import CropMode, CropSetting, CropTrack
from limner_engine.cropping.setting import PROJECT_SETTING
from limner_engine.errors import TrainingError
from limner_engine.formats.whole_file import write_whole
from limner_engine.priors.prior import PosePrior
from limner_engine.project import Project
from limner_training.config import TrainConfig
from limner_training.presets import settings
from limner_training.run_folder import RunFolder

METHOD = "keypointgan"


def start_run(
    document: Document,
    training: TrainingClient,
    draft: PriorDraft,
    *,
    name: str,
    size: str,
    minutes: float,
) -> RunFolder:
    """Keep the prior in the project and learn.

    Args:
        document: The open project.
        training: Starts the run.
        draft: What was chosen.
        name: What the model will be called.
        size: Of the network.
        minutes: How long.

    Raises:
        LimnerError: Another run is going on, or something cannot be written.
    """
    project, prior = document.project, draft.prior
    if project is None or prior is None:
        raise TrainingError("There is no prior to learn with.", "Choose one in the step Prior.")
    if training.active and training.run is not None:
        # Asked before anything is written.
        raise TrainingError(
            f"{training.run.path.name} is still learning.",
            "Stop it, or wait until it has finished, then start again.",
        )
    folder = runs_folder(Path(project.path))
    keep_prior(document, prior, draft.joints)
    _keep_crops(document, draft)
    values: dict[str, Any] = settings(METHOD) | {"size": size, "minutes": minutes}
    config = TrainConfig(
        sources=tuple(draft.sources),
        method=METHOD,
        prior=str(_written(prior, folder)),
        name=name,
        crops=_crops_file(project, document.subject, draft, folder),
        crop_mode="auto" if draft.crop_mode == OWN_CROPS else draft.crop_mode,
        **values,
    )
    return training.start(config, folder)


def keep_prior(document: Document, prior: PosePrior, joints: dict[str, Any]) -> int | None:
    """Keep a prior in the project, unless the very same is there; its number."""
    project = document.project
    if project is None:
        return None
    for known in project.priors():
        if (known.sha256, known.name) == (prior.sha256, prior.name):
            return known.id
    number = project.add_prior(prior, joints)
    document.history_changed.emit()
    return number


def _written(prior: PosePrior, folder: Path) -> Path:
    """The file that the run reads, where Learn puts the project's priors; it is written once."""
    path = prior_file(folder, prior.sha256)
    if not path.is_file():
        make_folder(path.parent)
        prior.save(path)
    return path


def _crops_file(project: Project, subject: int, draft: PriorDraft, folder: Path) -> str:
    """The crops that are known already, for the run to look at the same squares."""
    tracks: dict[str, Any] = {
        source: json.loads(track.to_json()) for source, track in draft.tracks.items()
    }
    if draft.crop_mode == OWN_CROPS:
        for video in project.videos():
            own = project.crop_track_json(video.id, subject)
            if own is not None and str(video.path) in draft.sources:
                tracks[str(video.path)] = json.loads(own)
    if not tracks:
        return ""
    path = folder / "crops.json"
    make_folder(folder)
    write_whole(path, json.dumps(tracks).encode())
    return str(path)


def _keep_crops(document: Document, draft: PriorDraft) -> None:
    """Let the project look at what is learned from: models find nothing in other squares."""
    project, mode = document.project, draft.crop_mode
    if project is None or mode in (OWN_CROPS, "auto"):
        return
    project.set_setting(PROJECT_SETTING, CropSetting(cast("CropMode", mode)).to_json())
    others: dict[int, CropTrack | None] = {}
    for video in project.videos():
        own = project.crop_track_json(video.id, document.subject)
        differs = own is not None and json.loads(own).get("mode") != mode
        if str(video.path) in draft.sources and differs:
            # Where none was found yet, it is when the video is next on screen.
            others[video.id] = draft.tracks.get(str(video.path))
    if others:
        words = (
            QCoreApplication.translate("PriorRun", "Change the crop of a video")
            if len(others) == 1
            else QCoreApplication.translate("PriorRun", "Change the crop of {n} videos")
        )
        document.replace_crops(others, words.format(n=len(others)))
