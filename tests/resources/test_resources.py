"""The shipped files are there, fit one another and read as they should."""

from __future__ import annotations

from xml.etree import ElementTree

import av
import numpy as np
import pytest

import limner_resources
from limner_engine.formats import skeleton_file
from limner_engine.types import Skeleton


def test_every_template_is_a_skeleton() -> None:
    templates = limner_resources.skeleton_templates()
    counts = {key: len(Skeleton.from_json(data).names) for key, data in templates.items()}
    assert counts["face-5"] == 5
    assert counts["face-68"] == 68
    assert [counts[key] for key in ("upper-body-7", "body-13", "body-14", "body-17")] == [
        7,
        13,
        14,
        17,
    ]
    assert {"mouse", "fly", "sample"} <= set(counts)
    shipped = {path.stem for path in (limner_resources.resource_dir() / "skeletons").iterdir()}
    assert shipped == set(templates)


@pytest.mark.parametrize("key", list(limner_resources.skeleton_templates()))
def test_symmetries_pair_left_with_right(key: str) -> None:
    skeleton = Skeleton.from_json(limner_resources.skeleton_templates()[key])
    seen: set[int] = set()
    for left, right in skeleton.symmetries:
        assert not {left, right} & seen
        seen |= {left, right}
        if skeleton.names[left].startswith(("left", "right")):
            assert skeleton.names[left] == skeleton.names[right].replace("right", "left", 1)
    assert all(a != b for a, b in skeleton.edges)


@pytest.mark.parametrize("key", list(limner_resources.skeleton_templates()))
def test_templates_can_be_drawn(key: str) -> None:
    data = limner_resources.skeleton_templates()[key]
    content = skeleton_file.parsed(data, key)
    assert content.title
    assert content.layout is not None
    places = np.array(content.layout)
    assert places.min() >= 0
    assert places.max() <= 1
    gaps = np.linalg.norm(places[:, None] - places[None], axis=-1)[np.triu_indices(len(places), 1)]
    assert gaps.min() > 0.02, "every dot can be told from the others and clicked"
    # Seen from above a mouse's left is on the left; people and the fox look at us.
    side = -1 if key in ("mouse", "fly") else 1
    for left, right in content.skeleton.symmetries:
        if content.skeleton.names[left].startswith("left"):
            assert side * (places[left, 0] - places[right, 0]) > 0
        assert places[left, 1] == pytest.approx(places[right, 1], abs=0.02)


def test_sample_is_small_and_as_long_as_its_table() -> None:
    video = limner_resources.sample_video()
    assert video.stat().st_size < 1_500_000
    table = limner_resources.sample_landmarks()
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (512, 512)
        count = sum(1 for _ in container.decode(stream))
    assert table.points_px.shape == (count, 12, 2)
    assert list(table.names) == limner_resources.skeleton_templates()["sample"]["names"]
    assert table.visible.mean() > 0.95
    assert np.isfinite(table.points_px).all()


def test_sample_moves_in_more_than_one_way() -> None:
    points = limner_resources.sample_landmarks().points_px
    assert (np.ptp(points, axis=0) > 30).all()
    step = np.abs(np.diff(points, axis=0)).max()
    assert step < 20
    left, right = points[:, 0], points[:, 1]
    lean = np.degrees(np.arctan2(left[:, 1] - right[:, 1], left[:, 0] - right[:, 0]))
    assert np.ptp(lean) > 20


def test_nose_is_dark_where_the_table_says() -> None:
    table = limner_resources.sample_landmarks()
    nose = table.names.index("nose")
    with av.open(str(limner_resources.sample_video())) as container:
        for index, frame in enumerate(container.decode(video=0)):
            x, y = np.rint(table.points_px[index, nose]).astype(int)
            assert frame.to_ndarray(format="rgb24")[y + 3, x].mean() < 110


def test_models_have_cards() -> None:
    for name in limner_resources.bundled_models():
        assert len(limner_resources.model_card(name)) > 100
    with pytest.raises(KeyError):
        limner_resources.model_card("../sample")


def test_icon_is_svg() -> None:
    assert ElementTree.parse(limner_resources.icon_path()).getroot().tag.endswith("svg")
