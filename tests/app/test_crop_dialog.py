"""How crops are found: what is chosen, shown, applied, remembered and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app import window as starting
from limner_app.crop_dialog import CropDialog
from limner_app.crop_finding import found_crops, labels_inside, project_setting
from limner_app.document import Document
from limner_app.flows import Flows
from limner_engine.cropping import CropMode, CropSetting, CropTrack, Sightings
from limner_engine.errors import VideoError
from limner_engine.types import Crop, Skeleton
from small_engine import SmallEngine


class SeeingEngine(SmallEngine):
    """Sees one thing of 40 by 30 pixels that goes from left to right, and no face."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[str] = []
        self.followed: list[CropTrack] = []

    async def look_for_crops(
        self,
        video: Path,
        mode: CropMode,
        on_progress: Callable[[float], None] | None = None,
        *,
        apart: bool = False,
    ) -> Sightings:
        self.looked.append(mode)
        if on_progress is not None:
            on_progress(0.5)
        count = 30
        middle = np.linspace(40, 120, count)
        moving = np.column_stack(
            [middle - 20, *(np.full(count, v) for v in (49, 0, 79)), middle]
            + [np.full(count, v) for v in (64, 0.0, 40, 30, 1.0)]
        )
        moving[:, 2] = middle + 20
        frames, times = np.arange(count), np.arange(count) / 30
        faces = np.full((count, 3), np.nan)
        modes = {"face"} if mode == "face" else {"auto", "motion", "turning"}
        both = times, times
        return Sightings(
            "a.mp4", (160, 128), frames, faces, frames, moving, both, True, frozenset(modes)
        )

    async def follow_box(
        self, video: Path, drawn: CropTrack, on_progress: Callable[[float], None] | None = None
    ) -> CropTrack:
        self.followed.append(drawn)
        return CropTrack(drawn.frames, drawn.values, "box")


@pytest.fixture
def flows(qapp: Any) -> Iterator[tuple[Flows, list[BaseException]]]:
    loop, errors = starting.make_loop(qapp), list[BaseException]()
    yield Flows(errors.append), errors
    loop.close()
    assert errors == []


@pytest.fixture
def document(qapp: Any, tmp_path: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "a.limner")
    names = ("a", "b")
    made.add_videos(
        [
            draw_video(tmp_path / f"{name}.mp4", n=n, size=(160, 128))
            for name, n in zip(names, (30, 20), strict=True)
        ]
    )
    yield made
    made.close()


Opened = tuple[CropDialog, SeeingEngine]


@pytest.fixture
def opened(qtbot: QtBot, document: Document, flows: tuple[Flows, list[Any]]) -> Opened:
    engine = SeeingEngine()
    dialog = CropDialog(document, engine, flows[0])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    _done(dialog)
    return dialog, engine


def _done(dialog: CropDialog) -> None:
    assert starting.wait_until(lambda: not dialog.working)


def _choose(dialog: CropDialog, mode: str) -> None:
    dialog.form.modes.setCurrentIndex(dialog.form.modes.findData(mode))
    _done(dialog)


def test_samples_show_the_crop_and_what_the_network_sees(opened: Opened) -> None:
    dialog, engine = opened
    assert engine.looked == ["auto"]
    assert dialog.track is not None
    assert dialog.track.mode == "motion"
    assert "what moves" in dialog.said.text()
    views = [tile.view for tile in dialog.tiles]
    assert all(view is not None and view.seen is not None for view in views)
    first, last = views[0], views[-1]
    assert first is not None
    assert first.corners is not None
    assert last is not None
    assert last.corners is not None
    assert first.corners[0, 0] < last.corners[0, 0]


def test_more_room_and_another_way_need_no_second_look(opened: Opened) -> None:
    dialog, engine = opened
    assert dialog.track is not None
    before = dialog.track.values[0, 2]
    dialog.form.least.setValue(8)
    dialog.form.margin.setValue(100)
    _done(dialog)
    assert dialog.track.values[0, 2] > before
    _choose(dialog, "turning")
    assert dialog.track.values[0, 3] == pytest.approx(np.pi / 2, abs=0.02)
    assert dialog.tiles[0].view is not None
    assert dialog.tiles[0].view.turned
    _choose(dialog, "whole")
    assert dialog.track.at(3) == Crop.whole(160, 128)
    assert not dialog.form.margin.isEnabled()
    assert engine.looked == ["auto"]


