"""The flow about pose priors, from videos to a run, as a person goes through it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app import window as starting
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.views.prior_draft import OWN_CROPS
from limner_engine.cropping import CropTrack
from limner_engine.formats.skeleton_file import SkeletonFile
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Crop, Skeleton
from limner_training.run_folder import RunFolder
from prior_flow import BODY, CHILD, Flow, archive, bodies, prior, project_of


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("videos")
    sizes = {"fox": (160, 128), "hen": (160, 112)}
    return [draw_video(folder / f"{name}.mp4", n=12, size=size) for name, size in sizes.items()]


@pytest.fixture
def document(qapp: Any, tmp_path: Path, videos: list[Path]) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "fox.limner")
    made.add_videos(videos)
    yield made
    made.close()


@pytest.fixture
def flow(qtbot: QtBot, qapp: Any, document: Document, tmp_path: Path) -> Iterator[Flow]:
    loop, errors = starting.make_loop(qapp), list[BaseException]()
    script = tmp_path / "child.py"
    script.write_text(CHILD, "utf-8")
    made = Flow(document, Flows(errors.append), script, qtbot)
    yield made
    made.dialog.close()
    made.training.close()
    loop.close()
    assert errors == []


def test_from_videos_to_a_run(flow: Flow, tmp_path: Path) -> None:
    dialog, project = flow.dialog, project_of(flow)
    dialog.videos.sources.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    flow.to("Crop")
    assert flow.engine.looked == ["auto"]
    assert sum(not tile.isHidden() for tile in dialog.crop.tiles) == 9
    assert dialog.draft.crops[0].pictures.shape == (12, 64, 64, 3)
    flow.to("Skeleton")
    dialog.skeleton.propose("upper-body-7")
    assert dialog.draft.skeleton == BODY
    flow.to("Prior")
    assert not dialog.foot.next.isEnabled()
    assert dialog.prior.page.gallery.crop_count == 12
    np.save(tmp_path / "waves.npy", bodies())
    flow.read(tmp_path / "waves.npy")
    assert dialog.prior.page.gallery.pose_count == 15
    assert not dialog.prior.page.joints.isVisible()
    dialog.prior.page.sources.list.item(0).setText("waves of July")
    flow.to("Start")
    assert "60 poses of waves of July" in dialog.start.happens.text()
    dialog.start.minutes.setValue(1.5)
    dialog.foot.next.click()
    assert not dialog.isVisible()
    (folder,) = flow.started
    config = RunFolder(folder).config
    assert (config.method, config.size, config.minutes) == ("keypointgan", "lite", 1.5)
    assert config.sources == (str(project.videos()[0].path),)
    assert config.name == "fox-waves of July"
    assert list(json.loads(Path(config.crops).read_text("utf-8"))) == list(config.sources)
    used = PosePrior.open(Path(config.prior))
    (stored,) = project.priors()
    assert used.sha256 == stored.sha256
    assert (stored.name, stored.pose_count, stored.skeleton) == ("waves of July", 60, BODY)
    assert project.undo_text == "Keep the prior waves of July"


def test_one_run_at_a_time_and_nothing_is_written(flow: Flow) -> None:
    flow.dialog.skeleton.propose("upper-body-7")
    project_of(flow).add_prior(prior())
    flow.to("Prior")
    flow.dialog.prior.choose(1)
    flow.rest()
    flow.to("Start")
    flow.dialog.begin()
    assert starting.wait_until(lambda: flow.training.state == "running")
    again = flow.open()
    again.prior.propose({"id": 1}, again.draft.placing)
    flow.to("Start")
    assert not again.foot.next.isEnabled()
    assert "A run is going on" in again.foot.words.text()
    again.begin()
    assert "still learning" in again.trouble.text()
    assert again.isVisible()


def test_a_way_to_crop_that_finds_nothing_is_said(flow: Flow) -> None:
    flow.to("Crop")
    crop = flow.dialog.crop
    crop.modes.setCurrentIndex(crop.modes.findData("face"))
    flow.rest()
    assert "No face was seen." in flow.dialog.trouble.text()
    assert not flow.dialog.foot.next.isEnabled()
    crop.modes.setCurrentIndex(crop.modes.findData("whole"))
    flow.rest()
    assert flow.dialog.trouble.isHidden()
    assert flow.dialog.foot.next.isEnabled()
    crop.more.click()
    assert flow.opened == ["crops"]


def test_the_project_looks_at_what_was_learned_from(flow: Flow) -> None:
    project, document = project_of(flow), flow.document
    document.set_crop_track(CropTrack.fixed(Crop(80, 64, 50)))
    flow.dialog.skeleton.propose("upper-body-7")
    flow.to("Crop")
    crop = flow.dialog.crop
    assert crop.modes.currentData() == OWN_CROPS
    crop.modes.setCurrentIndex(crop.modes.findData("whole"))
    flow.rest()
    assert "replaces the crop of a video" in crop.words.text()
    project.add_prior(prior())
    flow.to("Prior")
    flow.dialog.prior.choose(1)
    flow.rest()
    flow.to("Start")
    flow.dialog.begin()
    assert flow.started
    assert document.crop_track is not None
    assert document.crop_track.mode == "whole"
    assert project.undo_text == "Change the crop of a video"
    document.undo()
    assert document.crop_track is not None
    assert document.crop_track.mode == "hand"


def test_joints_are_chosen_where_names_do_not_tell(flow: Flow, tmp_path: Path) -> None:
    flow.dialog.skeleton.propose("upper-body-7")
    flow.to("Prior")
    flow.read(archive(tmp_path / "waves.npz"))
    page, step = flow.dialog.prior.page, flow.dialog.prior
    assert page.joints.isVisible()
    assert set(page.joints.map.missing) == {"left wrist", "right wrist"}
    assert "Choose a joint for every landmark" in flow.dialog.foot.words.text()
    for name, joint in (("left wrist", "Paw"), ("right wrist", "RightForeArm")):
        box = page.joints._boxes[name]
        assert isinstance(box, QComboBox)
        box.setCurrentIndex(box.findText(joint))
    flow.rest()
    assert flow.dialog.foot.next.isEnabled()
    assert step._draft.joints["left wrist"] == "Paw"
    made = step._draft.prior
    assert made is not None
    assert made.skeleton == BODY
    page.views.setCurrentIndex(2)
    flow.rest()
    # From the front nobody is as thin as from the side.
    other = step._draft.prior
    assert other is not None
    assert np.ptp(other.poses[:, 1:3, 0], axis=1).min() > 0.1
    assert np.ptp(made.poses[:, 1:3, 0], axis=1).min() < 0.1
    flow.dialog.close()
    again = flow.open()
    flow.to("Prior")
    flow.rest()
    assert again.prior.page.views.currentIndex() == 2
    assert again.prior.page.joints.map.landmarks["left wrist"] == ("Paw",)
    assert again.draft.prior is not None


def test_bad_files_are_said_and_change_nothing(flow: Flow, tmp_path: Path) -> None:
    flow.dialog.skeleton.propose("upper-body-7")
    flow.to("Prior")
    np.save(tmp_path / "waves.npy", bodies())
    flow.read(tmp_path / "waves.npy")
    (tmp_path / "bad.bvh").write_text("HIERARCHY\nnonsense\n")
    flow.read(tmp_path / "bad.bvh")
    assert "bad.bvh, line 2" in flow.dialog.trouble.text()
    assert flow.dialog.foot.next.isEnabled()
    flow.read(tmp_path / "waves.npy")
    assert flow.dialog.trouble.isHidden()


def test_dropped_files_are_read(flow: Flow, tmp_path: Path) -> None:
    flow.dialog.skeleton.propose("upper-body-7")
    flow.to("Prior")
    prior().save(tmp_path / "waves.prior.npz")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "waves.prior.npz"))])
    flow.dialog.prior.page.dropEvent(
        QDropEvent(
            QPointF(QPoint(5, 5)),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    flow.rest()
    assert flow.dialog.draft.prior is not None
    assert flow.dialog.draft.prior.sha256 == prior().sha256
    assert flow.dialog.draft.placing.how == "given"


def test_a_prior_brings_its_skeleton_and_another_can_be_chosen(flow: Flow) -> None:
    skeleton = Skeleton((*BODY.names[:3], "tail"), ((0, 1), (0, 2), (0, 3)), ((1, 2),))
    project_of(flow).add_prior(prior(skeleton=skeleton, name="tails"))
    flow.to("Prior")
    flow.dialog.prior.choose(1)
    flow.rest()
    assert flow.dialog.draft.skeleton == skeleton
    assert flow.dialog.skeleton.list.currentItem().text() == "Of tails"
    # Back, to a skeleton that has fewer of its names.
    flow.dialog.foot.back.click()
    part = SkeletonFile(Skeleton(BODY.names[:2], ((0, 1),)), "two")
    flow.dialog.skeleton.use(part.skeleton, "two")
    flow.to("Prior")
    made = flow.dialog.draft.prior
    assert made is not None
    assert made.skeleton == part.skeleton
    assert len(made) == 60


def test_priors_of_the_project_are_renamed_removed_and_saved(flow: Flow, tmp_path: Path) -> None:
    project, flow_prior = project_of(flow), flow.dialog.prior
    project.add_prior(prior())
    flow.dialog.skeleton.propose("upper-body-7")
    flow.to("Prior")
    flow_prior.choose(1)
    flow.rest()
    listed = flow_prior.page.sources.list
    listed.item(0).setText("strolls")
    assert project.priors()[0].name == "strolls"
    assert flow.dialog.draft.prior is not None
    assert flow.dialog.draft.prior.name == "strolls"
    listed.item(0).setText(" ")
    assert "needs a name" in flow.dialog.trouble.text()
    assert listed.item(0).text() == "strolls"
    flow_prior.save(tmp_path / "out.prior.npz")
    assert PosePrior.open(tmp_path / "out.prior.npz").name == "strolls"
    listed.setCurrentRow(0)
    QTest.keyClick(listed, Qt.Key.Key_Delete)
    assert project.priors() == []
    assert not flow.dialog.foot.next.isEnabled()
    flow.document.undo()
    assert listed.count() == 1


def test_poses_are_drawn_and_kept(flow: Flow) -> None:
    flow.dialog.skeleton.propose("upper-body-7")
    flow.to("Prior")
    step = flow.dialog.prior
    step.page.sources.draw.click()
    editor = step.drawing.editor
    assert editor is not None
    editor.accept()
    flow.rest()
    (stored,) = project_of(flow).priors()
    assert stored.skeleton == BODY
    assert flow.dialog.draft.prior is not None
    assert flow.dialog.draft.prior.sha256 == stored.sha256
    flow.to("Start")
    assert "One pose is very little" in flow.dialog.start.doubts.text()


def test_poses_are_placed_with_a_live_gallery_and_a_mend(flow: Flow, tmp_path: Path) -> None:
    flow.dialog.skeleton.propose("upper-body-7")
    flow.to("Prior")
    np.save(tmp_path / "waves.npy", bodies())
    flow.read(tmp_path / "waves.npy")
    step, page = flow.dialog.prior, flow.dialog.prior.page
    before = flow.dialog.draft.prior
    page.placing.extent.slider.setValue(20)
    flow.rest()
    after = flow.dialog.draft.prior
    assert before is not None
    assert after is not None
    assert np.ptp(after.poses, axis=1).max() == pytest.approx(0.4, abs=0.02)
    # The crops follow what moves, so that its size in them is known.
    assert step.seen.statistics is not None
    assert page.bar.isVisible()
    assert "smaller" in page.warning.text()
    page.mend.click()
    assert not page.bar.isVisible()
    assert flow.dialog.draft.placing.extent > 0.8


def test_the_skeleton_is_edited_where_that_is_sensible(flow: Flow, tmp_path: Path) -> None:
    step = flow.dialog.skeleton
    flow.to("Skeleton")
    step.propose("body-13")
    step.edit.click()
    assert flow.edited[0] is not None
    flow.document.set_skeleton(Skeleton(("a", "b")))
    assert step.chosen == "project"
    assert "no lines" in flow.dialog.foot.words.text()
    step.edit.click()
    assert flow.edited[1] is None
    (tmp_path / "bad.json").write_text("[]")
    step.use_file(tmp_path / "bad.json")
    assert "bad.json" in flow.dialog.trouble.text()


def test_choices_are_remembered_and_keys_lead_through(flow: Flow) -> None:
    flow.dialog.videos.sources.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    QTest.keyClick(flow.dialog, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    flow.rest()
    assert flow.dialog.current == 1
    crop = flow.dialog.crop
    crop.modes.setCurrentIndex(crop.modes.findData("whole"))
    flow.rest()
    flow.to("Skeleton")
    flow.dialog.skeleton.propose("body-14")
    QTest.keyClick(flow.dialog, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert flow.dialog.current == 1
    flow.dialog.reject()
    assert not flow.dialog.isVisible()
    again = flow.open()
    assert again.videos.left_out == [str(project_of(flow).videos()[0].path)]
    flow.to("Crop")
    assert again.crop.modes.currentData() == "whole"
    flow.to("Skeleton")
    assert again.skeleton.chosen == "body-14"


def test_drawn_poses_are_not_lost_unasked(flow: Flow) -> None:
    flow.dialog.skeleton.propose("upper-body-7")
    flow.to("Prior")
    step = flow.dialog.prior
    step.draw()
    editor = step.drawing.editor
    assert editor is not None
    editor.add()
    flow.dialog.close()
    assert flow.dialog.isVisible()
    assert editor.question.isVisible()
    flow.dialog.reject()
    assert flow.dialog.isVisible()
    editor.accept()
    flow.rest()
    assert project_of(flow).priors()[0].pose_count == 2
    flow.dialog.close()
    assert not flow.dialog.isVisible()


def test_return_goes_on_and_presses_nothing_else(flow: Flow) -> None:
    buttons = flow.dialog.findChildren(QPushButton)
    assert [b.text() for b in buttons if b.autoDefault()] == [flow.dialog.foot.next.text()]
    QTest.keyClick(flow.dialog, Qt.Key.Key_Return)
    flow.rest()
    assert flow.dialog.current == 1


def test_escape_ends_long_work_first(flow: Flow) -> None:
    flow.dialog.foot.next.click()
    assert starting.wait_until(lambda: flow.dialog.foot.busy)
    flow.dialog.reject()
    assert flow.dialog.isVisible()
    assert not flow.dialog.foot.busy
    flow.dialog.reject()
    assert not flow.dialog.isVisible()


def test_another_project_closes_it(flow: Flow, tmp_path: Path) -> None:
    flow.document.create(tmp_path / "other.limner")
    assert not flow.dialog.isVisible()
