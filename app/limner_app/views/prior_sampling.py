"""Samples of what the network will see: some moments of some videos, cut as it cuts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from limner_app.crop_finding import is_gathered
from limner_app.document import Document
from limner_app.views.crop_search import CropSearch, SearchEngine
from limner_app.views.crop_tile import CropView, crop_view
from limner_app.views.frame_reading import FrameReading
from limner_app.views.prior_draft import OWN_CROPS, SampleCrops
from limner_app.views.render_parts import off_thread
from limner_engine.coordinates import cut
from limner_engine.cropping import CropMode, CropSetting, CropTrack
from limner_engine.errors import FrameUnreadableError
from limner_engine.priors.statistics import sign_of
from limner_engine.project import Video
from limner_engine.types import Crop, Image

CROP_PX = 64
"""Side of sample crops."""
MOMENTS = 12
"""Frames of each video that are looked at."""
STILLS = 24
"""Pictures of each folder that are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What was seen of one source.

    Attributes:
        crops: At `MOMENTS` moments.
        views: As many as were asked for, spread over them, with what stands below each.
        track: The crops of a video that were found for the mode; None where it is a folder, or
            the project's own were taken.
    """

    crops: SampleCrops
    views: list[tuple[CropView, str]]
    track: CropTrack | None


class PriorSampling:
    """Looks at sources; what was seen of a video serves for every mode that it tells of.

    Args:
        document: Has the videos and their crops.
        engine: Looks through videos.
    """

    def __init__(self, document: Document, engine: SearchEngine) -> None:
        self._document, self._engine = document, engine
        self._frames = FrameReading()
        self._searches: dict[int, CropSearch] = {}

    def close(self) -> None:
        """Let go of the files."""
        self._frames.close()

    def has_own(self, sources: list[str]) -> bool:
        """Whether the project has crops for any of these."""
        return any(self._own(video) is not None for video in self._videos(sources))

    def differing(self, sources: list[str], mode: str) -> int:
        """Of how many of these videos the project has crops of another mode."""
        tracks = [self._own(video) for video in self._videos(sources)]
        return sum(track is not None and track.mode != mode for track in tracks)

    async def sample(
        self, source: str, mode: str, shown: int, height_px: int, told: Callable[[float], None]
    ) -> Sample:
        """Look at one source.

        Args:
            source: A video of the project, or a folder of pictures.
            mode: A mode of crops, or `OWN_CROPS`.
            shown: How many views are wanted, at most `MOMENTS`.
            height_px: Of the frames in the views.
            told: Told the share done.

        Raises:
            LimnerError: Nothing of the kind is seen in it, or it cannot be read.
        """
        path = Path(source)
        video = next(iter(self._videos([source])), None)
        if video is None:
            return await off_thread(_stills, path, mode, shown, height_px)
        own = self._own(video) if mode == OWN_CROPS else None
        track = own or await self._track(video, "auto" if mode == OWN_CROPS else mode, told)
        made = await off_thread(self._cut, video, track, shown, height_px)
        return Sample(made.crops, made.views, None if own is not None else track)

    async def _track(self, video: Video, mode: str, told: Callable[[float], None]) -> CropTrack:
        if video.id not in self._searches:
            project = self._document.project
            apart = project is not None and is_gathered(project, video)
            self._searches[video.id] = CropSearch(
                self._engine,
                video.path,
                (video.width, video.height),
                apart=apart,
                drawn=None,
                boxes=None,
            )
        # As a run finds them, which knows no margins.
        return await self._searches[video.id].track(
            mode, CropSetting(cast("CropMode", mode)), told
        )

    def _cut(self, video: Video, track: CropTrack, shown: int, height_px: int) -> Sample:
        """Runs on another thread."""
        count = min(MOMENTS, video.frame_count)
        places = np.unique(np.linspace(0, video.frame_count - 1, count).round().astype(int))
        wanted = set(_spread(len(places), shown))
        pictures: list[Image] = []
        views = []
        for number, index in enumerate(places.tolist()):
            try:
                frame = self._frames.read(video.path, index)
            except FrameUnreadableError:
                continue
            crop = track.at(index)
            pictures.append(cut(frame, crop, CROP_PX))
            if number in wanted:
                words = f"{video.path.stem} · {index}"
                views.append((crop_view(frame, crop, height_px), words))
        stack = np.stack(pictures) if pictures else np.zeros((0, CROP_PX, CROP_PX, 3), np.uint8)
        return Sample(SampleCrops(video.path.name, stack, sign_of(track)), views, track)

    def _videos(self, sources: list[str]) -> list[Video]:
        project = self._document.project
        videos = [] if project is None else project.videos()
        return [video for video in videos if str(video.path) in set(sources)]

    def _own(self, video: Video) -> CropTrack | None:
        project = self._document.project
        if project is None:
            return None
        text = project.crop_track_json(video.id, self._document.subject)
        return None if text is None else CropTrack.from_json(text)


def chosen_samples(sources: list[str], most: int) -> list[tuple[str, int]]:
    """Which sources are looked at, and how many views of each, ``most`` views in all.

    Args:
        sources: All of them.
        most: How many views there is room for.
    """
    some = [sources[place] for place in _spread(len(sources), most)]
    rest = most - len(some)
    return [
        (source, 1 + rest // len(some) + (number < rest % len(some)))
        for number, source in enumerate(some)
    ]


def _spread(count: int, wanted: int) -> list[int]:
    """``wanted`` of the numbers below ``count``, evenly spread and off the ends."""
    if wanted >= count:
        return list(range(count))
    return [int((number + 0.5) * count / wanted) for number in range(wanted)]


def _stills(folder: Path, mode: str, shown: int, height_px: int) -> Sample:
    """Some pictures of a folder, cut as a run cuts them."""
    # The reader of pictures brings the face finder along, which the window starts without.
    from limner_training.data.frames import MARGIN
    from limner_training.data.pictures import read_pictures

    found = read_pictures(
        folder,
        cast("CropMode", "auto" if mode == OWN_CROPS else mode),
        CROP_PX,
        lambda _share: True,
        most=STILLS,
    )
    wide = found.frames.pixels
    side = wide.shape[1]
    middle = Crop((side - 1) / 2, (side - 1) / 2, side / MARGIN)
    pictures = np.stack([cut(picture, middle, CROP_PX) for picture in wide])
    views = [
        (crop_view(wide[number], middle, height_px), f"{folder.name} · {number + 1}")
        for number in _spread(len(wide), shown)
    ]
    # Whether faces were cut is not told; where none is seen, nothing is known of sizes either.
    sign = "face" if mode in ("face", "auto", OWN_CROPS) else "apart"
    return Sample(SampleCrops(folder.name, pictures, sign), views, None)