def test_what_is_not_there_is_said_and_cannot_be_applied(opened: Opened) -> None:
    dialog, engine = opened
    _choose(dialog, "face")
    assert engine.looked == ["auto", "face"]
    assert "No face" in dialog.said.text()
    assert not dialog.foot.apply.isEnabled()
    _choose(dialog, "motion")
    assert dialog.foot.apply.isEnabled()


def test_applied_here_it_is_one_step_and_remembered(opened: Opened, document: Document) -> None:
    dialog, _ = opened
    document.set_crop_track(CropTrack.whole(160, 128), automatic=True)
    _choose(dialog, "motion")
    dialog.form.margin.setValue(40)
    _done(dialog)
    track = dialog.track
    assert track is not None
    dialog.foot.apply.click()
    assert not dialog.isVisible()
    assert document.crop_track is track
    assert document.project is not None
    assert project_setting(document.project) == CropSetting("motion", 0.4)
    document.undo()
    assert document.crop_track is not None
    assert document.crop_track.mode == "whole"


def test_applied_to_all_one_undo_takes_it_back(opened: Opened, document: Document) -> None:
    dialog, engine = opened
    project = document.project
    assert project is not None
    other = project.videos()[1].id
    dialog.form.keep.setChecked(False)
    dialog.foot.apply_all.click()
    assert starting.wait_until(lambda: not dialog.isVisible())
    assert engine.crops == ["auto"]
    assert project.crop_track_json(other) is not None
    assert project.undo_text == "Change the crop of 2 videos"
    document.undo()
    assert project.crop_track_json(other) is None
    assert document.crop_track is None
    assert project_setting(project) == CropSetting()


def test_labels_tell_whether_the_crop_holds_them(
    opened: Opened, document: Document, flows: tuple[Flows, list[Any]]
) -> None:
    dialog, engine = opened
    document.set_skeleton(Skeleton(("nose",)))
    document.place(0, 3, 3)
    _choose(dialog, "motion")
    assert "0 of 1 labelled points" in dialog.said.text()
    assert dialog.said.property("role") == "warning"
    project, video = document.project, document.video
    assert project is not None
    assert video is not None
    assert labels_inside(project, video.id, 0, CropTrack.whole(160, 128)) == (1, 1)
    # A guess that nobody asked for leaves no label out.
    found: list[CropTrack] = []

    async def find() -> None:
        found.append(await found_crops(engine, project, video, 0))

    flows[0].start(find())
    assert starting.wait_until(lambda: bool(found))
    assert found[0].mode == "whole"


def test_a_setting_that_a_video_does_not_fit_falls_back(
    document: Document, flows: tuple[Flows, list[Any]]
) -> None:
    class Faceless(SmallEngine):
        async def find_crops(
            self, video: Path, setting: Any, *rest: Any, **more: Any
        ) -> CropTrack:
            if setting.mode == "face":
                raise VideoError("No face was found.")
            return await super().find_crops(video, setting, *rest, **more)

    project, video = document.project, document.video
    assert project is not None
    assert video is not None
    project.set_setting("crop_setting", CropSetting("face").to_json())
    engine, found = Faceless(), list[CropTrack]()

    async def find() -> None:
        found.append(await found_crops(engine, project, video, 0))

    flows[0].start(find())
    assert starting.wait_until(lambda: bool(found))
    assert engine.crops == ["auto"]


def test_a_drawn_box_can_be_followed(
    qtbot: QtBot, document: Document, flows: tuple[Flows, list[Any]]
) -> None:
    engine = SeeingEngine()
    document.set_crop_track(CropTrack.fixed(Crop(50, 50, 40)))
    document.show(7)
    qtbot.waitUntil(lambda: document.frame_index == 7)
    dialog = CropDialog(document, engine, flows[0])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    _done(dialog)
    assert dialog.form.mode == "hand"
    assert engine.looked == []
    assert not dialog.form.keep.isEnabled()
    _choose(dialog, "box")
    assert engine.followed[0].frames.tolist() == [7]
    dialog.foot.apply.click()
    assert document.crop_track is not None
    assert document.crop_track.mode == "box"
