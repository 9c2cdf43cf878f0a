"""What was seen once gives crops of every setting, and travels as text."""

from __future__ import annotations

import json

import numpy as np
import pytest

from drawn_arena import DrawnArena
from limner_engine.cropping import CropSetting, Sightings, look
from limner_engine.cropping.smoothing import thinned
from limner_engine.errors import FormatError


def test_sightings_survive_json() -> None:
    seen = look(DrawnArena(40), "motion")
    back = Sightings.from_json(seen.to_json())
    for mode in ("motion", "turning", "whole"):
        before, after = seen.track(CropSetting(mode)), back.track(CropSetting(mode))
        np.testing.assert_allclose(after.values, before.values, atol=0.01)
    with pytest.raises(ValueError, match="nobody has looked"):
        back.track(CropSetting("face"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "a", "size": [1]}'])
def test_what_are_no_sightings_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        Sightings.from_json(text)


def test_settings_survive_json_and_bad_ones_are_refused() -> None:
    setting = CropSetting("turning", 0.4, 96.0)
    assert CropSetting.from_json(json.loads(json.dumps(setting.to_json()))) == setting
    for bad in (
        None,
        {},
        {"mode": "hands", "margin": 0.1, "least_side_px": 0},
        {"mode": "auto", "margin": -1, "least_side_px": 0},
        {"mode": "auto", "margin": 0.1, "least_side_px": "wide"},
        {"mode": "auto", "margin": float("nan"), "least_side_px": 0},
    ):
        with pytest.raises(FormatError):
            CropSetting.from_json(bad)


def test_thinning_keeps_a_path_within_its_tolerance() -> None:
    moment = np.arange(400.0)
    values = np.stack([np.sin(moment / 30), moment * 2], axis=1)
    kept = thinned(np.column_stack([moment, values]), np.array([0.01, 0.01]))
    assert len(kept) < 80
    line = np.interp(moment, moment[kept], values[kept, 0])
    assert abs(line - values[:, 0]).max() <= 0.01
    assert thinned(np.column_stack([moment, 0 * values]), np.array([1.0, 1.0])).tolist() == [
        0,
        399,
    ]
