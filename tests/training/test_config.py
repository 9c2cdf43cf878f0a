"""What a run is told."""

from __future__ import annotations

import pytest

from limner_engine.errors import TrainingError
from limner_training.config import TrainConfig


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
