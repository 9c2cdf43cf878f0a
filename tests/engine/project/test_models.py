from __future__ import annotations

from pathlib import Path

import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project
from project_samples import clip, info


def test_a_model_comes_back_as_it_was(project: Project, tmp_path: Path) -> None:
    path = clip(tmp_path, "models/faces.safetensors")
    number = project.add_model(info(), path)
    (stored,) = project.models()
    assert (stored.id, stored.info, stored.path, stored.missing) == (number, info(), path, False)
    path.unlink()
    assert project.models()[0].missing


def test_the_same_weights_keep_their_number(project: Project, tmp_path: Path) -> None:
    first = project.add_model(info(), tmp_path / "a")
    assert project.add_model(info(name="renamed"), tmp_path / "b") == first
    assert project.add_model(info("cd" * 32), tmp_path / "c") != first
    assert [(m.info.name, m.path.name) for m in project.models()] == [
        ("renamed", "b"),
        ("faces", "c"),
    ]
    unhashed = project.add_model(info(""), tmp_path / "d")
    assert project.add_model(info(""), tmp_path / "d") == unhashed
    assert project.add_model(info("", name="another"), tmp_path / "e") != unhashed


def test_a_model_that_is_fitted_anew_keeps_its_number(project: Project, tmp_path: Path) -> None:
    number = project.add_model(info(), tmp_path / "names")
    other = project.add_model(info("cd" * 32, name="other"), tmp_path / "other")
    project.renew_model(number, info("ef" * 32, count=6, name="names"), tmp_path / "names")
    assert project.add_model(info("ef" * 32, count=6, name="names"), tmp_path / "names") == number
    assert [(m.id, m.info.name, m.info.sha256[:2]) for m in project.models()] == [
        (number, "names", "ef"),
        (other, "other", "cd"),
    ]
    with pytest.raises(ProjectError, match="no model 9"):
        project.renew_model(9, info(), tmp_path / "names")


def test_the_current_model_is_remembered(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.limner") as project:
        assert project.current_model_id is None
        number = project.add_model(info(), tmp_path / "m")
        project.current_model_id = number
        with pytest.raises(ProjectError, match="no model 9"):
            project.current_model_id = 9
    with Project.open(tmp_path / "p.limner") as project:
        assert project.current_model_id == number
        project.current_model_id = None
        assert project.current_model_id is None


@pytest.mark.parametrize("text", ["[]", "{}", "no json", '{"skeleton": {"names": ["a", "a"]}}'])
def test_a_damaged_model_row_is_told(project: Project, tmp_path: Path, text: str) -> None:
    project.add_model(info(), tmp_path / "m")
    with project._database.transaction():
        project._database.write("UPDATE model SET info = ?", (text,))
    with pytest.raises(ProjectError, match="says of a model is damaged"):
        project.models()
