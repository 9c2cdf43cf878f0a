"""Landmark tables of other programs, one file a format."""

from __future__ import annotations

from limner_engine.formats.dlc import read_dlc, write_dlc
from limner_engine.formats.filling import fill_gaps
from limner_engine.formats.project_table import project_table
from limner_engine.formats.smoothing import Smoothing, smooth
from limner_engine.formats.table import LandmarkTable, TableReport, merge
from limner_engine.formats.tidy import read_tidy, write_tidy

__all__ = [
    "LandmarkTable",
    "Smoothing",
    "TableReport",
    "fill_gaps",
    "merge",
    "project_table",
    "read_dlc",
    "read_tidy",
    "smooth",
    "write_dlc",
    "write_tidy",
]
