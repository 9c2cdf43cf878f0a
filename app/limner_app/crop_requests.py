"""What is asked of the engine about crops: the part of its client that needs no model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from limner_engine.cropping import CropMode, CropSetting, CropTrack, Sightings
from limner_engine.inference.protocol import Message


class CropRequests:
    """Requests about crops; cancel the task of one to stop it."""

    async def _ask(
        self, header: dict[str, Any], *, on_part: Callable[[Message], None] | None = None
    ) -> Message:
        """Send a request and wait for its answer."""
        raise NotImplementedError

    async def find_crops(
        self,
        video: Path,
        setting: CropMode | CropSetting,
        on_progress: Callable[[float], None] | None = None,
        *,
        apart: bool = False,
    ) -> CropTrack:
        """Find what to look at; ``apart`` where the frames are separate pictures."""
        wanted = setting if isinstance(setting, CropSetting) else CropSetting(setting)
        header = {"op": "find_crops", "setting": wanted.to_json(), "apart": apart}
        return CropTrack.from_json(await self._crops(video, header, "track", on_progress))

    async def look_for_crops(
        self,
        video: Path,
        mode: CropMode,
        on_progress: Callable[[float], None] | None = None,
        *,
        apart: bool = False,
    ) -> Sightings:
        """Look through a video for crops of a mode, of whatever margin."""
        header = {"op": "look_for_crops", "mode": mode, "apart": apart}
        return Sightings.from_json(await self._crops(video, header, "sightings", on_progress))

    async def follow_box(
        self, video: Path, drawn: CropTrack, on_progress: Callable[[float], None] | None = None
    ) -> CropTrack:
        """Follow what is in drawn boxes through the video."""
        header = {"op": "follow_box", "track": drawn.to_json()}
        return CropTrack.from_json(await self._crops(video, header, "track", on_progress))

    async def _crops(
        self,
        video: Path,
        header: dict[str, Any],
        wanted: str,
        on_progress: Callable[[float], None] | None,
    ) -> str:
        def take(part: Message) -> None:
            if on_progress is not None:
                on_progress(float(part.header["progress"]))

        answer = await self._ask({**header, "video": str(video)}, on_part=take)
        return str(answer.header[wanted])
