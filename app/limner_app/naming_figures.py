"""What a named model says of how good it is, read from its file's header."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from limner_engine.types import ModelInfo

FIRST, SECOND = "first", "second"
_MUCH_WORSE = 2.0
_SURE = ("radius_px", "stated", "observed", "weights")
_LEARNING = ("labels", "label_px", "more", "more_px", "curve_layer")


@dataclass(frozen=True, slots=True)
class NamingFigures:
    """Figures of held-back labels; empty or NaN where nothing was measured.

    Attributes:
        layer: Which layer is used, one for each landmark: `FIRST` or `SECOND`.
        error_px: Expected error of each landmark, pixels of the video.
        first_px: The same of the first layer alone.
        second_px: The same of the second layer alone.
        overall_px: Expected error of all landmarks together.
        range_px: Ends of its interval of 90 %; empty before it is measured.
        radius_px: Confidence is the probability that a point lies within this.
        stated: Confidence, rising, 0..1.
        observed: The share of held-back points that lay within the radius, for each of them.
        weights: How many held-back points stand behind each.
        labels: Numbers of labelled frames, rising.
        label_px: Held-back error with so many.
        more: So many more labels are asked about.
        more_px: The error that is expected with them.
        curve_layer: Which layer the last four are about; empty for those in use.
    """

    layer: tuple[str, ...] = ()
    error_px: tuple[float, ...] = ()
    first_px: tuple[float, ...] = ()
    second_px: tuple[float, ...] = ()
    overall_px: float = math.nan
    range_px: tuple[float, ...] = ()
    radius_px: float = math.nan
    stated: tuple[float, ...] = ()
    observed: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    labels: tuple[float, ...] = ()
    label_px: tuple[float, ...] = ()
    more: int = 0
    more_px: float = math.nan
    curve_layer: str = ""

    @classmethod
    def of(cls, info: ModelInfo | None) -> NamingFigures:
        """The figures of a model; none of a file that says nothing of them."""
        data = {} if info is None else info.provenance.get("figures") or {}
        sure, curve = data.get("calibration") or {}, data.get("learning_curve") or {}
        return cls(
            layer=tuple(str(layer) for layer in data.get("layer") or ()),
            error_px=_numbers(data.get("error_px")),
            first_px=_numbers(data.get("error_px_first")),
            second_px=_numbers(data.get("error_px_second")),
            overall_px=_number(data, "overall_px"),
            range_px=_numbers(data.get("overall_range_px")),
            radius_px=_number(sure, "radius_px"),
            stated=_numbers(sure.get("stated")),
            observed=_numbers(sure.get("observed")),
            weights=_numbers(sure.get("count")),
            labels=_numbers(curve.get("labels")),
            label_px=_numbers(curve.get("error_px")),
            more=int(curve.get("more") or 0),
            more_px=_number(curve, "expected_px"),
            curve_layer=str(curve.get("layer") or ""),
        )

    def with_curves_of(self, before: NamingFigures) -> NamingFigures:
        """The same, with the curves of an earlier model until they are measured anew.

        They take a second or two, and would come and go with every label.
        """
        made = self
        if not made.stated:
            known = {name: getattr(before, name) for name in _SURE}
            made = replace(made, **known)
        if not made.labels:
            known = {name: getattr(before, name) for name in _LEARNING}
            made = replace(made, **known)
        return made

    def hardly_trained(self, landmark: int) -> bool:
        """Whether the second layer is so much worse that where it differs tells nothing."""
        if landmark >= min(len(self.first_px), len(self.second_px)):
            return False
        return self.second_px[landmark] > _MUCH_WORSE * self.first_px[landmark]

    def error_of(self, landmark: int) -> float:
        """Expected error of a landmark, pixels; NaN where nothing was measured."""
        return self.error_px[landmark] if landmark < len(self.error_px) else math.nan

    def layer_of(self, landmark: int) -> str:
        """Which layer is used for a landmark; empty where nothing is known."""
        return self.layer[landmark] if landmark < len(self.layer) else ""


def _number(data: Mapping[str, Any], name: str) -> float:
    value = data.get(name)
    return math.nan if value is None else float(value)


def _numbers(values: Sequence[float | None] | None) -> tuple[float, ...]:
    return tuple(math.nan if value is None else float(value) for value in values or ())
