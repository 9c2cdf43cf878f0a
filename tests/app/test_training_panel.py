"""Learn: the form, the watching of a run, the list of runs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox

from drawn_video import draw_video
from limner_app.document import Document
from limner_app.training_client import TrainingClient
from limner_app.views.loss_plot import thin
from limner_app.views.run_list import clock
from limner_app.views.run_records import Curves, RunRecords, read_curves, runs_folder
from limner_app.views.training_panel import TrainingPanel
from limner_engine.cropping import CropTrack
from limner_engine.types import Crop
from limner_training.config import TrainConfig
from limner_training.events import (
    Done,
    Event,
    Failed,
    HeldBack,
    Preparing,
    Progress,
    Warned,
    to_line,
)
from limner_training.run_folder import RunFolder

_CHILD = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[-1])
def say(kind, **values):
    line = json.dumps({"event": kind, **values})
    with (folder / "events.jsonl").open("a") as file:
        file.write(line + "\\n")
    print(line, flush=True)
say("started", step=0, parameters=10, device="CPU bf16", train_frames=5, held_back_frames=2)
say("warned", message="Memory ran out; going on with 16 pairs a step.")
for step in (1, 2, 3):
    say("progress", step=step, loss=1.0 / step, learning_rate=0.1, images_per_s=50.0,
        elapsed_s=step * 1.0, left_s=7.0)
say("held_back", step=3, loss=0.3, ratio=0.5, preview="preview.png")
for line in sys.stdin:
    if line.strip() == "stop":
        break
(folder / "model.safetensors").write_bytes(b"model")
say("done", step=3, model="model.safetensors", figures={}, stopped=True)
"""


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("videos")
    sizes = {"fox": (192, 160), "hen": (192, 144)}
    return [draw_video(folder / f"{name}.mp4", n=6, size=size) for name, size in sizes.items()]


@pytest.fixture
def document(qapp: Any, tmp_path: Path, videos: list[Path]) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "fox.limner")
    made.add_videos(videos)
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: Any, document: Document, tmp_path: Path) -> Iterator[TrainingPanel]:
    script = tmp_path / "child.py"
    script.write_text(_CHILD, "utf-8")
    training = TrainingClient(program=[sys.executable, str(script)])
    made = TrainingPanel(document, training)
    qtbot.addWidget(made)
    made.resize(1100, 560)
    made.show()
    yield made
    training.close()


def test_the_form_holds_every_knob_with_its_default(panel: TrainingPanel) -> None:
    config = panel.form.config()
    plain = TrainConfig(sources=config.sources, name=config.name)
    assert config == plain
    assert [Path(source).name for source in config.sources] == ["fox.mp4", "hen.mp4"]
    assert config.name == "fox+1-lite"
    elsewhere = {"sources", "start_from"} | {
        knob.name
        for knob in dataclasses.fields(TrainConfig)
        if len(knob.metadata.get("choices", ())) == 1 or knob.metadata.get("expert")
    }
    every = {knob.name for knob in dataclasses.fields(TrainConfig)}
    assert set(panel.form.controls) == every - elsewhere
    for control in panel.form.controls.values():
        assert control.toolTip()


def test_what_is_typed_is_what_is_learned(panel: TrainingPanel) -> None:
    panel.form.sources.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    for name, value in (("minutes", 2.5), ("landmarks", 7), ("size", "paper"), ("name", "x")):
        panel.form.set_value(name, value)
    config = panel.form.config()
    assert [Path(source).name for source in config.sources] == ["fox.mp4"]
    assert (config.minutes, config.landmarks, config.size, config.name) == (2.5, 7, "paper", "x")
    panel.form.sources.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not panel.form.start.isEnabled()
    assert panel.form.hint.text()


def test_choices_read_in_words_and_give_values(panel: TrainingPanel) -> None:
    form = panel.form
    codes = {"content", "imagenet", "l1", "l2", "l1+adversarial", "l2+adversarial", "auto"}
    for knob in dataclasses.fields(TrainConfig):
        control = form.controls.get(knob.name)
        if not isinstance(control, QComboBox):
            continue
        assert form.value(knob.name) == knob.default
        offered = knob.metadata.get("offered", knob.metadata["choices"])
        assert control.count() == len(offered)
        for row, value in enumerate(offered):
            assert control.itemText(row) not in codes
            assert control.itemText(row)[0].isupper(), value
            form.set_value(knob.name, value)
            assert getattr(form.config(), knob.name) == value
        # What follows is to be heeded whatever the last one was.
        form.set_value(knob.name, knob.default)
    form.set_value("steps", 5)
    form.set_value("minutes", 0)
    minutes = form.controls["minutes"]
    assert isinstance(minutes, QDoubleSpinBox)
    assert minutes.text() == "No limit"
    assert form.config().minutes == 0


