"""How a skeleton is drawn before anyone has drawn a pose of it."""

from __future__ import annotations

import numpy as np

from limner_app.views.skeleton_layout import Places, all_placed
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates


def template_layout(skeleton: Skeleton) -> Places:
    """Where a template draws these names; on a circle where none has half of them.

    Returns:
        ``(K, 2)``, x and y from 0 to 1, y downwards.
    """
    best: dict[str, tuple[float, float]] = {}
    for template in skeleton_templates().values():
        drawing = dict(zip(template["names"], template["layout"], strict=True))
        shared = {name: drawing[name] for name in skeleton.names if name in drawing}
        best = max(best, shared, key=len)
    if 2 * len(best) < len(skeleton.names):
        best = {}
    missing = (np.nan, np.nan)
    return all_placed(np.array([best.get(name, missing) for name in skeleton.names]))
