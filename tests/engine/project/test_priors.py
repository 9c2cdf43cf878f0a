from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import ProjectError
from limner_engine.priors.prior import PosePrior
from limner_engine.project import Project
from limner_engine.types import Skeleton

PAIR = Skeleton(("hand", "foot"), ((0, 1),))


def made(name: str = "walks", count: int = 5, seed: int = 0) -> PosePrior:
    poses = np.random.default_rng(seed).uniform(-0.9, 0.9, (count, 2, 2)).astype(np.float32)
    return PosePrior(name, PAIR, poses, ("walks.bvh",))


def files(project: Project) -> int:
    return int(project._database.first("SELECT count(*) FROM prior_file")[0])


def test_a_prior_comes_back_as_it_was(project: Project) -> None:
    prior = made()
    number = project.add_prior(prior, {"hand": "LeftHand", "foot": ["a", "b"]})
    (stored,) = project.priors()
    assert (stored.id, stored.name, stored.pose_count) == (number, "walks", 5)
    assert (stored.skeleton, stored.joints) == (PAIR, {"hand": "LeftHand", "foot": ["a", "b"]})
    assert stored.sha256 == prior.sha256
    back = project.prior(number)
    np.testing.assert_array_equal(back.poses, prior.poses)
    assert (back.name, back.sources) == ("walks", ("walks.bvh",))


def test_it_travels_with_the_project_and_with_a_copy(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.limner") as project:
        number = project.add_prior(made())
        project.backup(tmp_path / "b.limner")
    for name in ("a", "b"):
        with Project.open(tmp_path / f"{name}.limner") as project:
            assert project.prior(number).sha256 == made().sha256


def test_the_same_poses_keep_their_number(project: Project) -> None:
    first = project.add_prior(made(), {"hand": "a"})
    assert project.add_prior(made(seed=1)) != first
    assert project.add_prior(made("strolls")) == first
    assert [(p.name, p.joints) for p in project.priors()] == [
        ("strolls", {"hand": "a"}),
        ("walks", {}),
    ]
    assert files(project) == 2


def test_adding_renaming_and_removing_can_be_undone(project: Project) -> None:
    number = project.add_prior(made())
    project.rename_prior(number, " strolls ")
    assert project.prior(number).name == "strolls"
    project.remove_prior(number)
    assert project.priors() == []
    with pytest.raises(ProjectError, match="no prior"):
        project.prior(number)
    assert project.undo() == "Remove the prior strolls"
    assert project.prior(number).sha256 == made().sha256
    assert project.undo() == "Rename the prior walks to strolls"
    assert project.undo() == "Keep the prior walks"
    assert project.priors() == []
    project.redo()
    assert len(project.prior(number)) == 5
    project.undo()
    assert project.add_prior(made(seed=2)) > number


def test_files_stay_as_long_as_undo_may_ask_for_them(tmp_path: Path) -> None:
    path = tmp_path / "a.limner"
    with Project.create(path) as project:
        number = project.add_prior(made())
        project.remove_prior(number)
    with Project.open(path) as project:
        assert files(project) == 1
        project.undo()
        project.undo()
        assert project.sweep_priors() == 0
        project.add_subject("other")  # what was undone cannot be redone any more
        assert project.sweep_priors() == 1
        assert files(project) == 0


def test_what_is_refused(project: Project) -> None:
    number = project.add_prior(made())
    with pytest.raises(ProjectError, match="needs a name"):
        project.rename_prior(number, " ")
    with pytest.raises(ProjectError, match="no prior"):
        project.rename_prior(number + 1, "a")
    with pytest.raises(ProjectError, match="no prior"):
        project.remove_prior(number + 1)
    with pytest.raises(RuntimeError, match="no person"), project.automatic():
        project.add_prior(made(seed=3))
    assert len(project.priors()) == 1


@pytest.mark.parametrize("column", ["skeleton", "joints"])
def test_damage_is_told(project: Project, column: str) -> None:
    project.add_prior(made())
    with project._database.transaction():
        project._database.write(f"UPDATE prior SET {column} = '[1]'")
    with pytest.raises(ProjectError, match="damaged"):
        project.priors()


def test_a_damaged_file_is_told(project: Project) -> None:
    number = project.add_prior(made())
    with project._database.transaction():
        project._database.write("UPDATE prior_file SET content = x'00'")
    with pytest.raises(ProjectError, match=r"walks in .* is damaged"):
        project.prior(number)
    with project._database.transaction():
        project._database.write("DELETE FROM prior_file")
    with pytest.raises(ProjectError, match="damaged"):
        project.prior(number)
