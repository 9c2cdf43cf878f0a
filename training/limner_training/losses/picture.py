"""How redrawn pictures are compared with targets: one loss for each of the paper's Table 2."""

from __future__ import annotations

from torch import Tensor

from limner_training.losses.adversarial import Adversary
from limner_training.losses.content import ContentLoss
from limner_training.losses.pixel import pixel_loss

ADVERSARIAL = 0.01
"""Weight of the adversarial term beside a pixel loss; the paper does not say its own."""

JUDGED = "judge."
FOLLOWED = "content.weights"


class PictureLoss:
    """One of the losses, with what it learns by the way.

    Args:
        pixels: ``l1`` or ``l2``; not used with ``content``.
        content: The content loss, if that is the one.
        adversary: The judge, if there is one.
    """

    def __init__(
        self,
        pixels: str = "l1",
        content: ContentLoss | None = None,
        adversary: Adversary | None = None,
    ) -> None:
        self._pixels, self._content, self._adversary = pixels, content, adversary

    def __call__(self, redrawn: Tensor, target: Tensor, mask: Tensor | None) -> Tensor:
        """The loss of a batch.

        Args:
            redrawn: ``(B, 3, S, S)``, about 0..1.
            target: ``(B, 3, S, S)`` in 0..1.
            mask: ``(B, 1, S, S)`` in 0..1, or None for all of the picture.

        Returns:
            Scalar.
        """
        if self._content is not None:
            loss: Tensor = self._content(redrawn, target, mask)
            return loss
        loss = pixel_loss(redrawn, target, "l2" if self._pixels == "l2" else "l1", mask)
        if self._adversary is not None:
            judged = self._adversary.generator_term(_shown(redrawn, mask))
            loss = loss + ADVERSARIAL * judged
        return loss

    def after_step(self, redrawn: Tensor, target: Tensor, mask: Tensor | None) -> None:
        """Let the judge learn from the batch that the model has just learned from."""
        if self._adversary is not None:
            self._adversary.step(_shown(redrawn, mask), _shown(target, mask))

    def tensors(self) -> dict[str, Tensor]:
        """What a checkpoint must hold."""
        held: dict[str, Tensor] = {}
        if self._content is not None:
            held[FOLLOWED] = self._content.weights
        if self._adversary is not None:
            held |= {JUDGED + name: value for name, value in self._adversary.tensors().items()}
        return held

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave.

        Raises:
            TrainingError: It is of another loss.
            KeyError: Something is missing.
        """
        if self._content is not None:
            self._content.weights.copy_(tensors[FOLLOWED])
        if self._adversary is not None:
            judged = {
                name.removeprefix(JUDGED): value
                for name, value in tensors.items()
                if name.startswith(JUDGED)
            }
            self._adversary.load(judged)


def _shown(pictures: Tensor, mask: Tensor | None) -> Tensor:
    """Pictures with their border blanked as the target's is, or the judge would learn it."""
    return pictures if mask is None else pictures * mask
