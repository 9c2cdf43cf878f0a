"""What a warp says of one place, in words."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from limner_app.views.live_warp import LiveWarp


def readout(live: LiveWarp, place: tuple[float, float] | None) -> str:
    """Where a place of the target comes from; how to ask for it where none is looked at.

    Args:
        live: Knows the warp and the places.
        place: ``(x, y)`` in the target's crop, 0..1 from its top left.
    """
    say = QCoreApplication.translate
    warp, pair, places = live.warp, live.pair, live.places
    if warp is None or pair is None:
        return ""
    if place is None:
        return say(
            "WarpView",
            "Point at a place to see where it comes from. A click holds it, Alt and the arrow "
            "keys move it.",
        )
    side = warp.side
    row, column = (int(np.clip(value * side, 0, side - 1)) for value in (place[1], place[0]))
    parts = []
    if places is not None and places.alternatives:
        best, *others = places.alternatives
        parts.append(
            say("WarpView", "from x {x:.0f}, y {y:.0f} with {share:.0f} %").format(
                x=best.x_px, y=best.y_px, share=100 * best.share
            )
        )
        if others:
            parts.append(
                say("WarpView", "or {places}").format(
                    places=", ".join(
                        f"{one.x_px:.0f}, {one.y_px:.0f} ({100 * one.share:.0f} %)"
                        for one in others
                    )
                )
            )
    moved = float(np.hypot(*warp.flow_px[row, column])) / side * pair.target.crop.side_px
    parts.append(say("WarpView", "{0:.0f} px away").format(moved))
    if warp.confidence is not None:
        sure = 100 * float(warp.confidence[row, column])
        parts.append(say("WarpView", "confidence {0:.0f} %").format(sure))
    return "  ·  ".join(parts)
