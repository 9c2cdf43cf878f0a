"""How much discovered landmarks say of labelled points (IMM, section 4).

A linear map from landmarks to points is fitted on some people and judged on others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

Doubles = NDArray[np.float64]


def fit_linear(found: Floats, labelled: Floats, *, bias: bool = True) -> Doubles:
    """Least squares from landmarks to labelled points.

    With 50 landmarks the columns are nearly collinear, so the solver is the SVD one in float64.

    Args:
        found: ``(N, K, 2)``.
        labelled: ``(N, P, 2)``, in the same units.
        bias: Whether a constant may be added; the paper's protocol has none.

    Returns:
        ``(2 K + bias, 2 P)``.
    """
    points = labelled.reshape(len(labelled), -1).astype(np.float64)
    return np.asarray(np.linalg.lstsq(_columns(found, bias), points, rcond=None)[0], np.float64)


def apply_linear(weights: Doubles, found: Floats) -> Floats:
    """Points from landmarks: ``(N, P, 2)``."""
    bias = len(weights) % 2 == 1
    points = _columns(found, bias) @ weights
    return points.reshape(len(found), -1, 2).astype(np.float32)


def normalised_error(predicted: Floats, labelled: Floats, first: int, second: int) -> float:
    """Mean distance over all points and pictures, in units of the distance of two labelled points.

    Args:
        predicted: ``(N, P, 2)``.
        labelled: ``(N, P, 2)``.
        first: One of the two points; the outer corners of the eyes are 36 and 45 of 68.
        second: The other.
    """
    distance = np.linalg.norm(predicted - labelled, axis=-1)
    unit = np.linalg.norm(labelled[:, first] - labelled[:, second], axis=-1)
    return float((distance / unit[:, None]).mean())


def _columns(found: Floats, bias: bool) -> Doubles:
    flat = found.reshape(len(found), -1).astype(np.float64)
    return np.concatenate([flat, np.ones((len(flat), 1))], 1) if bias else flat
