"""How long warps take: ``python benchmarks/warps_speed.py``.

- One pair at each size: both pictures embedded, the warp of three levels with its confidence, the
  target redrawn, its flow; as fast as plain float32 goes, and in the processor's half precision.
- One place pointed at: its whole distribution over the source.
- Carrying colours through a sparse level, forth and back, as `Level.carry` does it, by an
  embedding bag, and plainly, with all candidates' colours in memory.
- One step of learning, at each stage, against the same step in float32 with the plain gather.

Times are processor seconds, so that what else the machine does slows none. Pictures are noise,
which does not change the time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from limner_engine.inference.device import DeviceSpec, choose_device
from limner_engine.models.class_embedding import ClassEmbedding
from limner_engine.models.warps import Level, first_level, refined
from limner_training.config import TrainConfig
from limner_training.data.frames import FrameSet, packed_size
from limner_training.presets import settings
from limner_training.recipes.class_embedding import ClassEmbeddingRecipe, network_config

Way = Callable[[Level, Tensor], Tensor]

_CARRY: Way = Level.carry


def seconds(work: Callable[[], object], times: int) -> float:
    """Processor seconds of one call, the first one not counted."""
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def by_bag(level: Level, values: Tensor) -> Tensor:
    """`Level.carry` of a sparse level as an embedding bag."""
    count, channels, side, _ = values.shape
    table = values.permute(0, 2, 3, 1).reshape(-1, channels)
    first = (torch.arange(count) * side**2).view(-1, 1, 1, 1)
    own = (level.candidates() + first).reshape(-1, level.weights.shape[-1]).to(torch.int32)
    weights = level.weights.reshape(own.shape)
    carried = F.embedding_bag(own, table, per_sample_weights=weights, mode="sum")
    return carried.view(count, side, side, channels).permute(0, 3, 1, 2)


def plainly(level: Level, values: Tensor) -> Tensor:
    """`Level.carry` with all colours of all candidates in memory."""
    if level.cells is None:
        return _CARRY(level, values)
    count, channels, side, _ = values.shape
    own = level.candidates().flatten(1)[:, None].expand(-1, channels, -1)
    colours = values.flatten(2).gather(2, own).view(count, channels, side, side, -1)
    return (colours * level.weights[:, None]).sum(-1)


def pair(size: str, times: int) -> None:
    """A pair at a size, in both precisions."""
    config = network_config(TrainConfig(method="class_embedding", size=size))
    network = ClassEmbedding(config).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    pictures = torch.rand(2, 3, config.image_size, config.image_size)
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    half = choose_device("cpu").dtype == torch.bfloat16
    for label, lower in (("float32", False), ("bf16", True))[: 1 + half]:

        def whole(lower: bool = lower) -> Any:
            with torch.inference_mode():
                with torch.autocast("cpu", torch.bfloat16, enabled=lower):
                    warp = network.warp(*network.embed(pictures).chunk(2))
                return network.redraw(pictures[:1], warp), network.flow(warp), warp

        print(f"{size:7} pair, {label:8} {1000 * seconds(whole, times):8.1f} ms")
    warp = whole()[2]
    pointed = seconds(lambda: warp.finest.distribution_of(0, 20, 30), 100)
    print(f"{size:7} place pointed at {1e6 * pointed:8.1f} us")


def carrying(times: int) -> None:
    """The three ways to carry colours, forth and back."""
    for side in (64, 128):
        coarse = torch.randn(2, side**2 // 16, side // 4, side // 4)
        second = refined(first_level(coarse), torch.randn(2, 36, side // 2, side // 2))
        made = refined(second, torch.randn(2, 36, side, side))
        values = torch.rand(2, 3, side, side)
        for label, way in (("as it is", _CARRY), ("bag", by_bag), ("plain", plainly)):

            def both(way: Way = way, made: Level = made, values: Tensor = values) -> None:
                level = Level(made.weights.detach().requires_grad_(), made.cells)
                way(level, values).sum().backward()  # type: ignore[no-untyped-call]

            print(f"carry at {side:3}, {label:9} {1000 * seconds(both, times) / 2:8.2f} ms a pair")


def learning(size: str, batch: int, times: int) -> None:
    """A step of learning at each stage, beside the plain one."""
    values = settings("class_embedding") | {"size": size, "batch": batch, "minutes": 0.0}
    config = TrainConfig(method="class_embedding", **(values | {"steps": 10**6}))
    side = packed_size(network_config(config).image_size)
    noise = np.random.default_rng(0).integers(0, 255, (48, side, side, 3), dtype=np.uint8)
    frames = FrameSet(noise, np.zeros(48, np.int32), np.arange(48), ("noise",))
    plain = DeviceSpec("cpu", torch.float32, "CPU fp32")
    for label, device, way in (("ours", choose_device("cpu"), _CARRY), ("plain", plain, plainly)):
        recipe = ClassEmbeddingRecipe(config, device)
        recipe.use(frames)
        if label == "plain":
            recipe.model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        setattr(Level, "carry", way)  # noqa: B010 - a method is replaced
        for stage in range(config.levels):
            recipe.curriculum.stage = stage
            optimiser, step = recipe.optimiser(), 0

            def one() -> None:
                nonlocal step
                recipe.learn(optimiser, step, batch, 1e-4)  # noqa: B023
                step += 1

            spent = seconds(one, times) / batch
            print(f"{size:7} step, levels {stage + 1}, {label:6} {1000 * spent:8.1f} ms a pair")
        setattr(Level, "carry", _CARRY)  # noqa: B010 - and put back


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=("lite", "medium", "paper"), default="lite")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--part", choices=("pair", "carry", "learn"), help="default: all")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.part in (None, "pair"):
        pair(options.size, options.times)
    if options.part in (None, "carry"):
        carrying(options.times)
    if options.part in (None, "learn"):
        learning(options.size, options.batch, options.times)


if __name__ == "__main__":
    main()
