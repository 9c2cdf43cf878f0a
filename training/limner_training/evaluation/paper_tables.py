"""Tables of the papers, as printed there, and which figure of ours stands beside each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limner_training.evaluation.protocol import ALL, DIRECT, DIRECT_FORMS, Row

PUPILS = "% of eye distance, pupils"
OUTER = "% of eye distance, outer corners"
SIZE = "% of image size"
PIXELS = "px"
NEAR = "% within 6 px at half size"
UNTRAINED = "untrained"
"""Name and loss of a network that has learned nothing."""
OURS, NO_BOTTLENECK, TWO_CYCLES, CONDITIONAL, CYCLE_GAN = VARIANTS = (
    "KeypointGAN",
    "no bottleneck",
    "second cycle",
    "conditional",
    "CycleGAN",
)
"""What is switched off and on in an ablation of KeypointGAN: ``CycleGAN`` has neither the looks of
another frame nor a bottleneck of landmarks, and two cycles; ``conditional`` has the looks as
well, ``second cycle`` the bottleneck, too. ``KeypointGAN`` has one cycle, and ``no bottleneck``
one cycle and no bottleneck."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table.

    Attributes:
        label: Short name of the method or setting.
        printed: The paper's figure.
        shots: Labelled pictures of our figure; `ALL` for every one; None where ours has none.
        landmarks: Our figure stands here only if the model has so many; 0 for any number.
        part: Joint or activity of our figure.
        form: How our points came from landmarks.
        bottleneck: Of an ablation: our model has a fully connected one of so many numbers.
        losses: Of an ablation: our model learned with one of these.
        variant: Of an ablation of KeypointGAN: our model is this one of `VARIANTS`.
        prior: Of the same: from so many poses; 0 for any number, -1 for one that no other line
            names.
    """

    label: str
    printed: str
    shots: int | None = None
    landmarks: int = 0
    part: str = ""
    form: str = "corner"
    bottleneck: int = 0
    losses: tuple[str, ...] = ()
    variant: str = ""
    prior: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a paper.

    Attributes:
        title: What is compared.
        source: Where it is printed.
        layout: The data set of our figures; empty for an ablation, whose order of lines is looked
            at on whatever set is measured on.
        measure: What our figures are in; lower is better but for shares of points.
        lines: From top to bottom.
    """

    title: str
    source: str
    layout: str
    measure: str
    lines: tuple[Line, ...]


_IMM = "Jakab et al. 2018"

_MAFL = Table(
    "MAFL, five points",
    f"{_IMM}, Table 1",
    "mafl",
    PUPILS,
    (
        Line("IMM, K = 10, self-supervised loss", "3.19", ALL, 10),
        Line("IMM, K = 30, self-supervised loss", "2.58", ALL, 30),
        Line("IMM, K = 50, self-supervised loss", "2.54", ALL, 50),
        Line("IMM, K = 10, supervised loss", "3.32"),
        Line("IMM, K = 30, supervised loss", "2.63"),
        Line("IMM, K = 50, supervised loss", "2.59"),
        Line("IMM, VoxCeleb, K = 30, self-supervised loss", "3.94"),
        Line("IMM, VoxCeleb, K = 30, the same with bias", "3.63"),
        Line("IMM, VoxCeleb, K = 30, supervised loss", "4.01"),
        Line("Zhang, K = 10", "3.46"),
        Line("Zhang, K = 30", "3.16"),
        Line("Zhang, K = 30, not equivariant", "8.42"),
        Line("Thewlis [45], first setting", "7.15"),
        Line("Thewlis [45], second setting", "6.67"),
        Line("Thewlis [44]", "5.83"),
        Line("Shu", "5.45"),
        Line("Wiles 2018", "3.44"),
        Line("MTCNN, supervised", "5.39"),
        Line("TCDCN, supervised", "7.95"),
        Line("CascCNN, supervised", "9.73"),
        Line("CFAN, supervised", "15.84"),
        Line("this model", "–", ALL),
        Line("this model, with bias", "–", ALL, form="bias"),
    ),
)

