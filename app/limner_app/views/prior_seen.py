"""What sample crops suggest of where poses should lie, measured beside what a person does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from limner_app.flows import Flows
from limner_app.views.prior_draft import SampleCrops
from limner_app.views.prior_steps import FlowStep, OneWork
from limner_app.views.render_parts import off_thread
from limner_engine.priors.statistics import PoseStatistics, crop_statistics


class SeenInCrops:
    """Measures crops when they are others than before.

    Args:
        flows: Runs it.
        step: Tells of trouble.
        told: Called when something new is known.

    Attributes:
        statistics: What the crops suggest; None where they tell nothing, or nobody has looked.
    """

    def __init__(self, flows: Flows, step: FlowStep, told: Callable[[], object]) -> None:
        self._work, self._told = OneWork(flows, step), told
        self._measured: list[SampleCrops] = []
        self.statistics: PoseStatistics | None = None

    @property
    def busy(self) -> bool:
        """Whether it measures; nobody has to wait for it."""
        return self._work.busy

    def look(self, crops: Sequence[SampleCrops]) -> None:
        """Measure crops; it takes a second or two."""
        wanted = list(crops)
        if self._measured == wanted:
            return

        async def work() -> None:
            stacks, signs = [one.pictures for one in wanted], [one.sign for one in wanted]
            self.statistics = await off_thread(crop_statistics, stacks, signs)
            self._measured = wanted
            self._told()

        self._work.start("", work)

    def cancel(self) -> None:
        """Nobody looks any more."""
        self._work.cancel()
