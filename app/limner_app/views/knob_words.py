"""What people call the knobs of a run, their choices, and where each stands in the form.

Values stay those of `limner_training.config.TrainConfig`; words are for people alone.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QCoreApplication

from limner_training.config import METHODS, TrainConfig

GROUPS = ("poses", "landmarks", "compared", "pairs", "course", "computing")
"""The parts of "More settings", from the top."""

_GROUP_OF = {
    "prior_poses": "poses",
    "prior_jitter": "poses",
    "regressor_steps": "poses",
    "adversarial": "poses",
    "agreement": "poses",
    "equivariance": "landmarks",
    "pull": "landmarks",
    "separation": "landmarks",
    "obedience": "landmarks",
    "loss": "compared",
    "colour_steps": "compared",
    "gap_min": "pairs",
    "gap_max": "pairs",
    "warp_share": "pairs",
    "jitter": "pairs",
    "tint": "pairs",
    "mirror": "pairs",
    "frames_per_video": "pairs",
    "crops": "pairs",
    "batch": "course",
    "learning_rate": "course",
    "half_size": "course",
    "patience": "course",
    "preview_seconds": "course",
    "checkpoint_seconds": "course",
    "threads": "computing",
    "device": "computing",
    "seed": "computing",
}


def knobs_of_the_form() -> dict[str, list[dataclasses.Field[Any]]]:
    """The knobs that a person sets, by where they stand: ``main``, or one of `GROUPS`.

    Knobs that only the command has, and those with a single choice, are left out. A knob that is
    new stands with the course of the run.
    """
    places: dict[str, list[dataclasses.Field[Any]]] = {name: [] for name in ("main", *GROUPS)}
    for knob in dataclasses.fields(TrainConfig):
        if knob.metadata.get("expert") or len(knob.metadata.get("choices", ())) == 1:
            continue
        folded = bool(knob.metadata.get("advanced"))
        places[_GROUP_OF.get(knob.name, "course") if folded else "main"].append(knob)
    for name in GROUPS:
        order = [knob for knob, group in _GROUP_OF.items() if group == name]
        places[name].sort(
            key=lambda knob: order.index(knob.name) if knob.name in order else len(order)
        )
    return places


def heeds(method: str, knob: dataclasses.Field[Any]) -> bool:
    """Whether a system heeds a knob."""
    return method in knob.metadata.get("methods", METHODS)


def group_words(name: str) -> str:
    """The heading of one of `GROUPS`."""
    translate = QCoreApplication.translate
    return {
        "poses": translate("TrainingForm", "Poses"),
        "landmarks": translate("TrainingForm", "Landmarks"),
        "compared": translate("TrainingForm", "Pictures compared"),
        "pairs": translate("TrainingForm", "Pairs"),
        "course": translate("TrainingForm", "Course of the run"),
        "computing": translate("TrainingForm", "Computing"),
    }[name]


def knob_label(name: str) -> str:
    """What people call a knob."""
    translate = QCoreApplication.translate
    known = {
        "method": translate("TrainingForm", "System"),
        "prior": translate("TrainingForm", "Pose prior"),
        "prior_poses": translate("TrainingForm", "Poses used"),
        "prior_jitter": translate("TrainingForm", "Pose jitter"),
        "regressor_steps": translate("TrainingForm", "Reading steps"),
        "adversarial": translate("TrainingForm", "Pose judge"),
        "agreement": translate("TrainingForm", "Clean poses"),
        "size": translate("TrainingForm", "Network"),
        "minutes": translate("TrainingForm", "Minutes"),
        "held_back": translate("TrainingForm", "Held back"),
        "crop_mode": translate("TrainingForm", "Looks at"),
        "pull": translate("TrainingForm", "Local pulls"),
        "loss": translate("TrainingForm", "Pictures compared"),
        "colour_steps": translate("TrainingForm", "Colour steps"),
        "gap_min": translate("TrainingForm", "Least gap"),
        "gap_max": translate("TrainingForm", "Largest gap"),
        "warp_share": translate("TrainingForm", "Bent pairs"),
        "jitter": translate("TrainingForm", "Jitter"),
        "tint": translate("TrainingForm", "Colours"),
        "mirror": translate("TrainingForm", "Mirrored"),
        "frames_per_video": translate("TrainingForm", "Frames a video"),
        "crops": translate("TrainingForm", "Crops file"),
        "batch": translate("TrainingForm", "Batch"),
        "learning_rate": translate("TrainingForm", "Learning rate"),
        "half_size": translate("TrainingForm", "At half size"),
        "patience": translate("TrainingForm", "Patience"),
        "preview_seconds": translate("TrainingForm", "Preview every, s"),
        "checkpoint_seconds": translate("TrainingForm", "Save every, s"),
    }
    return known.get(name, name.replace("_", " ").capitalize())


def knob_help(knob: dataclasses.Field[Any]) -> str:
    """What a knob does; the configuration's own sentence where that names no value."""
    translate = QCoreApplication.translate
    known = {
        "size": translate(
            "TrainingForm",
            "Lite learns in minutes on a processor. Medium and Paper draw finer and take longer; "
            "Paper is the size of the papers.",
        ),
        "method": translate(
            "TrainingForm",
            "Landmarks without names are places that help to redraw a frame. With a pose prior "
            "they are the joints of its skeleton and come with their names; that takes longer. "
            "Warps know no landmarks: they say where every place of a frame is in another one.",
        ),
        "prior": translate(
            "TrainingForm",
            "Poses without pictures, which say what a skeleton of this kind looks like. They may "
            "come from other individuals, from motion capture or from drawing.",
        ),
        "regressor_steps": translate(
            "TrainingForm",
            "Before the run itself, the network learns for so many steps to read landmarks from "
            "drawn poses of the prior.",
        ),
        "adversarial": translate(
            "TrainingForm",
            "Weight of the judge that tells pose pictures of your frames from drawn poses of the "
            "prior. More keeps them closer to the prior, less to the frames.",
        ),
        "agreement": translate(
            "TrainingForm",
            "Weight of the term that a pose picture looks as its own landmarks drawn again. It "
            "helps where pose pictures go dark or show more than a skeleton.",
        ),
        "crop_mode": translate(
            "TrainingForm",
            "The part of each frame that the network sees. Found by itself: faces where there "
            "are some, else what moves, else the whole frame.",
        ),
        "loss": translate(
            "TrainingForm",
            "How a redrawn picture is compared with the real one. A content loss compares what a "
            "second network sees in both, which learns more than pixels do. A judge is a third "
            "network that learns to tell them apart.",
        ),
        "colour_steps": translate(
            "TrainingForm",
            "Steps in which the network of the content loss first learns to colour these frames; "
            "0 to use the one that ships as it is. They count towards the time of the run.",
        ),
        "warp_share": translate(
            "TrainingForm",
            "Share of a video's pairs made from one frame by bending it, 0 to 1. Pairs of "
            "pictures are always made so.",
        ),
        "half_size": translate(
            "TrainingForm",
            "Share of the run at half the picture's side, where steps are quicker, before the "
            "network grows to its whole size; 0 for none.",
        ),
        "patience": translate(
            "TrainingForm",
            "When a model learns on: the run ends once held-back frames have been redrawn no "
            "better for this share of it; 0 to go to the end.",
        ),
    }
    return known.get(knob.name, str(knob.metadata["help"]))