_AFLW = Table(
    "AFLW, five points",
    f"{_IMM}, Table 1",
    "aflw",
    PUPILS,
    (
        Line("IMM, K = 10, self-supervised loss", "6.86", ALL, 10),
        Line("IMM, K = 30, self-supervised loss", "6.31", ALL, 30),
        Line("IMM, K = 50, self-supervised loss", "6.33", ALL, 50),
        Line("IMM, K = 10, supervised loss", "6.99"),
        Line("IMM, K = 30, supervised loss", "6.39"),
        Line("IMM, K = 50, supervised loss", "6.35"),
        Line("IMM, VoxCeleb, self-supervised loss", "6.75"),
        Line("IMM, VoxCeleb, supervised loss", "7.10"),
        Line("Zhang, K = 10", "7.01"),
        Line("Zhang, K = 30", "6.58"),
        Line("Thewlis [45]", "10.53"),
        Line("Thewlis [44]", "8.80"),
        Line("MTCNN, supervised", "6.90"),
        Line("RAR, supervised", "7.23"),
        Line("TCDCN, supervised", "7.65"),
        Line("CascCNN, supervised", "8.97"),
        Line("CFAN, supervised", "10.94"),
        Line("RCPR, supervised", "11.60"),
        Line("this model", "–", ALL),
        Line("this model, with bias", "–", ALL, form="bias"),
    ),
)

_FEW = Table(
    "MAFL from n labelled pictures, IMM with K = 30",
    f"{_IMM}, few-shot table",
    "mafl",
    PUPILS,
    (
        Line("n = 1", "12.89 ± 3.21", 1),
        Line("n = 5", "8.16 ± 0.96", 5),
        Line("n = 10", "7.19 ± 0.45", 10),
        Line("n = 100", "4.29 ± 0.34", 100),
        Line("n = 500", "2.83 ± 0.06", 500),
        Line("n = 1000", "2.73 ± 0.03", 1000),
        Line("n = 5000", "2.60 ± 0.00", 5000),
        Line("all", "2.58", ALL),
        Line("Thewlis [45], n = 1", "10.82"),
        Line("Thewlis [45], n = 5", "9.25"),
        Line("Thewlis [45], n = 10", "8.49"),
        Line("Thewlis [45], all", "7.15"),
    ),
)

_ABLATION = Table(
    "MAFL, other bottlenecks and losses, K = 30",
    f"{_IMM}, Table 2",
    "",
    PUPILS,
    (
        Line("fully connected, d = 10", "20.60", ALL, bottleneck=10),
        Line("fully connected, d = 20", "21.94", ALL, bottleneck=20),
        Line("fully connected, d = 60", "28.96", ALL, bottleneck=60),
        Line("loss l1", "3.64", ALL, losses=("l1",)),
        Line("loss l1 and adversarial", "3.62", ALL, losses=("l1+adversarial",)),
        Line("loss l2", "2.84", ALL, losses=("l2",)),
        Line("loss l2 and adversarial", "2.80", ALL, losses=("l2+adversarial",)),
        Line("content loss", "2.58", ALL, losses=("content",)),
        Line("content loss of ImageNet weights, from Table 1", "2.63", ALL, losses=("imagenet",)),
        Line("untrained network", "–", ALL, losses=(UNTRAINED,)),
    ),
)

_BBC = Table(
    "BBC Pose, share of points; higher is better",
    "Wiles et al. 2019, Table 1, quoting IMM, whose paper has a figure only",
    "bbc",
    NEAR,
    (
        Line("head", "81.1", ALL, part="head"),
        Line("wrists", "49.1", ALL, part="wrist"),
        Line("elbows", "53.1", ALL, part="elbow"),
        Line("shoulders", "70.1", ALL, part="shoulder"),
        Line("average of seven points", "60.7", ALL),
    ),
)

_W300 = Table(
    "300-W, 68 points",
    "Jakab et al. 2020, quoting IMM; which eye points it divides by is not said there",
    "300w",
    OUTER,
    (Line("IMM and a linear map", "5.39", ALL),),
)

_KPG = "Jakab et al. 2020"

_KPG_BODY = Table(
    "Simplified Human3.6M, 32 joints",
    f"{_KPG}, Table 1",
    "simple_human36m",
    SIZE,
    (
        Line("KeypointGAN", "2.73", ALL, form=DIRECT),
        Line("KeypointGAN, waiting", "2.66", ALL, part="Waiting", form=DIRECT),
        Line("KeypointGAN, posing", "2.27", ALL, part="Posing", form=DIRECT),
        Line("KeypointGAN, greeting", "2.73", ALL, part="Greeting", form=DIRECT),
        Line("KeypointGAN, directions", "2.35", ALL, part="Directions", form=DIRECT),
        Line("KeypointGAN, discussion", "2.35", ALL, part="Discussion", form=DIRECT),
        Line("KeypointGAN, walking", "4.00", ALL, part="Walking", form=DIRECT),
        Line("Lorenz", "2.79"),
        Line("Zhang", "4.14"),
        Line("Thewlis", "7.51"),
        Line("Newell, supervised", "2.16"),
    ),
)

