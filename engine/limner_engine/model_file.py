"""One format for models, in and out: safetensors whose metadata holds a JSON header.

A safetensors file is an 8-byte length, a JSON table of tensors and raw numbers: reading it runs
nothing. Ours has one metadata entry, ``limner``, a JSON object with kind, name, configuration,
skeleton, provenance, licence and the hash of the weights. Everything in it is checked before a
network is built, and every tensor's name, shape and type against the network built from the
configuration.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_engine.errors import ModelError
from limner_engine.types import ModelInfo, Skeleton

if TYPE_CHECKING:
    from torch import Tensor, nn

MODEL_SUFFIX = ".safetensors"
FORMAT_VERSION = 1
IMM_KIND, NAMED, KEYPOINTGAN, CLASS_EMBEDDING, FABNET = KINDS = (
    *("imm", "named", "keypointgan"),
    *("class_embedding", "fabnet"),
)
"""``imm`` finds landmarks and redraws from them; ``named`` finds what a person gave names to;
``keypointgan`` finds those of a pose prior and redraws from them; ``class_embedding`` and its
baseline ``fabnet`` say where one frame lies in another, and know of no landmarks."""
SELF_TAUGHT = (IMM_KIND, KEYPOINTGAN)
"""Kinds whose landmarks were found without labels: named landmarks can be made upon them."""
WARPS = (CLASS_EMBEDDING, FABNET)
"""Kinds that warp one frame onto another."""
_HEADER_LIMIT_BYTES = 4 << 20
_FILE_LIMIT_BYTES = 4 << 30
_ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1, "BOOL": 1}
_MEND = "Choose a model that Limner wrote, or train one."


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A network in evaluation mode and what its file says of it."""

    model: nn.Module
    info: ModelInfo


def read_model_info(path: Path) -> ModelInfo:
    """What a model file says of itself; neither torch nor the weights are touched.

    Raises:
        ModelError: The file is missing, or is not a model that this version can read.
    """
    return _info(_read_header(path), path)


