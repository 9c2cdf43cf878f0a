"""What a run is told."""

from __future__ import annotations

import dataclasses

import pytest

from limner_engine.errors import TrainingError
from limner_training.config import METHODS, TrainConfig
from limner_training.presets import settings


def test_json_round_trip() -> None:
    config = TrainConfig(sources=("a.mp4", "b.mp4"), landmarks=12, minutes=2.5)
    assert TrainConfig.from_json(config.to_json()) == config


def test_whole_numbers_serve_where_fractions_are_wanted() -> None:
    assert TrainConfig.from_json('{"minutes": 3}').minutes == 3.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "not JSON"),
        ("[1]", "one JSON object"),
        ('{"colour": 1}', "Unknown settings: colour"),
        ('{"landmarks": "ten"}', "landmarks cannot be 'ten'"),
        ('{"landmarks": 0}', "at least 1"),
        ('{"landmarks": 500}', "at most 200"),
        ('{"size": "huge"}', "Choose one of: lite, medium, paper"),
        ('{"minutes": 0}', "needs an end"),
        ('{"minutes": NaN}', "at least 0"),
    ],
)
def test_wrong_settings_get_a_sentence(text: str, words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        TrainConfig.from_json(text)


def test_every_system_has_settings_that_go() -> None:
    for method in METHODS:
        for paper in (False, True):
            config = TrainConfig(method=method, **settings(method, paper=paper))
            assert TrainConfig.from_json(config.to_json()) == config


def test_what_only_some_systems_heed_names_systems_that_are_there() -> None:
    for told in dataclasses.fields(TrainConfig):
        heeding = told.metadata.get("methods", METHODS)
        assert heeding
        assert set(heeding) <= set(METHODS), told.name
        offered = told.metadata.get("offered", ())
        assert set(offered) <= set(told.metadata.get("choices", ())), told.name


def test_settings_by_system_are_heeded_by_it() -> None:
    heeding = {k.name: k.metadata.get("methods", METHODS) for k in dataclasses.fields(TrainConfig)}
    off = {"equivariance", "separation"}  # weights that a system sets to zero
    for method in METHODS:
        for name in {*settings(method, paper=True)} - off:
            assert method in heeding[name], (method, name)
