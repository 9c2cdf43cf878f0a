"""A loss network that has learned on ImageNet: VGG-19, fetched once and kept.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015.
IMM's paper has it beside the self-supervised one. Limner ships no such weights; they come from the
address at which the Keras project publishes them, as HDF5, which is read with h5py, and are kept
as safetensors, so that neither h5py nor a network is needed again. Nothing is unpickled.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import appdirs
import safetensors
import safetensors.torch
import torch
from torch import Tensor

from limner_engine.errors import TrainingError
from limner_engine.model_file import weights_hash
from limner_training.downloads import Progress, Published, fetch, is_published
from limner_training.losses.vgg import NINETEEN, VGG

# Address and MD5 stand in keras/src/applications/vgg19.py of github.com/keras-team/keras
# (WEIGHTS_PATH_NO_TOP and the file_hash used with it); no longer hash is published. The length is
# what Keras prints while it fetches the file.
PUBLISHED = Published(
    address=(
        "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
    ),
    size_bytes=80_134_624,
    algorithm="md5",
    digest="253f8cb515780f3b799900260a226db6",
)

MEAN_BGR = (103.939, 116.779, 123.68)
"""What the authors subtracted from blue, green and red, each in 0..255."""

_KEPT = "imagenet_vgg19.safetensors"
_INSTALL = "pip install h5py"


def imagenet_vgg(progress: Progress | None = None) -> VGG:
    """VGG-19 with the authors' weights, from the user's cache or, the first time, the network.

    Args:
        progress: Told the share of the file that has come, 0..1; False ends it.

    Returns:
        The network in evaluation mode, without gradients for its weights. It takes what `to_vgg`
        gives.

    Raises:
        TrainingError: The weights cannot be fetched or kept, h5py is missing while they are still
            to be converted, or what is kept is damaged.
    """
    kept = weights_dir() / _KEPT
    with torch.device("meta"):  # shapes alone: no time or random numbers for first weights
        network = VGG(depths=NINETEEN)
    if not kept.exists():
        _fetch_and_keep(kept, network, progress)
    network.load_state_dict(_read(kept, network), assign=True)
    return network.eval().requires_grad_(False)


def is_at_hand() -> bool:
    """Whether `imagenet_vgg` needs no network."""
    return (weights_dir() / _KEPT).exists() or source_path().exists()


def to_vgg(images: Tensor) -> Tensor:
    """Pictures as the authors' network took them.

    Args:
        images: ``(B, 3, S, S)``, red, green, blue, in 0..1.

    Returns:
        ``(B, 3, S, S)``: blue, green, red in 0..255, less `MEAN_BGR`.
    """
    mean = images.new_tensor(MEAN_BGR).view(1, 3, 1, 1)
    return images.flip(1) * 255 - mean


def weights_dir() -> Path:
    """Where fetched weights are kept."""
    root = os.environ.get("LIMNER_CACHE") or appdirs.user_cache_dir("limner")
    return Path(root) / "weights"


def source_path() -> Path:
    """Where the published file is looked for, and where a person may put it by hand."""
    return weights_dir() / PUBLISHED.address.rsplit("/", 1)[1]


def convert(source: Path, network: VGG) -> dict[str, Tensor]:
    """Weights of a Keras HDF5 file under the names of `VGG`.

    Its groups are called ``block1_conv1`` and so on; each holds a kernel ``(3, 3, inputs,
    outputs)`` and a bias ``(outputs,)``, under names that differ between versions of Keras. They
    correlate, as torch's do, so that only the order of the axes changes.

    Args:
        source: The file, its hash checked.
        network: Of the sizes that are expected.

    Returns:
        float32 tensors, one for each in ``network.state_dict()``.

    Raises:
        TrainingError: h5py is missing, or the file is laid out otherwise.
    """
    h5py = _h5py()
    wanted = network.state_dict()
    weights: dict[str, Tensor] = {}
    try:
        with h5py.File(source, "r") as file:
            for name, like in wanted.items():
                _, block, layer, part = name.split(".")
                group = file[f"block{int(block) + 1}_conv{int(layer) + 1}"]
                arrays = [torch.from_numpy(group[key][()]).float() for key in group]
                (found,) = (array for array in arrays if array.dim() == like.dim())
                ordered = found.permute(3, 2, 0, 1) if part == "weight" else found
                if ordered.shape != like.shape:
                    raise ValueError(f"{name} is {tuple(ordered.shape)}")
                weights[name] = ordered.contiguous()
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise TrainingError(
            f"{source.name} does not hold the weights of VGG: {error}.",
            f"Delete {source}; it will be fetched again.",
        ) from error
    return weights


def _fetch_and_keep(kept: Path, network: VGG, progress: Progress | None) -> None:
    _h5py()  # before 80 MB are fetched in vain
    source = source_path()
    by_hand = source.exists()
    if not by_hand:
        fetch(
            PUBLISHED,
            source,
            "Connect to the internet once, choose the self-supervised loss network, which needs "
            f"no download, or put the file from {PUBLISHED.address} at {source} by hand.",
            progress,
        )
    elif not is_published(source, PUBLISHED):
        raise TrainingError(
            f"{source} is not the file that is published: its length or hash differs.",
            f"Delete it, and let Limner fetch it or put it there from {PUBLISHED.address} again.",
        )
    weights = convert(source, network)
    notes = {
        "source": PUBLISHED.address,
        f"source_{PUBLISHED.algorithm}": PUBLISHED.digest,
        "sha256": weights_hash(weights),
    }
    beside = kept.with_name(f".{kept.name}.{os.getpid()}.part")
    try:
        try:
            beside.write_bytes(safetensors.torch.save(weights, notes))
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
            beside.replace(kept)
        finally:
            beside.unlink(missing_ok=True)
        if not by_hand:
            source.unlink()
    except OSError as error:
        raise TrainingError(
            f"{kept} could not be written: {error.strerror or error}.",
            "Free some space, or let LIMNER_CACHE name another folder.",
        ) from error


def _read(kept: Path, network: VGG) -> dict[str, Tensor]:
    """What was kept, checked against the hash it was written with."""
    try:
        with safetensors.safe_open(kept, "pt") as file:
            written = (file.metadata() or {}).get("sha256")
            weights: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        whole = weights_hash(weights) == written and all(
            name in weights and weights[name].shape == like.shape
            for name, like in network.state_dict().items()
        )
    except (OSError, safetensors.SafetensorError):
        whole = False
    if not whole:
        raise TrainingError(
            f"The weights kept in {kept} are damaged.", "Delete the file; it will be made again."
        )
    return weights


def _h5py() -> Any:
    try:
        import h5py  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise TrainingError(
            "The ImageNet loss network is published as HDF5, and h5py, which reads it, is not "
            "installed.",
            f"Run {_INSTALL} in the environment of Limner, or choose the self-supervised loss "
            "network, which needs no download.",
        ) from error
    return h5py
