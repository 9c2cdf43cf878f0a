"""``--prior`` of ``limner evaluate``: a file, or the prior that a project keeps."""

from __future__ import annotations

from pathlib import Path

from limner_engine.errors import LimnerError
from limner_engine.priors.prior import PosePrior
from limner_engine.project import SUFFIX, Project
from limner_engine.types import ModelInfo


def model_prior(text: str | None, info: ModelInfo) -> PosePrior | None:
    """The prior that was named, if one was.

    Args:
        text: A prior file, or a project: of its priors the one that the model was learned with,
            or else the only one of the model's landmarks.
        info: Of the model.

    Raises:
        LimnerError: There is no such prior, or its landmarks are not the model's.
    """
    if not text:
        return None
    path = Path(text)
    prior = _kept(path, info) if path.suffix == SUFFIX else PosePrior.open(path)
    if prior.skeleton.names != info.skeleton.names:
        raise LimnerError(
            f"The prior {prior.name} has other landmarks than the model {info.name}.",
            "Name the prior that the model was learned with.",
        )
    return prior


def learned_with(prior: PosePrior, info: ModelInfo) -> bool:
    """Whether a model's file names this very prior, or a larger one that it was drawn from."""
    told = info.provenance.get("prior")
    return isinstance(told, dict) and told.get("sha256") == prior.sha256


def _kept(path: Path, info: ModelInfo) -> PosePrior:
    told = info.provenance.get("prior")
    wanted = told.get("sha256") if isinstance(told, dict) else None
    with Project.open(path) as project:
        priors = project.priors()
        fitting = [one for one in priors if one.sha256 == wanted]
        fitting = fitting or [one for one in priors if one.skeleton.names == info.skeleton.names]
        if len(fitting) != 1:
            count = len(fitting) or "no"
            raise LimnerError(
                f"{path.name} has {count} priors with the landmarks of {info.name}.",
                "Name the file of the prior.",
            )
        return project.prior(fitting[0].id)
