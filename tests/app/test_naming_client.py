"""What the window asks the engine about names, and what it makes of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_app.naming_client import NamingRequests
from limner_engine.inference.naming_answers import Namer
from limner_engine.inference.protocol import Message
from named_models import drawn_labels, picture


class Direct(NamingRequests):
    """Answers by itself, in the way of a message through the pipe."""

    def __init__(self) -> None:
        self.namer = Namer(picture)

    async def _ask(
        self,
        header: dict[str, Any],
        blobs: Sequence[NDArray[Any]] = (),
        on_part: Callable[[Message], None] | None = None,
    ) -> Message:
        assert header["op"] == "name"
        assert on_part is None
        return Message(self.namer.answer(Message(header, tuple(blobs)))[0])


def test_names_are_asked_for_and_told(tmp_path: Path) -> None:
    labelled = drawn_labels(tmp_path, 7)
    labelled.points_px[:, 2] = np.nan
    out = tmp_path / "names.safetensors"
    fit = asyncio.run(Direct().name(labelled, base=None, out=out))
    assert out.is_file()
    assert (fit.names, fit.frames, fit.skipped) == (2, 7, ())
    assert fit.layer == ("first",) * 3
    assert fit.form == "looks"
    assert [error is None for error in fit.error_px] == [False, False, True]
    assert fit.ms > 0
