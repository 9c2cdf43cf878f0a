"""The older name of `limner_app.views.live_drawing`, which holds all of it."""

from __future__ import annotations

from limner_app.views.live_drawing import LiveDrawing as SourceDrawing

__all__ = ["SourceDrawing"]
