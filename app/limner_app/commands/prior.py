"""``limner prior``: poses without pictures, made ready to give landmarks their meaning."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.parsing import (
    UsageError,
    add_json,
    output_file,
    positive,
    refuse_inputs,
    whole_number,
)
from limner_app.commands.prior_text import facts_of, prior_text
from limner_app.progress import long_work
from limner_engine.errors import LimnerError
from limner_engine.types import Skeleton
from limner_resources.skeleton_templates import ORDER

if TYPE_CHECKING:
    from limner_app.commands.prior_crops import SampleCrops
    from limner_engine.priors.joint_map import JointMap
    from limner_engine.priors.loose import LoosePoses
    from limner_engine.priors.making import PriorWishes

NAME = "prior"
SUMMARY = "make a pose prior from motion capture, landmark tables or arrays"
ABOUT = """\
Make a pose prior: poses without pictures, of other individuals, from which landmarks get their
names and meaning when `limner train --method keypointgan` learns from unlabelled videos.

Poses are read from landmark tables (tidy, DeepLabCut's, COCO, SLEAP, or columns x0, y0 ...), .pts
files of 300-W or a folder of them, NumPy arrays (poses, landmarks, 2), projects, other priors, and
motion capture (.bvh, or an archive of arrays), which is looked at from random sides.

Joints become landmarks by their names. Where these say too little, --write-joints writes what was
guessed as JSON, to be edited and given with --joints.

Poses are thinned where many are nearly alike, and laid where crops have somebody. Look at the
--gallery, best --against the videos that are to be learned from: it shows their crops beside the
poses, and what differs in size and place is said."""
EXAMPLE = (
    "limner prior walk.bvh dance.bvh --skeleton body-13 --out people.prior.npz "
    "--gallery look.png --against street.mp4"
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="files and folders of poses")
    parser.add_argument("--out", metavar="FILE", help="the prior, .prior.npz")
    parser.add_argument(
        "--skeleton",
        metavar="S",
        help=f"its landmarks: {', '.join(ORDER)}, or a file of the skeleton editor "
        "(default: all joints of the first source)",
    )
    parser.add_argument("--joints", metavar="JSON", help="which joints the landmarks are")
    parser.add_argument(
        "--write-joints", metavar="JSON", help="write what is guessed of that, to be edited"
    )
    parser.add_argument("--name", metavar="TEXT", help="what the prior is called")
    parser.add_argument(
        "--poses", type=whole_number, default=8000, metavar="N", help="at most (default: 8000)"
    )
    parser.add_argument(
        "--thin",
        type=_share,
        default=0.05,
        metavar="SHARE",
        help="leave out a pose if no landmark is further than this share of its size from where "
        "another pose has it; 0 keeps all (default: 0.05)",
    )
    parser.add_argument(
        "--yaw",
        type=_degrees,
        default=180.0,
        metavar="DEG",
        help="motion capture: look from up to so far to either side of the front (default: 180)",
    )
    parser.add_argument(
        "--pitch",
        type=_degrees,
        default=5.0,
        metavar="DEG",
        help="motion capture: how far cameras look up or down as a rule (default: 5)",
    )
    parser.add_argument(
        "--mirror", action="store_true", help="add each pose as a mirror shows it, sides swapped"
    )
    parser.add_argument(
        "--even", action="store_true", help="take as many poses of each source, long or short"
    )
    parser.add_argument(
        "--fit",
        choices=("auto", "face", "motion", "each", "centred", "set", "given"),
        default="auto",
        help="where poses lie in the crop. face, motion: as crops of these modes have them; each: "
        "all of one size, in the middle; centred: of one scale; set: also where they stand; "
        "given: they are in -1 to 1 already (default: as the crops and the sources suggest)",
    )
    parser.add_argument(
        "--extent",
        type=positive,
        metavar="E",
        help="longer side of poses where the crop's is 2 (default: 1.4, faces 1.0)",
    )
    parser.add_argument(
        "--centre", metavar="X,Y", help="where their middle lies, -1 to 1 (default: the middle)"
    )
    parser.add_argument(
        "--confidence",
        type=_share,
        default=0.5,
        metavar="C",
        help="take what a network found only from this on (default: 0.5)",
    )
    parser.add_argument("--gallery", metavar="PNG", help="draw poses, beside crops of --against")
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="VIDEO",
        help="a video or folder of pictures to compare with; may be given several times",
    )
    parser.add_argument(
        "--crop",
        default="auto",
        metavar="CROP",
        help="what is looked at there, as in limner train (default: auto)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is random")
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Read, map, thin, lay and write."""
    from limner_app.commands.named_prior import named_skeleton
    from limner_engine.priors.joint_map import JointMap
    from limner_engine.priors.prior import MOST_POSES
    from limner_engine.priors.reading import read_loose, with_folders

    inputs = [Path(name) for name in (*chosen.sources, chosen.joints, *chosen.against) if name]
    out, gallery = _outputs(chosen, inputs)
    if chosen.poses > MOST_POSES:
        raise LimnerError(
            f"--poses {chosen.poses} is more than the {MOST_POSES} that a prior holds.",
            "A few thousand are enough.",
        )
    skeleton = None if chosen.skeleton is None else named_skeleton(chosen.skeleton)
    joints = None if chosen.joints is None else JointMap.open(Path(chosen.joints))
    centre = None if chosen.centre is None else _place(chosen.centre)
    paths = with_folders([Path(name) for name in chosen.sources])
    with long_work("Reading poses") as advance:
        sources = []
        for number, path in enumerate(paths):
            advance(number / len(paths), path.name)
            sources.append(read_loose(path, least_confidence=chosen.confidence))
    facts: dict[str, Any] = {}
    if chosen.write_joints:
        facts["joints_file"] = _write_joints(Path(chosen.write_joints), sources, skeleton, joints)
    if out is None:
        print(json.dumps(facts, indent=1) if chosen.json else f"written: {facts['joints_file']}")
        return 0
    crops = _crops(chosen)
    wishes = _wishes(chosen, sources, crops, centre)
    name = chosen.name or out.name.removesuffix(".npz").removesuffix(".prior")
    from limner_engine.priors.making import make_prior

    with long_work("Making the prior") as advance:
        made = make_prior(
            name, sources, wishes, skeleton=skeleton, joints=joints, progress=advance
        )
    made.prior.save(out)
    if gallery is not None:
        from limner_engine.formats.png_file import write_png
        from limner_engine.priors.picture import gallery as drawn

        write_png(gallery, drawn(made.prior, crops.pictures if crops else (), seed=chosen.seed))
        facts["gallery"] = str(gallery)
    facts |= facts_of(made, wishes, crops, out)
    print(json.dumps(facts, indent=1) if chosen.json else prior_text(facts))
    return 0


def _outputs(chosen: argparse.Namespace, inputs: list[Path]) -> tuple[Path | None, Path | None]:
    """Where prior and gallery go, checked before any work is done."""
    from limner_engine.priors.prior import PRIOR_SUFFIX

    if not chosen.out and not chosen.write_joints:
        raise UsageError("--out FILE or --write-joints JSON is needed. See: limner prior --help")
    if not chosen.out and (chosen.gallery or chosen.against):
        raise UsageError("--gallery and --against need --out. See: limner prior --help")
    out = None
    if chosen.out:
        if not chosen.out.endswith(PRIOR_SUFFIX):
            raise LimnerError(
                f"--out {chosen.out} has to end in {PRIOR_SUFFIX}.",
                f"Try {Path(chosen.out).name.split('.')[0]}{PRIOR_SUFFIX}.",
            )
        out = output_file(chosen.out, (".npz",), inputs)
    if chosen.write_joints:
        refuse_inputs(Path(chosen.write_joints), inputs)
    gallery = output_file(chosen.gallery, (".png",), inputs) if chosen.gallery else None
    return out, gallery


def _crops(chosen: argparse.Namespace) -> SampleCrops | None:
    if not chosen.against:
        return None
    from limner_app.commands.prior_crops import sample_crops

    return sample_crops([Path(name) for name in chosen.against], chosen.crop)


def _wishes(
    chosen: argparse.Namespace,
    sources: Sequence[LoosePoses],
    crops: SampleCrops | None,
    centre: tuple[float, float] | None,
) -> PriorWishes:
    """How the prior is made; what was not said follows from crops and sources."""
    from limner_engine.priors.canvas import EXTENT, PLACINGS, Placing
    from limner_engine.priors.making import PriorWishes

    fit = chosen.fit
    if fit == "auto":
        if all(source.laid for source in sources):
            fit = "given"
        elif crops is not None and crops.faces:
            fit = "face"
        else:
            fit = "motion" if any(source.dimensions == 3 for source in sources) else "each"
    placing = PLACINGS.get(fit) or Placing(fit, EXTENT, (0.0, 0.0))
    return PriorWishes(
        most=chosen.poses,
        thin=chosen.thin,
        yaw_deg=chosen.yaw,
        pitch_deg=chosen.pitch,
        how=placing.how,
        extent=placing.extent if chosen.extent is None else chosen.extent,
        centre=placing.centre if centre is None else centre,
        mirror=chosen.mirror,
        even=chosen.even,
        seed=chosen.seed,
    )


def _write_joints(
    path: Path,
    sources: Sequence[LoosePoses],
    skeleton: Skeleton | None,
    joints: JointMap | None,
) -> str:
    """Write what is guessed of the first source that lacks a landmark, else of the first."""
    from limner_engine.priors.joint_map import JointMap
    from limner_engine.priors.making import joints_of, skeleton_of

    skeleton = skeleton_of(sources) if skeleton is None else skeleton
    maps = []
    for source in sources:
        names = source.skeleton.names
        strange = not source.named and len(names) != len(skeleton.names)
        # Points without names in another number are for a person to tell apart.
        known = JointMap({}) if strange and joints is None else joints
        maps.append(joints_of(source, skeleton, known))
    number = next((i for i, one in enumerate(maps) if one.missing), 0)
    maps[number].save(path, sources[number].skeleton.names)
    return str(path)


def _share(text: str) -> float:
    """A number from 0 to 1, for argparse."""
    return _between(text, 0.0, 1.0, "a number from 0 to 1")


def _degrees(text: str) -> float:
    """An angle from 0 to 180, for argparse."""
    return _between(text, 0.0, 180.0, "an angle from 0 to 180 degrees")


def _between(text: str, least: float, most: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def _place(text: str) -> tuple[float, float]:
    """``X,Y``.

    Raises:
        LimnerError: It is no place on the canvas.
    """
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = math.nan
    if not (abs(x) <= 1 and abs(y) <= 1):
        raise LimnerError(
            f"--centre cannot be {text!r}.",
            "Give X,Y from -1 to 1, the middle being 0,0; a negative one as --centre=-0.1,0.",
        )
    return x, y
