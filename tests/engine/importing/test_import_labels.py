"""Labels of other programs brought into a project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from drawn_video import draw_video, numbered_picture
from limner_engine.errors import FormatError
from limner_engine.importing.gathered import GATHERED
from limner_engine.importing.labels import Wishes, import_labels
from limner_engine.importing.report import ImportReport
from limner_engine.project import Project, Video
from limner_engine.types import FrameKey, Skeleton
from limner_engine.video.reader import VideoReader
from made_labels import EDGE, coco_file, dlc_table, slp_file
from project_samples import info

NAMES = ("nose", "ear", "tail")
SIZE = (160, 128)
COUNT = 30
POINTS = [(10.5, 20.25), None, (30.0, 40.0)]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "home").mkdir()
    with Project.create(tmp_path / "home" / "p.limner") as made:
        yield made


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    draw_video(folder / "trial 1.mp4", n=COUNT, size=SIZE)
    return folder


def _picture(path: Path, number: int, size: tuple[int, int] = SIZE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), numbered_picture(number, *size, None)[..., ::-1])
    return path


def _table(tmp_path: Path, pictures: dict[str, int], video: str = "trial 1") -> Path:
    """A DeepLabCut project: a table, and pictures by name that are some frame of the video."""
    folder = tmp_path / "labeled-data" / video
    for name, number in pictures.items():
        _picture(folder / name, number)
    rows = {f"labeled-data/{video}/{name}": POINTS for name in pictures}
    return dlc_table(folder / "CollectedData_Ada.csv", NAMES, rows)


def _only(project: Project) -> Video:
    (video,) = project.videos()
    return video


def _text(report: ImportReport) -> str:
    return "\n".join(report.sentences())


def test_pictures_go_to_the_frames_they_were_taken_from(
    project: Project, footage: Path, tmp_path: Path
) -> None:
    # One bears its own number, one was miscounted, and one is of some other video.
    table = _table(tmp_path, {"img012.png": 12, "img020.png": 17, "img029.png": 3})
    report = import_labels(project, table, Wishes(folders=[footage]))
    video, gathered = project.videos()
    assert video.path == footage / "trial 1.mp4"
    assert project.annotated_frames(video.id).tolist() == [12, 17]
    assert (report.frames, report.points, report.hidden) == (3, 9, 3)
    assert (report.moved, report.unlike, report.gathered) == (1, 1, 1)
    assert project.annotated_frames(gathered.id).tolist() == [0]
    said = project.annotations(FrameKey(video.id, 12))
    assert (said[0].x, said[0].y, said[0].visible) == (10.5, 20.25, True)
    assert not said[1].visible
    assert said[0].author == "import:CollectedData_Ada.csv"
    assert said[0].origin == "dlc:labeled-data/trial 1/img012.png"
    assert project.skeleton().names == NAMES


def test_an_import_is_one_step(project: Project, footage: Path, tmp_path: Path) -> None:
    table = _table(tmp_path, {"img012.png": 12, "img020.png": 20})
    import_labels(project, table, Wishes(folders=[footage]))
    assert [entry.text for entry in project.history()] == [
        "Import labels from CollectedData_Ada.csv"
    ]
    project.undo()
    assert project.videos() == []
    assert project.skeleton().names == ()
    project.redo()
    assert project.annotated_frames(_only(project).id).tolist() == [12, 20]
    again = import_labels(project, table, Wishes(folders=[footage]))
    assert (again.points, again.unchanged) == (0, 6)
    assert "nothing that is new" in _text(again)
    assert len(project.history()) == 1


def test_without_the_video_pictures_are_gathered_pixel_by_pixel(
    project: Project, tmp_path: Path
) -> None:
    table = _table(tmp_path, {"img5.png": 5, "img1.png": 1})
    _picture(tmp_path / "labeled-data" / "trial 1" / "img1.png", 1, (96, 64))
    report = import_labels(project, table, Wishes())
    video = _only(project)
    assert report.gathered == 2
    assert video.path == project.folder / "p-CollectedData_Ada-pictures.mkv"
    assert (video.width, video.height, video.frame_count) == (*SIZE, 2)
    with VideoReader(video.path) as reader:
        np.testing.assert_array_equal(reader[0], numbered_picture(5, *SIZE, None))
        np.testing.assert_array_equal(reader[1][:64, :96], numbered_picture(1, 96, 64, None))
        assert not reader[1][64:].any()
    assert [entry["name"] for entry in project.setting(GATHERED)[str(video.id)]] == [
        "labeled-data/trial 1/img5.png",
        "labeled-data/trial 1/img1.png",
    ]
    # A second import finds them there; after undo the very same file is taken again.
    assert import_labels(project, table, Wishes()).gathered == 0
    project.undo()
    import_labels(project, table, Wishes())
    assert _only(project).path == video.path
    assert len(list(project.folder.glob("*.mkv"))) == 1


def test_what_a_person_said_stays(project: Project, footage: Path, tmp_path: Path) -> None:
    table = _table(tmp_path, {"img012.png": 12})
    import_labels(project, table, Wishes(folders=[footage]))
    key = FrameKey(_only(project).id, 12)
    project.annotate(key, {0: (1.0, 2.0, True)}, author="Bo")
    dlc_table(table, NAMES, {"labeled-data/trial 1/img012.png": [(9, 9), (8, 8), (30.0, 40.0)]})
    report = import_labels(project, table, Wishes(folders=[footage]))
    assert (report.kept, report.points, report.unchanged) == (1, 1, 1)
    said = project.annotations(key)
    assert (said[0].x, said[0].author) == (1.0, "Bo")
    assert (said[1].x, said[1].visible) == (8.0, True)  # the table itself was corrected


def test_landmarks_are_matched_by_name(project: Project, footage: Path, tmp_path: Path) -> None:
    project.set_skeleton(Skeleton(("TAIL", "back", "Nose"), ((0, 1),)))
    table = _table(tmp_path, {"img012.png": 12})
    report = import_labels(project, table, Wishes(folders=[footage]))
    assert report.landmarks_left == ("ear",)
    assert "no such landmark: ear" in _text(report)
    said = project.annotations(FrameKey(_only(project).id, 12))
    assert {number: known.x for number, known in said.items()} == {0: 30.0, 2: 10.5}
    report = import_labels(project, table, Wishes(folders=[footage], add_landmarks=True))
    assert report.landmarks_added == ("ear",)
    assert project.skeleton() == Skeleton(("TAIL", "back", "Nose", "ear"), ((0, 1),))
    assert not project.annotations(FrameKey(_only(project).id, 12))[3].visible


def test_landmarks_that_no_person_named_give_way(
    project: Project, footage: Path, tmp_path: Path
) -> None:
    model = info(count=4)
    project.add_model(model, tmp_path / "m.safetensors")
    project.set_skeleton(model.skeleton)
    import_labels(project, _table(tmp_path, {"img012.png": 12}), Wishes(folders=[footage]))
    assert project.skeleton().names == NAMES


def test_nothing_in_common_is_refused(project: Project, footage: Path, tmp_path: Path) -> None:
    project.set_skeleton(Skeleton(("wing", "head")))
    table = _table(tmp_path, {"img012.png": 12})
    with pytest.raises(FormatError, match=r"No landmark of .* nose, ear, tail"):
        import_labels(project, table, Wishes(folders=[footage]))
    assert project.videos() == []


def test_videos_and_pictures_that_are_not_there(project: Project, tmp_path: Path) -> None:
    table = _table(tmp_path, {"img012.png": 12})
    (table.parent / "img012.png").unlink()
    with pytest.raises(FormatError, match=r"None of the 1 labelled frames .* not at hand"):
        import_labels(project, table, Wishes())
    assert project.history() == []


def test_numbers_are_believed_where_no_picture_can_be_compared(
    project: Project, footage: Path, tmp_path: Path
) -> None:
    table = _table(tmp_path, {"img012.png": 12, "img999.png": 5})
    for picture in table.parent.glob("*.png"):
        picture.unlink()
    report = import_labels(project, table, Wishes(folders=[footage]))
    assert project.annotated_frames(_only(project).id).tolist() == [12]
    assert report.unchecked == 1
    assert report.left_out == {"beyond the end of trial 1.mp4": 1}


def test_paths_in_labels_lead_nowhere_else(project: Project, tmp_path: Path) -> None:
    secret = _picture(tmp_path / "elsewhere" / "img1.png", 1)
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "img2.png").symlink_to(secret)
    rows = {str(secret): POINTS, "../elsewhere/img1.png": POINTS, "img2.png": POINTS}
    table = dlc_table(folder / "CollectedData.csv", NAMES, rows)
    with pytest.raises(FormatError, match="None of the 3 labelled frames"):
        import_labels(project, table, Wishes())


def test_sleap_labels_frames_of_videos(project: Project, footage: Path, tmp_path: Path) -> None:
    said = [
        {"frame": 4, "points": POINTS, "track": 0},
        {"frame": 4, "points": [(1, 1)] * 3, "track": 1},
        {"frame": 9, "points": POINTS, "track": 1},
        {"frame": 77, "points": POINTS, "track": 1},
    ]
    video = {"filename": "C:\\Ada\\trial 1.mp4", "shape": [COUNT, SIZE[1], SIZE[0], 1]}
    path = slp_file(
        tmp_path / "a.slp", NAMES, said, video=video, tracks=("Max", "Mia"), links=[(0, 2, EDGE)]
    )
    report = import_labels(project, path, Wishes(folders=[footage]))
    assert [subject.name for subject in project.subjects()] == ["Max", "Mia"]
    assert project.annotated_frames(_only(project).id, 0).tolist() == [4]
    assert project.annotated_frames(_only(project).id, 1).tolist() == [4, 9]
    assert report.left_out == {"beyond the end of trial 1.mp4": 1}
    assert report.frames == 2
    assert project.skeleton().edges == ((0, 2),)


def test_a_video_of_another_size_is_not_the_one(
    project: Project, footage: Path, tmp_path: Path
) -> None:
    video = {"filename": "trial 1.mp4", "shape": [COUNT, 480, 640, 1]}
    path = slp_file(tmp_path / "a.slp", NAMES, [{"frame": 4, "points": POINTS}], video=video)
    with pytest.raises(FormatError, match="labelled in another size"):
        import_labels(project, path, Wishes(folders=[footage]))


def test_a_package_brings_its_own_pictures(
    project: Project, footage: Path, tmp_path: Path
) -> None:
    # SLEAP gives OpenCV its red for blue.
    pictures = {
        frame: cv2.imencode(".png", numbered_picture(frame, *SIZE, None))[1].tobytes()
        for frame in (4, 9)
    }
    said = [{"frame": frame, "points": POINTS} for frame in pictures]
    video = {"filename": "trial 1.mp4"}
    path = slp_file(tmp_path / "a.pkg.slp", NAMES, said, video=video, pictures=pictures)
    import_labels(project, path, Wishes())
    with VideoReader(_only(project).path) as reader:
        np.testing.assert_array_equal(reader[1], numbered_picture(9, *SIZE, None))
    with Project.create(tmp_path / "q.limner") as other:
        assert import_labels(other, path, Wishes(folders=[footage])).gathered == 0
        assert other.annotated_frames(_only(other).id).tolist() == [4, 9]


def test_predictions_come_on_wish_as_a_source_of_their_own(
    project: Project, footage: Path, tmp_path: Path
) -> None:
    said = [{"frame": f, "points": POINTS, "predicted": True} for f in (4, 5, 9)]
    said.append({"frame": 10, "points": POINTS})
    path = slp_file(tmp_path / "a.slp", NAMES, said, video={"filename": "trial 1.mp4"})
    report = import_labels(project, path, Wishes(folders=[footage], predicted=True))
    assert (report.frames, report.predictions) == (1, 3)
    video = _only(project)
    (model,) = project.models()
    assert (model.info.kind, model.info.name, model.missing) == ("imported", "a", True)
    assert project.current_model_id == model.id
    mask = project.predicted_mask(video.id, model.id)
    assert np.flatnonzero(mask).tolist() == [4, 5, 9]
    points, sure = project.predictions_range(video.id, model.id, 0, 4, 6)
    np.testing.assert_array_equal(points[0, 0], [10.5, 20.25])
    assert np.isnan(points[0, 1]).all()
    assert sure[1, 2] == 0.75


def test_coco_pictures_of_a_video_count_from_one(
    project: Project, footage: Path, tmp_path: Path
) -> None:
    keypoints = [1, 2, 2, 3, 4, 1, 0, 0, 0]
    for number in (3, 8):
        _picture(tmp_path / "stills" / f"trial 1_{number + 1:04d}.png", number)
    names = ("trial 1_0004.png", "trial 1_0009.png", "trial 1_0012.png")
    path = coco_file(tmp_path / "k.json", NAMES, {name: [keypoints] for name in names}, SIZE)
    report = import_labels(project, path, Wishes(folders=[footage, tmp_path / "stills"]))
    video = _only(project)
    assert project.annotated_frames(video.id).tolist() == [3, 8]
    assert report.moved == 2
    assert sum(report.left_out.values()) == 1
    said = project.annotations(FrameKey(video.id, 3))
    assert sorted(said) == [0, 1]
    assert (said[1].x, said[1].visible) == (3.0, False)


def test_a_stopped_import_leaves_nothing(project: Project, tmp_path: Path) -> None:
    table = _table(tmp_path, {"img5.png": 5, "img1.png": 1})
    with pytest.raises(FormatError, match="stopped"):
        import_labels(project, table, Wishes(), progress=lambda share: share < 0.7)
    assert project.videos() == []
    assert sorted(p.suffix for p in project.folder.iterdir() if "mkv" in p.name) == []


def test_unknown_endings_are_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(FormatError, match="no known layout"):
        import_labels(project, tmp_path / "a.txt", Wishes())


def test_the_mirrored_mouse(project: Project, data_dir: Path) -> None:
    folder = data_dir / "animals" / "mirror-mouse-example"
    report = import_labels(project, folder / "CollectedData.csv", Wishes())
    assert (report.frames, report.points, report.hidden, report.gathered) == (90, 1530, 134, 90)
    marks = project.all_annotations(_only(project).id)
    inside = marks["visible"]
    assert (marks["x"][inside] < 396).all()
    assert (marks["y"][inside] < 406).all()
    first = project.annotations(FrameKey(_only(project).id, 0))
    assert (first[0].x, first[0].y) == (77.25, 36.25)
    assert first[0].origin == "dlc:labeled-data/img01.png"
