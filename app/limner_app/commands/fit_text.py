"""What ``limner fit`` tells: which layer each landmark is taken from, and how good it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from limner_app.commands.evaluation_text import NONE, aligned
from limner_app.naming_figures import NamingFigures

if TYPE_CHECKING:
    from limner_engine.naming.labelled import LabelledFrames
    from limner_engine.types import ModelInfo


def facts_of(info: ModelInfo, labelled: LabelledFrames) -> dict[str, Any]:
    """The figures of a named model, as plain values; None where nothing was measured."""
    figures = NamingFigures.of(info)
    counts = labelled.placed.sum(axis=0).tolist()
    return {
        "labels": len(labelled),
        "landmarks": [
            {
                "name": name,
                "labels": counts[number],
                "layer": figures.layer_of(number) or None,
                "error_px": _known(figures.error_of(number)),
            }
            for number, name in enumerate(info.skeleton.names)
        ],
        "error_px": _known(figures.overall_px),
        "calibration": {
            "radius_px": _known(figures.radius_px),
            "stated": [_known(value) for value in figures.stated],
            "observed": [_known(value) for value in figures.observed],
        },
        "learning_curve": {
            "labels": [_known(value) for value in figures.labels],
            "error_px": [_known(value) for value in figures.label_px],
            "more": figures.more,
            "expected_px": _known(figures.more_px),
        },
    }


def fit_text(facts: dict[str, Any]) -> str:
    """All that is to be told, for people."""
    lines = [*facts["imported"], ""] if facts["imported"] else []
    cells = [["landmark", "labels", "layer", "error, px"]]
    cells += [
        [one["name"], str(one["labels"]), one["layer"] or NONE, _px(one["error_px"])]
        for one in facts["landmarks"]
    ]
    lines += aligned(cells)
    lines += ["", "Errors are medians on labels that the layer did not learn from."]
    if facts["error_px"] is not None:
        lines.append(f"All landmarks together: {facts['error_px']:.1f} px.")
    lines += _calibration(facts["calibration"])
    lines += _curve(facts["learning_curve"], facts["error_px"])
    stages = ", ".join(f"{name} {value:.0f} s" for name, value in facts["stages_s"].items())
    lines += ["", f"{facts['frames']} frames in {facts['seconds']:.0f} s ({stages})."]
    lines += [f"{one['video']}: {one['report']}" for one in facts["videos"]]
    lines.append(f"written: {facts['model']}, {facts['table']}, {facts['project']}")
    return "\n".join(lines)


def _calibration(told: dict[str, Any]) -> list[str]:
    """Stated against observed, side by side."""
    if told["radius_px"] is None or not told["stated"]:
        return []
    cells = [["stated"], ["observed"]]
    for stated, observed in zip(told["stated"], told["observed"], strict=True):
        if stated is not None and observed is not None:
            cells[0].append(f"{stated:.0%}")
            cells[1].append(f"{observed:.0%}")
    title = f"Confidence to lie within {told['radius_px']:.1f} px, and how often it was so:"
    return ["", title, *aligned(cells), ""]


def _curve(told: dict[str, Any], now: float | None) -> list[str]:
    """What more labels would buy, in a sentence."""
    if told["expected_px"] is None:
        return ["What more labels would buy cannot be said yet."]
    today = "" if now is None else f", now {now:.1f} px"
    return [f"{told['more']} more labels would give about {told['expected_px']:.1f} px{today}."]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 3)


def _px(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"
