"""What ``limner prior`` says of what it made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner_app.commands.prior_crops import SampleCrops
    from limner_engine.priors.making import MadePrior, PriorWishes

FEW_POSES = 50
"""Different poses from which on a prior tells enough; the paper's smallest."""


def facts_of(
    made: MadePrior, wishes: PriorWishes, crops: SampleCrops | None, out: Path
) -> dict[str, Any]:
    """What is told, as plain JSON; `prior_text` makes sentences of it.

    Args:
        made: The prior, and how it came about.
        wishes: How it was wanted.
        crops: What it was compared with, if with anything.
        out: Where it was written.
    """
    from limner_engine.priors.statistics import PoseStatistics, compare, crop_statistics

    prior = made.prior
    seen = None if crops is None else crop_statistics(crops.stacks, crops.signs)
    warnings = compare(PoseStatistics.of(prior.poses), seen)
    if not prior.skeleton.edges:
        warnings.append(
            "The skeleton joins no landmarks, and lines are what pose pictures are made of. Draw"
            " them in the skeleton editor, and give its file as --skeleton."
        )
    different = min(len(prior), sum(count.kept for count in made.counts))
    if different < FEW_POSES:
        poses = "1 pose is" if different == 1 else f"{different} different poses are"
        warnings.append(f"{poses} few; learning is better from {FEW_POSES} on.")
    return {
        "prior": str(out),
        "name": prior.name,
        "sha256": prior.sha256,
        "poses": len(prior),
        "landmarks": list(prior.skeleton.names),
        "fit": {"how": wishes.how, "extent": wishes.extent, "centre": list(wishes.centre)},
        "outside": made.outside,
        "sources": [
            {
                "source": count.source,
                "found": count.found,
                "incomplete": count.incomplete,
                "alike": count.alike,
                "kept": count.kept,
                "joints": joints.to_json(),
            }
            for count, joints in zip(made.counts, made.joints, strict=True)
        ],
        "warnings": warnings,
    }


def prior_text(facts: dict[str, Any]) -> str:
    """The facts for people."""
    lines = []
    for source in facts["sources"]:
        left = [(source["incomplete"], "incomplete"), (source["alike"], "nearly alike")]
        out = ", ".join(f"{count} {why}" for count, why in left if count)
        words = f" ({out} left out)" if out else ""
        lines.append(f"{source['source']}: {source['kept']} of {source['found']} poses{words}")
        renamed = {k: v for k, v in source["joints"].items() if k != v}
        if renamed and not all(str(v).startswith("point ") for v in renamed.values()):
            pairs = [
                f"{k} = {v if isinstance(v, str) else ' and '.join(v)}" for k, v in renamed.items()
            ]
            lines.append(f"  {', '.join(pairs)}")
    if facts["outside"]:
        lines.append(f"{facts['outside']} poses reach too far out of the crop and are left out.")
    lines += facts["warnings"]
    lines.append(f"{facts['poses']} poses of {len(facts['landmarks'])} landmarks")
    written = [facts[key] for key in ("prior", "gallery", "joints_file") if key in facts]
    lines.append(f"written: {', '.join(written)}")
    return "\n".join(lines)
