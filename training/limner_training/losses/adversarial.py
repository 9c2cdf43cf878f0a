"""The adversarial term of the paper's ablation: a network that tells redrawn pictures from real.

IMM's Table 2 has it beside l1 and l2 and says no more of it; the paper's supplement may. What is
chosen here is the common form: patches are judged, not whole pictures (Isola et al., "Image-to-
Image Translation with Conditional Adversarial Networks", 2017), by least squares (Mao et al.,
"Least Squares Generative Adversarial Networks", 2017), real being 1 and redrawn 0. Pictures are
judged by themselves, without the source. Normalisation is by picture and keeps no running figures,
so that judging leaves no trace and a resumed run goes on as an unbroken one.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call

from limner_engine.errors import TrainingError
from limner_engine.inference.device import DeviceSpec
from limner_training.checkpoint import load_momenta, momenta

WIDTHS = (32, 64, 128)
"""Channels of the convolutions with stride 2."""

_BETAS = (0.5, 0.999)


class PatchNet(nn.Module):
    """Judges patches of 46 px that lie 8 px apart.

    Three 4x4 convolutions with stride 2, then one with stride 1, LeakyReLU between, instance
    normalisation behind all but the first and the last.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for number, width in enumerate(widths):
            layers.append(nn.Conv2d(inputs, width, 4, stride=2, padding=1))
            if number:
                layers.append(nn.InstanceNorm2d(width))
            layers.append(nn.LeakyReLU(0.2))
            inputs = width
        layers.append(nn.Conv2d(inputs, 1, 4, padding=1))
        self.layers = nn.Sequential(*layers)
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, std=0.02)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, pictures: Tensor) -> Tensor:
        """``(B, 1, S/8 - 1, S/8 - 1)`` from ``(B, 3, S, S)`` in 0..1; about 1 where it looks real.

        ``S`` is at least 32.
        """
        judged: Tensor = self.layers(pictures * 2 - 1)
        return judged


def judge_loss(real: Tensor, redrawn: Tensor) -> Tensor:
    """What the judge lowers: ``(mean (D(x) - 1)^2 + mean D(x^)^2) / 2``; Mao et al., Eq. (9).

    Args:
        real: Its judgement of real pictures, any shape.
        redrawn: Its judgement of redrawn ones.

    Returns:
        Scalar, float32.
    """
    return ((real.float() - 1).square().mean() + redrawn.float().square().mean()) / 2


class Adversary:
    """The judge and its optimiser, for a recipe that adds `generator_term` to its loss.

    A step of learning is: the term in the loss, the model's own step, then `step`.

    Args:
        device: Where and in which format it computes.
        seed: Of its first weights; torch's own random numbers are not drawn from.
        learning_rate: Of its Adam.
    """

    def __init__(self, device: DeviceSpec, seed: int, learning_rate: float = 2e-4) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = PatchNet()
        self._device = device
        self.network = network.to(device.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._optimiser = torch.optim.Adam(
            self.network.parameters(), lr=learning_rate, betas=_BETAS
        )

    def generator_term(self, redrawn: Tensor) -> Tensor:
        """How far redrawn pictures are from passing as real: ``mean (D(x^) - 1)^2``.

        Its gradient reaches the pictures and leaves the judge's weights alone.

        Args:
            redrawn: ``(B, 3, S, S)``, about 0..1.

        Returns:
            Scalar, float32.
        """
        frozen = {name: weight.detach() for name, weight in self.network.named_parameters()}
        with self._autocast():
            judged: Tensor = functional_call(self.network, frozen, (redrawn,))
        return (judged.float() - 1).square().mean()

    def step(self, redrawn: Tensor, target: Tensor) -> float:
        """Let the judge learn from one batch.

        Args:
            redrawn: ``(B, 3, S, S)``, about 0..1; its own history is not followed.
            target: ``(B, 3, S, S)`` in 0..1. Where a border is masked in the loss, both come with
                it blanked alike, or the judge learns to see the border.

        Returns:
            `judge_loss` before the step; 0.25 where it cannot tell them apart.
        """
        count = len(target)
        with self._autocast():
            both = self.network(torch.cat([target, redrawn.detach().to(target)]))
        loss = judge_loss(both[:count], both[count:])
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return float(loss.detach())

    def tensors(self) -> dict[str, Tensor]:
        """Weights and optimiser, by name, for a checkpoint."""
        named = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        named |= {f"optimiser.{name}": value for name, value in momenta(self._optimiser).items()}
        return {name: tensor.detach().clone() for name, tensor in named.items()}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave.

        Raises:
            TrainingError: They are of another network.
        """
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "optimiser": {}}
        try:
            for name, tensor in tensors.items():
                part, _, rest = name.partition(".")
                parts[part][rest] = tensor
            self.network.load_state_dict(parts["network"])
            load_momenta(self._optimiser, parts["optimiser"])
        except (KeyError, ValueError, RuntimeError) as error:
            raise TrainingError(
                f"The adversary in the checkpoint does not fit: {error}.", "Start the run afresh."
            ) from error

    def _autocast(self) -> torch.autocast:
        half = self._device.dtype == torch.bfloat16
        return torch.autocast(self._device.device, torch.bfloat16, enabled=half)