def test_knobs_rest_where_they_mean_nothing(panel: TrainingPanel, document: Document) -> None:
    form = panel.form
    form.set_value("loss", "l1")
    assert not form.controls["colour_steps"].isEnabled()
    form.set_value("loss", "content")
    assert form.controls["colour_steps"].isEnabled()
    assert not form.controls["patience"].isEnabled()
    form.begin.insertItem(0, "a model", "m.safetensors")
    form.fine_tune()
    assert form.controls["patience"].isEnabled()
    assert not form.controls["size"].isEnabled()


def test_what_is_prepared_is_said_with_its_bar(qtbot: Any, panel: TrainingPanel) -> None:
    status, client = panel.status, panel._training
    panel.start_run()
    qtbot.waitUntil(lambda: panel._curves.held_steps == [3], timeout=20000)
    share = status.bar.value()
    client.event_heard.emit(Preparing("Growing the network to its whole size", 0.0))
    assert status.figures.text() == "Growing the network to its whole size"
    assert status.bar.value() == share
    client.event_heard.emit(progress(4))
    assert "step" in status.figures.text()
    client.started = None
    client.event_heard.emit(Preparing("Learning the colours of these frames", 0.25))
    assert status.figures.text() == "Learning the colours of these frames"
    assert status.bar.value() == 250
    client.event_heard.emit(Warned("These frames are grey."))
    assert status.warning.text().splitlines() == [
        "Memory ran out; going on with 16 pairs a step.",
        "These frames are grey.",
    ]


def test_an_early_end_of_fine_tuning_is_no_warning(
    qtbot: Any, panel: TrainingPanel, document: Document, tmp_path: Path
) -> None:
    ending = "Held-back frames are redrawn no better any more: the run ends here."
    script = tmp_path / "early.py"
    script.write_text(
        "import json\n"
        f"print(json.dumps({{'event': 'warned', 'message': {ending!r}}}))\n"
        "print(json.dumps({'event': 'done', 'step': 3, 'model': 'm.safetensors'}))\n",
        "utf-8",
    )
    panel._training._program = [sys.executable, str(script)]
    config = TrainConfig(sources=("a.mp4",), start_from="m.safetensors", name="fox")
    with qtbot.waitSignal(panel._training.finished, timeout=20000):
        panel._training.start(config, runs_folder(Path(document.project.path)))  # type: ignore[union-attr]
    assert panel.status.title.text() == "Finished early · fox"
    assert panel.status.note.text() == f"{ending} The best model is kept."
    assert not panel.status.warning.isVisible()
    assert panel.status.note.isVisible()