def choice_words(name: str, value: str) -> str:
    """What people call a value of a knob with choices."""
    translate = QCoreApplication.translate
    known = {
        ("method", "imm"): translate("TrainingForm", "Landmarks without names (IMM)"),
        ("method", "keypointgan"): translate("TrainingForm", "With a pose prior (KeypointGAN)"),
        ("method", "class_embedding"): translate("TrainingForm", "Warps (class embeddings)"),
        ("method", "fabnet"): translate("TrainingForm", "Warps (FAb-Net)"),
        ("size", "lite"): translate("TrainingForm", "Lite, 64 px"),
        ("size", "medium"): translate("TrainingForm", "Medium, 128 px"),
        ("size", "paper"): translate("TrainingForm", "Paper, 128 px"),
        ("crop_mode", "auto"): translate("TrainingForm", "Found by itself"),
        ("crop_mode", "face"): translate("TrainingForm", "Faces"),
        ("crop_mode", "motion"): translate("TrainingForm", "What moves"),
        ("crop_mode", "turning"): translate("TrainingForm", "What moves, turned with it"),
        ("crop_mode", "whole"): translate("TrainingForm", "The whole frame"),
        ("loss", "content"): translate("TrainingForm", "Content, learned from these frames"),
        ("loss", "imagenet"): translate("TrainingForm", "Content, from ImageNet (fetched)"),
        ("loss", "l1"): translate("TrainingForm", "Pixels (l1)"),
        ("loss", "l2"): translate("TrainingForm", "Pixels (l2)"),
        ("loss", "l1+adversarial"): translate("TrainingForm", "Pixels (l1) and a judge"),
        ("loss", "l2+adversarial"): translate("TrainingForm", "Pixels (l2) and a judge"),
        ("device", "auto"): translate("TrainingForm", "The fastest here"),
        ("device", "cpu"): translate("TrainingForm", "Processor"),
        ("device", "cuda"): translate("TrainingForm", "Graphics card (CUDA)"),
        ("device", "mps"): translate("TrainingForm", "Graphics card (Apple)"),
    }
    return known.get((name, value), value)


def unset_words(name: str) -> str:
    """What a control shows where 0 or nothing leaves the choice open; empty where it does not."""
    translate = QCoreApplication.translate
    return {
        "minutes": translate("TrainingForm", "No limit"),
        "steps": translate("TrainingForm", "No limit"),
        "gap_max": translate("TrainingForm", "Any two frames"),
        "prior_poses": translate("TrainingForm", "All"),
        "name": translate("TrainingForm", "Made from the videos"),
        "crops": translate("TrainingForm", "Found by itself"),
    }.get(name, "")
