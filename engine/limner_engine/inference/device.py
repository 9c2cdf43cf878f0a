"""Where to compute, and in which number format."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from limner_engine.errors import EngineError

CHOICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """Where and how networks run.

    Attributes:
        device: What torch calls it: ``cpu``, ``cuda`` or ``mps``.
        dtype: Number format in which inference is fastest there without harm.
        label: What people read, such as ``CPU bf16``.
    """

    device: str
    dtype: torch.dtype
    label: str


def choose_device(wanted: str = "auto") -> DeviceSpec:
    """The device to compute on.

    Args:
        wanted: One of `CHOICES`; ``auto`` takes CUDA, then Apple's GPU, then the processor.

    Raises:
        EngineError: unknown, or not in this computer.
    """
    if wanted not in CHOICES:
        raise EngineError(f"There is no device {wanted!r}.", f"Choose {', '.join(CHOICES)}.")
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu"
    if wanted == "cuda":
        if not torch.cuda.is_available():
            raise EngineError("No CUDA device is usable here.", "Choose auto or cpu.")
        bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
        return DeviceSpec("cuda", *_format(bf16, torch.cuda.get_device_name()))
    if wanted == "mps":
        if not _has_mps():
            raise EngineError("Apple's GPU is not usable here.", "Choose auto or cpu.")
        return DeviceSpec("mps", *_format(False, "Apple GPU"))
    return DeviceSpec("cpu", *_format(_processor_has_bf16(), "CPU"))


def _format(bf16: bool, name: str) -> tuple[torch.dtype, str]:
    return (torch.bfloat16, f"{name} bf16") if bf16 else (torch.float32, f"{name} fp32")


def _has_mps() -> bool:
    return bool(torch.backends.mps.is_available())


def _processor_has_bf16() -> bool:
    """Whether the processor multiplies bf16 itself; elsewhere bf16 is slower than fp32."""
    # Torch asks the processor, but offers the answer under private names only; on processors for
    # which it has no such question the answer is no.
    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    asked = [getattr(torch.cpu, name, None) for name in questions]
    return bool(torch._C._has_mkldnn) and any(bool(ask()) for ask in asked if ask)


def out_of_memory(error: RuntimeError) -> bool:
    """Whether memory ran out; only CUDA has an error of its own for that."""
    words = ("can't allocate memory", "out of memory")
    return isinstance(error, torch.OutOfMemoryError) or any(w in str(error) for w in words)