_KPG_PIXELS = Table(
    "Human3.6M, 17 joints",
    f"{_KPG}, Table 2",
    "human36m",
    PIXELS,
    (
        Line("KeypointGAN, prior of Human3.6M", "14.46", ALL, form=DIRECT),
        Line("KeypointGAN, prior of MPI-INF-3DHP", "18.94", ALL, form=DIRECT),
        Line("IMM and a linear map", "19.12"),
        Line("Newell, supervised", "19.52"),
    ),
)

_KPG_FACES = Table(
    "300-W, 68 points",
    f"{_KPG}, Table 3; which eye points it divides by is not said there",
    "300w",
    OUTER,
    (
        Line("KeypointGAN", "8.67", ALL, form=DIRECT),
        Line("KeypointGAN and a linear map", "5.12", ALL),
        Line("KeypointGAN and a linear map with bias", "–", ALL, form="bias"),
        Line("IMM and a linear map", "5.39"),
        Line("Wiles 2018 and a linear map", "5.71"),
        Line("Thewlis, first line", "9.30"),
        Line("Thewlis, second line", "7.97"),
        Line("Thewlis, small network", "5.75"),
        Line("Thewlis, hourglass", "4.65"),
        Line("LBF, supervised", "6.32"),
        Line("CFSS, supervised", "5.76"),
        Line("cGPRT, supervised", "5.71"),
        Line("DDN, supervised", "5.65"),
        Line("TCDCN, supervised", "5.54"),
        Line("RAR, supervised", "4.94"),
        Line("Wing, supervised", "4.04"),
    ),
)

_BOTH = f"{SIZE}; {OUTER}"

_KPG_ABLATION = Table(
    "What KeypointGAN adds to CycleGAN, Simplified Human3.6M; 300-W",
    f"{_KPG}, Table 4",
    "",
    _BOTH,
    (
        Line("CycleGAN", "3.54; 11.89", ALL, form=DIRECT, variant=CYCLE_GAN),
        Line("and a conditional generator", "3.60; –", ALL, form=DIRECT, variant=CONDITIONAL),
        Line("and the bottleneck", "2.86; 9.64", ALL, form=DIRECT, variant=TWO_CYCLES),
        Line("less the second cycle: KeypointGAN", "2.73; 8.67", ALL, form=DIRECT, variant=OURS),
        Line("without the bottleneck", "3.39; 11.36", ALL, form=DIRECT, variant=NO_BOTTLENECK),
    ),
)

_KPG_PRIOR = Table(
    "How many poses the prior has, Simplified Human3.6M; 300-W",
    f"{_KPG}, Table 5",
    "",
    _BOTH,
    (
        Line("all", "2.73; 8.67", ALL, form=DIRECT, variant=OURS, prior=-1),
        Line("5000 poses", "2.92 ± 0.05; –", ALL, form=DIRECT, variant=OURS, prior=5000),
        Line("500 poses", "3.30 ± 0.06; 8.91 ± 0.15", ALL, form=DIRECT, variant=OURS, prior=500),
        Line("50 poses", "4.05 ± 0.02; 8.92 ± 0.20", ALL, form=DIRECT, variant=OURS, prior=50),
    ),
)

TABLES: dict[str, tuple[Table, ...]] = {
    "imm": (_MAFL, _AFLW, _FEW, _ABLATION, _BBC, _W300),
    "keypointgan": (_KPG_BODY, _KPG_PIXELS, _KPG_FACES, _KPG_ABLATION, _KPG_PRIOR),
}


def table_shots(tables: Sequence[Table], layout: str) -> tuple[int, ...]:
    """Which numbers of labelled pictures the tables ask of a data set, rising, `ALL` last."""
    wanted = {
        line.shots
        for table in tables
        if table.layout == layout
        for line in table.lines
        if line.shots is not None
    }
    return (*sorted(wanted - {ALL}), *((ALL,) if ALL in wanted else ()))


def ours(table: Table, line: Line, layout: str, landmarks: int, rows: Sequence[Row]) -> Row | None:
    """Our figure for a line, or None where there is none.

    Lines of an ablation are filled from several models, by `comparing.ablation`.

    Args:
        table: The table.
        line: One of its lines.
        layout: The data set that was measured on; empty for none.
        landmarks: K of the model that was measured.
        rows: What was measured.
    """
    if line.shots is None or layout != table.layout or line.landmarks not in (0, landmarks):
        return None
    for row in rows:
        same = fitted_on(row, line.shots)
        if same and (row.measure, row.part, row.form) == (table.measure, line.part, line.form):
            return row
    return None


def fitted_on(row: Row, shots: int) -> bool:
    """Whether a figure is from so many labelled pictures; one from none stands for any number."""
    if row.form in DIRECT_FORMS:
        return True
    return row.every if shots == ALL else row.shots == shots and not row.every