def test_a_run_is_watched_stopped_and_offered(
    qtbot: Any, panel: TrainingPanel, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.form.start.click()
    run = panel._training.run
    assert run is not None
    assert run.path.parent == runs_folder(Path(document.project.path))  # type: ignore[union-attr]
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(str(run.path / "preview.png"))
    qtbot.waitUntil(lambda: panel._curves.held_steps == [3], timeout=20000)
    assert panel._curves.steps == [1, 2, 3]
    assert panel.status.warning.text().startswith("Memory ran out")
    assert "CPU bf16" in panel.status.figures.text()
    assert "0:07 left" in panel.status.figures.text()
    assert not panel.form.start.isEnabled()
    qtbot.waitUntil(lambda: not panel.preview.empty, timeout=20000)
    panel.start_run()
    assert panel._training.run == run
    with qtbot.waitSignal(panel._training.finished, timeout=20000):
        panel.status.stop.click()
    assert panel.form.start.isEnabled()
    assert panel.status.use.isVisible()
    state = panel.runs.table.item(0, 2)
    assert state is not None
    assert state.text() == "stopped, kept"
    used: list[Path] = []
    monkeypatch.setattr(document, "set_model", used.append)
    panel.status.use.click()
    assert used == [run.model_path]
    assert not panel.status.use.isVisible()


def test_a_second_start_says_that_one_is_going_on(
    qtbot: Any, panel: TrainingPanel, document: Document
) -> None:
    told: list[tuple[str, str, str]] = []
    document.message.connect(lambda *words: told.append(words))
    panel.start_run()
    panel.start_run()
    assert told[0][0] == "error"
    assert "still learning" in told[0][1]
    assert told[0][2]


def test_the_projects_crops_go_along(panel: TrainingPanel, document: Document) -> None:
    track = CropTrack.fixed(Crop(80, 70, 90), "face")
    document.set_crop_track(track)
    panel.start_run()
    run = panel._training.run
    assert run is not None
    stored = json.loads(Path(run.config.crops).read_text("utf-8"))
    assert list(stored) == [str(document.video.path)]  # type: ignore[union-attr]
    assert CropTrack.from_json(json.dumps(next(iter(stored.values())))).at(3) == track.at(3)


def make_run(
    folder: Path, name: str, *events: Event, model: bool = False, start_from: str = ""
) -> RunFolder:
    config = TrainConfig(sources=("a",), name=name, start_from=start_from)
    run = RunFolder.adopt(folder / name, config)
    run.events_path.write_text("".join(to_line(event) + "\n" for event in events), "utf-8")
    if model:
        run.model_path.write_bytes(b"model")
    return run


def progress(step: int) -> Progress:
    return Progress(step, 1.0 / step, 0.1, 50.0, float(step), 1.0)


def test_the_list_says_how_runs_ended(
    qtbot: Any, panel: TrainingPanel, document: Document
) -> None:
    folder = runs_folder(Path(document.project.path))  # type: ignore[union-attr]
    held = HeldBack(9, 0.04, 0.6, "preview.png")
    make_run(folder, "whole", progress(9), held, Done(9, "model.safetensors"), model=True)
    make_run(folder, "early", progress(9), Done(9, "m", stopped=True), model=True)
    make_run(folder, "dead", progress(1))
    enough = [progress(9), Warned("No better."), held, Done(9, "m")]
    make_run(folder, "enough", *enough, start_from="m.safetensors")
    make_run(folder, "warned", *enough)
    make_run(folder, "bad", Failed("The loss is not a number."))
    panel.refresh_runs()
    records = {r.name: r for r in RunRecords().read(folder)}
    states = {name: record.state for name, record in records.items()}
    assert states == {
        "whole": "finished", "early": "stopped", "dead": "interrupted", "bad": "failed",
        "enough": "early", "warned": "finished",
    }  # fmt: skip
    assert records["enough"].note == "No better."
    assert (records["whole"].loss, records["whole"].ratio) == (0.04, 0.6)
    assert records["bad"].note == "The loss is not a number."
    assert records["dead"].resumable
    assert not records["whole"].resumable
    panel.runs.select(folder / "dead")
    assert panel.runs.resume.isEnabled()
    assert not panel.runs.use.isEnabled()
    panel.runs.select(folder / "whole")
    assert panel.runs.use.isEnabled()
    qtbot.waitUntil(lambda: panel._curves.held_losses == [0.04], timeout=20000)
    panel.runs.table.selectAll()
    assert not panel.runs.compare.isEnabled()
    panel.compare_runs([folder / "whole", folder / "early"])
    assert "whole" in panel.plot.legend.text() or panel.plot.legend.text()


def test_a_resumed_run_replaces_the_steps_it_says_again(tmp_path: Path) -> None:
    run = make_run(tmp_path, "r", progress(1), progress(2), progress(3), progress(2), progress(4))
    assert read_curves(run.path).steps == [1, 2, 4]
    curves = Curves()
    assert not curves.add(Done(1, "m"))


def test_thinning_keeps_ends_and_mean() -> None:
    x, y = np.arange(10_001), np.random.default_rng(0).normal(size=10_001)
    thin_x, thin_y = thin(x, y)
    assert len(thin_x) <= 801
    assert abs(thin_y.mean() - y.mean()) < 0.02
    assert np.array_equal(thin([1, 2], [3, 4])[1], [3, 4])
    assert len(thin([], [])[0]) == 0


def test_clock() -> None:
    assert [clock(s) for s in (0, 59.6, 3661)] == ["0:00", "1:00", "1:01:01"]
