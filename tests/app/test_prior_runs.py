"""Learn with a pose prior: what the form asks for, and what the panel shows of such a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage

from drawn_video import draw_video
from limner_app.document import Document
from limner_app.training_client import TrainingClient
from limner_app.views.preview_picture import PreviewPicture
from limner_app.views.run_records import runs_folder
from limner_app.views.training_panel import TrainingPanel
from limner_engine.priors.prior import PosePrior
from limner_engine.types import ModelInfo, Skeleton
from limner_training.config import TrainConfig
from limner_training.events import Event, HeldBack, Warned, to_line
from limner_training.presets import settings
from limner_training.run_folder import RunFolder

_SKELETON = Skeleton(("head", "left foot", "right foot"), ((0, 1), (0, 2)), ((1, 2),))


def prior(count: int = 7, name: str = "standing") -> PosePrior:
    poses = np.random.default_rng(0).uniform(-0.7, 0.7, (count, 3, 2)).astype(np.float32)
    return PosePrior(name, _SKELETON, poses, ("drawn by hand",))


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("videos") / "fox.mp4", n=6, size=(96, 80))


@pytest.fixture
def document(qapp: Any, tmp_path: Path, video: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "fox.limner")
    made.add_videos([video])
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: Any, document: Document) -> Iterator[TrainingPanel]:
    training = TrainingClient(program=[sys.executable, "-c", "import sys; sys.stdin.read()"])
    made = TrainingPanel(document, training)
    qtbot.addWidget(made)
    made.resize(1100, 560)
    made.show()
    yield made
    training.close()


def test_the_form_shows_what_its_system_heeds(panel: TrainingPanel) -> None:
    form = panel.form
    form._unfold.setChecked(True)
    assert form.controls["landmarks"].isVisible()
    assert form.controls["pull"].isVisible()
    assert not form.prior.isVisible()
    assert not form._parts["poses"].isVisible()
    form.set_value("method", "keypointgan")
    assert not form.controls["landmarks"].isVisible()
    assert not form._labels["landmarks"].isVisible()
    assert not form.controls["pull"].isVisible()
    assert form.prior.isVisible()
    assert form._labels["prior"].isVisible()
    assert form._parts["poses"].isVisible()


def test_a_system_brings_its_own_values_and_leaves_those_of_the_person(
    panel: TrainingPanel,
) -> None:
    form = panel.form
    form.set_value("batch", 12)
    form.set_value("separation", 0.3)
    form.set_value("method", "keypointgan")
    config = form.config()
    own = settings("keypointgan")
    assert config.batch == 12
    assert config.learning_rate == own["learning_rate"] != TrainConfig().learning_rate
    assert config.minutes == own["minutes"]
    # What the system does not heed is no choice of the person's.
    assert config.separation == own.get("separation", TrainConfig().separation)
    form.set_value("method", "imm")
    config = form.config()
    assert (config.batch, config.separation) == (12, 0.3)
    assert (config.learning_rate, config.minutes) == (3e-3, 5.0)


def test_without_a_prior_there_is_no_start(
    panel: TrainingPanel, document: Document, tmp_path: Path
) -> None:
    form, told = panel.form, list[tuple[str, str, str]]()
    document.message.connect(lambda *words: told.append(words))
    assert form.start.isEnabled()
    form.set_value("method", "keypointgan")
    assert not form.start.isEnabled()
    assert "pose prior" in form.hint.text()
    panel.start_run()
    assert panel._training.run is None
    assert told.pop()[0] == "error"
    (tmp_path / "none.prior.npz").write_bytes(b"none")
    form.set_value("prior", str(tmp_path / "none.prior.npz"))
    assert "not a pose prior" in told.pop()[1]
    assert not form.start.isEnabled()
    path = tmp_path / "standing.prior.npz"
    prior().save(path)
    form.set_value("prior", str(path))
    assert form.start.isEnabled()
    assert form.config().prior == str(path)
    assert form.prior.choice.currentText() == "standing"
    assert form.prior.facts.text() == "3 landmarks · 7 poses"


def test_a_prior_of_the_project_is_written_for_its_run(
    panel: TrainingPanel, document: Document
) -> None:
    project, form = document.project, panel.form
    assert project is not None
    form.set_value("method", "keypointgan")
    number = project.add_prior(prior())
    form.prior.choose_stored(number)
    assert form.prior.choice.currentText() == "standing"
    panel.start_run()
    run = panel._training.run
    assert run is not None
    written = Path(run.config.prior)
    assert written.is_relative_to(runs_folder(Path(project.path)))
    assert PosePrior.open(written).sha256 == prior().sha256
    written.with_name("copy.prior.npz").write_bytes(written.read_bytes())
    form.set_value("prior", str(written.with_name("copy.prior.npz")))
    assert form.prior.path == str(written)
    project.remove_prior(number)
    form.prior.reload()
    assert form.prior.path == ""
    assert not form.start.isEnabled()


def test_a_model_learns_on_in_its_own_system_alone(
    panel: TrainingPanel, document: Document
) -> None:
    form = panel.form
    info = ModelInfo("keypointgan", "walkers", {}, _SKELETON)
    document.model_info = info
    document.model_path = Path("w.safetensors")
    document.models_changed.emit()
    assert form.begin.count() == 1
    form.fine_tune()
    assert form.value("method") == "keypointgan"
    assert form.begin.currentText() == "walkers"
    form.set_value("method", "imm")
    assert not form.begin.currentData()


def test_a_run_that_is_over_still_says_what_it_warned_of(
    qtbot: Any, panel: TrainingPanel, document: Document
) -> None:
    folder = runs_folder(Path(document.project.path))  # type: ignore[union-attr]
    config = TrainConfig(sources=("a",), name="w", method="keypointgan", prior="p")
    run = RunFolder.adopt(folder / "w", config)
    said: list[Event] = [Warned(f"Warning {n}.") for n in (1, 1, 2, 3, 4)]
    said.append(HeldBack(9, 0.1, 0.5, "preview.png"))
    run.events_path.write_text("".join(to_line(event) + "\n" for event in said), "utf-8")
    RunFolder.adopt(folder / "quiet", TrainConfig(sources=("a",)))
    panel.refresh_runs()
    panel.runs.select(run.path)
    line = panel.runs.table.item(panel.runs.table.currentRow(), 0)
    assert line is not None
    assert line.toolTip().startswith("With a pose prior (KeypointGAN) · Lite, 64 px\n")
    qtbot.waitUntil(panel.warnings.isVisible, timeout=20000)
    assert panel.warnings.text().splitlines() == ["Warning 2.", "Warning 3.", "Warning 4."]
    qtbot.waitUntil(lambda: panel.preview.captions[2] == "pose picture", timeout=20000)
    panel.runs.select(folder / "quiet")
    qtbot.waitUntil(lambda: not panel.warnings.isVisible(), timeout=20000)
    qtbot.waitUntil(lambda: panel.preview.captions[2] == "redrawn", timeout=20000)


def test_pictures_of_a_pair_stand_side_by_side(qtbot: Any, tmp_path: Path) -> None:
    sheet = QImage(2 * 132 - 4, 6 * 132 - 4, QImage.Format.Format_RGB32)
    sheet.fill(0)
    for row in range(6):
        for y in range(128):
            for x in range(128):
                sheet.setPixel(x, row * 132 + y, 0xFF000000 | 40 * (row + 1))
    path = tmp_path / "preview.png"
    sheet.save(str(path))
    preview = PreviewPicture()
    qtbot.addWidget(preview)
    preview.resize(720, 300)
    preview.load(path, "keypointgan")
    qtbot.waitUntil(lambda: not preview.empty, timeout=20000)
    shown = preview.grab().toImage()
    blue = [shown.pixelColor(QPoint(60 + 117 * n, 80)).blue() for n in range(6)]
    assert blue == [40, 80, 120, 160, 200, 240]
