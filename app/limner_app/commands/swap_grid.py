"""``limner swap --grid``: several looks in several poses, as one picture."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from limner_app.progress import long_work
from limner_engine.formats.png_file import write_png

if TYPE_CHECKING:
    from limner_engine.inference.render_job import Clip, Looks
    from limner_engine.inference.session import Session


def write_grid(
    chosen: argparse.Namespace, session: Session, clip: Clip, looks: list[Looks], out: Path
) -> None:
    """Draw the picture, write it and tell of it."""
    from limner_engine.inference.swap_grid import swap_grid

    with long_work(f"Redrawing {len(looks)} looks") as advance:
        made = swap_grid(
            session,
            looks,
            clip,
            chosen.grid,
            advance,
            sharp=not chosen.network_only,
            relative=chosen.relative,
        )
    write_png(out, made.picture)
    percent = None if made.geometry_error is None else round(100 * made.geometry_error, 2)
    if chosen.json:
        answer = {
            "output": str(out),
            "model": session.info.name,
            "device": session.label,
            "appearances": [str(one.video) for one in looks],
            "appearance_frames": [one.frame for one in looks],
            "geometry": str(clip.video),
            "geometry_frames": list(made.frames),
            "geometry_error_percent": percent,
        }
        print(json.dumps(answer, indent=1))
        return
    for one in looks:
        print(f"looks: frame {one.frame} of {one.video.name}")
    print(f"poses: frames {', '.join(map(str, made.frames))} of {clip.video.name}")
    if percent is not None:
        print(f"geometry: found again {percent:.1f} % of the crop from where it was wanted")
    print(f"written: {out}")
