"""The colours of landmarks, for whoever draws them: window, commands, previews of learning."""

from __future__ import annotations

OKABE_ITO: tuple[tuple[int, int, int], ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
    (242, 242, 242),
)
"""RGB of Okabe and Ito, which colour-blind people can tell apart.

The last is theirs but for black, which no one sees on a dark picture.
"""