def load_model(path: Path, device: str = "cpu") -> LoadedModel:
    """Build the network of a file and fill it with its weights.

    Args:
        path: The model file.
        device: Where torch puts the weights.

    Raises:
        ModelError: The file is refused: not a model, wrong shapes, damaged weights.
    """
    import safetensors.torch

    header = _read_header(path)
    info = _info(header, path)
    network = build_network(info)
    _check_tensors(header, network, path)
    try:
        weights = safetensors.torch.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"{path.name} is damaged: {error}.", _MEND) from error
    if info.sha256 and weights_hash(weights) != info.sha256:
        raise ModelError(f"The weights in {path.name} are not those it was written with.", _MEND)
    if any(not bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise ModelError(f"{path.name} holds numbers that are not finite.", _MEND)
    network.load_state_dict(weights)  # float16 files widen here
    check = getattr(network, "check", None)
    if check is not None:
        try:
            check()
        except ValueError as error:
            raise ModelError(f"{path.name} is damaged: {error}.", _MEND) from error
    return LoadedModel(network.to(device).eval(), info)


def save_model(path: Path, model: nn.Module, info: ModelInfo, *, half: bool = False) -> ModelInfo:
    """Write a network beside ``path``, then rename it into place.

    Args:
        path: Where to.
        model: The network; its configuration is ``info.config``.
        info: What the file shall say; the hash is filled in.
        half: Store weights as float16, which halves the file; for models that ship.

    Returns:
        ``info`` with its hash.
    """
    import safetensors.torch
    import torch

    weights = {
        name: tensor.detach().cpu().contiguous().clone()
        for name, tensor in model.state_dict().items()
    }
    if half:
        weights = {
            name: tensor.half() if tensor.dtype == torch.float32 else tensor
            for name, tensor in weights.items()
        }
    written = replace(info, sha256=weights_hash(weights), format_version=FORMAT_VERSION)
    header = {
        "format_version": written.format_version,
        "kind": written.kind,
        "name": written.name,
        "config": written.config,
        "skeleton": written.skeleton.to_json(),
        "provenance": written.provenance,
        "licence": written.licence,
        "sha256": written.sha256,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # As bytes: the library's own writer makes files that nobody else may read.
        beside.write_bytes(safetensors.torch.save(weights, {"limner": json.dumps(header)}))
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return written


def build_network(info: ModelInfo) -> nn.Module:
    """An untrained network of the kind and sizes that ``info`` names.

    Raises:
        ModelError: Unknown kind, or sizes that make no network.
    """
    from limner_engine.models.class_embedding import ClassEmbedding, ClassEmbeddingConfig
    from limner_engine.models.fabnet import FAbNet, FAbNetConfig
    from limner_engine.models.imm import IMM, IMMConfig
    from limner_engine.models.keypointgan import KeypointGAN, KeypointGANConfig
    from limner_engine.models.named import Named, NamedConfig

    _require_known(info.kind)
    config: IMMConfig | NamedConfig | KeypointGANConfig | ClassEmbeddingConfig | FAbNetConfig
    network: nn.Module
    try:
        if info.kind == NAMED:
            config = NamedConfig.from_json(info.config)
            network = Named(config)
        elif info.kind == KEYPOINTGAN:
            config = KeypointGANConfig.from_json(info.config)
            network = KeypointGAN(config)
        elif info.kind == CLASS_EMBEDDING:
            config = ClassEmbeddingConfig.from_json(info.config)
            network = ClassEmbedding(config)
        elif info.kind == FABNET:
            config = FAbNetConfig.from_json(info.config)
            network = FAbNet(config)
        else:
            config = IMMConfig.from_json(info.config)
            network = IMM(config)
    except ValueError as error:
        raise ModelError(f"The sizes in the model make no network: {error}.", _MEND) from error
    if len(info.skeleton.names) != config.landmark_count:
        raise ModelError("The model names another number of landmarks than it finds.", _MEND)
    return network


def weights_hash(weights: dict[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of all tensors, in order of their names."""
    import torch

    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _read_header(path: Path) -> dict[str, Any]:
    """The JSON table of a safetensors file, checked against the file's size."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(_HEADER_LIMIT_BYTES, size - 8) or size > _FILE_LIMIT_BYTES:
                raise ModelError(f"{path.name} is not a model file.", _MEND)
            raw = file.read(length)
    except FileNotFoundError:
        raise ModelError(f"There is no model at {path}.", "Check the path.") from None
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read: {error.strerror}.") from error
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError):
        raise ModelError(f"{path.name} is not a model file.", _MEND) from None
    if not isinstance(header, dict):
        raise ModelError(f"{path.name} is not a model file.", _MEND)
    _check_offsets(header, size - 8 - length, path)
    return header


def _check_offsets(header: dict[str, Any], data_bytes: int, path: Path) -> None:
    """Every tensor lies inside the file and is as long as its shape says."""
    end = 0
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            first, last = entry["data_offsets"]
            wanted = math.prod(entry["shape"]) * _ITEM_BYTES[entry["dtype"]]
            whole = 0 <= first <= last <= data_bytes and last - first == wanted
        except (KeyError, TypeError, ValueError):
            whole = False
        if not whole:
            raise ModelError(f"{path.name} is cut short or damaged at {name!r}.", _MEND)
        end = max(end, last)
    if end != data_bytes:
        raise ModelError(f"{path.name} holds bytes that belong to no tensor.", _MEND)


def _info(header: dict[str, Any], path: Path) -> ModelInfo:
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("limner"), str):
        raise ModelError(f"{path.name} holds tensors, but not a model of Limner.", _MEND)
    try:
        data = json.loads(metadata["limner"])
        version = data["format_version"]
        if not isinstance(version, int) or version > FORMAT_VERSION:
            raise ModelError(f"{path.name} was written by a newer Limner.", "Update Limner.")
        info = ModelInfo(
            kind=str(data["kind"]),
            name=str(data["name"]),
            config=dict(data["config"]),
            skeleton=Skeleton.from_json(data["skeleton"]),
            provenance=dict(data.get("provenance", {})),
            licence=str(data.get("licence", "")),
            sha256=str(data.get("sha256", "")),
            format_version=version,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"The header of {path.name} is damaged: {error}.", _MEND) from error
    _require_known(info.kind)
    return info


def _require_known(kind: str) -> None:
    if kind not in KINDS:
        raise ModelError(f"This version of Limner knows no model of kind {kind!r}.", _MEND)


def _check_tensors(header: dict[str, Any], network: nn.Module, path: Path) -> None:
    """Names and shapes are exactly those of the network."""
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {
        name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"
    }
    if expected != found:
        names = expected.keys() | found.keys()
        wrong = min(name for name in names if expected.get(name) != found.get(name))
        raise ModelError(f"{path.name} does not fit its own sizes at {wrong!r}.", _MEND)
