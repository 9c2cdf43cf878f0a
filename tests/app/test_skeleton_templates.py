"""Skeletons taken over from templates and files, and kept in files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from limner_app.document import Document
from limner_app.views.skeleton_editor import SkeletonEditor
from limner_app.views.skeleton_layout import layout_of
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates


def test_templates_are_drawn_as_they_say(editor: SkeletonEditor, document: Document) -> None:
    editor.use_template("body-13")
    editor.use_template("mouse")
    template = skeleton_templates()["mouse"]
    assert document.skeleton == Skeleton.from_json(template)
    np.testing.assert_allclose(layout_of(document), template["layout"])
    document.undo()
    np.testing.assert_allclose(layout_of(document), skeleton_templates()["body-13"]["layout"])
    assert document.redo() == "Take over Mouse from above, 9 points"


def test_a_template_keeps_annotations_of_the_same_name(
    editor: SkeletonEditor, document: Document
) -> None:
    document.set_skeleton(Skeleton(("Tail Tip", "paw")))
    document.place(0, 5, 6)
    editor.use_template("mouse")
    assert not editor.question.isVisible()
    tip = document.skeleton.names.index("tail tip")
    assert document.landmarks().points[tip].tolist() == [5, 6]
    editor.use_template("fly")
    assert "tail tip: 1 annotation goes too" in editor.question.words.text()
    editor.question.keep.click()
    assert len(document.skeleton.names) == 9


def test_what_is_saved_is_loaded(
    editor: SkeletonEditor, document: Document, tmp_path: Path
) -> None:
    editor.use_template("mouse")
    mouse, path = document.skeleton, tmp_path / "mine"
    editor.save(path)
    assert editor.foot.words.text() == "Saved as mine.json"
    editor.start_afresh()
    assert document.skeleton == Skeleton(())
    editor.load(path.with_suffix(".json"))
    assert document.skeleton == mouse
    assert document.project.undo_text == "Take over mine"
    np.testing.assert_allclose(layout_of(document), skeleton_templates()["mouse"]["layout"])


def test_a_file_that_is_no_skeleton_is_told(
    editor: SkeletonEditor, document: Document, tmp_path: Path
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"names": ["a", "a"]}))
    editor.load(path)
    assert "two landmarks are called “a”" in editor.foot.words.text()
    editor.load(tmp_path / "none.json")
    assert "There is no file" in editor.foot.words.text()
    editor.use_template("mouse")
    editor.save(tmp_path / "no" / "a.json")
    assert "could not be written" in editor.foot.words.text()
