"""The ImageNet loss network: fetched, converted, kept and read again."""

from __future__ import annotations

import functools
import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
import torch

from limner_engine.errors import TrainingError
from limner_training.downloads import Published, fetch
from limner_training.losses import imagenet
from limner_training.losses.vgg import NINETEEN, VGG

h5py = pytest.importorskip("h5py", reason="h5py is not installed")

WIDTHS = (2, 3, 4, 5, 6)


def keras_file(path: Path) -> dict[str, np.ndarray]:
    """A file laid out as the published one, only narrower."""
    rng = np.random.default_rng(0)
    written: dict[str, np.ndarray] = {}
    inputs = 3
    with h5py.File(path, "w", libver="earliest") as file:
        layers = []
        for block, (depth, width) in enumerate(zip(NINETEEN, WIDTHS, strict=True), start=1):
            for layer in range(1, depth + 1):
                name = f"block{block}_conv{layer}"
                group = file.create_group(name)
                kernel = rng.normal(size=(3, 3, inputs, width)).astype(np.float32)
                bias = rng.normal(size=width).astype(np.float32)
                names = [f"{name}_W_1:0", f"{name}_b_1:0"]
                group[names[0]], group[names[1]] = kernel, bias
                group.attrs["weight_names"] = np.array(names, "S")
                written[name] = kernel
                written[name + " bias"] = bias
                layers.append(name)
                inputs = width
            pool = f"block{block}_pool"
            file.create_group(pool).attrs["weight_names"] = np.array([], "S1")
            layers.append(pool)
        file.attrs["layer_names"] = np.array(layers, "S")
    return written


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A narrow network whose published file lies beside, and is fetched by copying it."""
    source = tmp_path / "published.h5"
    keras_file(source)
    body = source.read_bytes()
    published = Published(
        "https://limner.invalid/w/small.h5", len(body), "md5", hashlib.md5(body).hexdigest()
    )

    def copied(what: Published, path: Path, mend: str, progress: Any) -> None:
        assert what == published
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    monkeypatch.setattr(imagenet, "PUBLISHED", published)
    monkeypatch.setattr(imagenet, "VGG", functools.partial(VGG, widths=WIDTHS))
    monkeypatch.setattr(imagenet, "fetch", copied)
    return source


def test_pictures_become_blue_green_red_less_the_mean() -> None:
    pictures = torch.zeros(1, 3, 2, 2)
    pictures[:, 0] = 1.0
    got = imagenet.to_vgg(pictures)[0, :, 0, 0]
    np.testing.assert_allclose(got.numpy(), [-103.939, -116.779, 255 - 123.68], rtol=1e-6)


def test_kernels_correlate_as_in_the_file(tmp_path: Path) -> None:
    written = keras_file(tmp_path / "small.h5")
    network = VGG(NINETEEN, WIDTHS)
    network.load_state_dict(imagenet.convert(tmp_path / "small.h5", network))
    picture = np.random.default_rng(1).normal(size=(5, 5, 3)).astype(np.float32)
    kernel, bias = written["block1_conv1"], written["block1_conv1 bias"]
    by_hand = np.einsum("hwi,hwio->o", picture[1:4, 1:4], kernel) + bias  # around (2, 2)
    first = network.blocks[0][0]  # type: ignore[index]
    got = first(torch.from_numpy(picture).permute(2, 0, 1)[None])[0, :, 2, 2]
    np.testing.assert_allclose(got.detach().numpy(), by_hand, rtol=1e-4, atol=1e-5)
    last = network.blocks[4][3].weight.detach()  # type: ignore[index]
    np.testing.assert_array_equal(last.permute(2, 3, 1, 0), written["block5_conv4"])


@pytest.mark.usefixtures("small")
def test_it_is_fetched_once_and_then_needs_neither_network_nor_h5py(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not imagenet.is_at_hand()
    first = imagenet.imagenet_vgg()
    assert imagenet.is_at_hand()
    assert not first.training
    assert all(not weight.requires_grad for weight in first.parameters())
    (kept,) = imagenet.weights_dir().iterdir()
    with safetensors.safe_open(kept, "pt") as file:
        notes = file.metadata()
    assert notes["source"] == imagenet.PUBLISHED.address
    assert notes["source_md5"] == imagenet.PUBLISHED.digest

    def refused(*_: object) -> None:
        pytest.fail("fetched again")

    monkeypatch.setattr(imagenet, "fetch", refused)
    monkeypatch.setitem(sys.modules, "h5py", None)
    second = imagenet.imagenet_vgg()
    pictures = imagenet.to_vgg(torch.rand(2, 3, 32, 32))
    taps = second(pictures)
    assert [tap.shape[1] for tap in taps] == list(WIDTHS)
    for one, other in zip(first(pictures), taps, strict=True):
        assert torch.equal(one, other)


@pytest.mark.usefixtures("small")
def test_making_it_draws_no_random_numbers() -> None:
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    imagenet.imagenet_vgg()
    assert torch.equal(torch.rand(1), expected)


def test_a_file_put_there_by_hand_is_taken_and_left(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(imagenet, "fetch")
    imagenet.source_path().parent.mkdir(parents=True)
    imagenet.source_path().write_bytes(small.read_bytes())
    assert imagenet.is_at_hand()
    imagenet.imagenet_vgg()
    assert imagenet.source_path().exists()


def test_another_file_put_there_by_hand_is_refused(small: Path) -> None:
    imagenet.source_path().parent.mkdir(parents=True)
    imagenet.source_path().write_bytes(small.read_bytes()[:-1] + b"x")
    with pytest.raises(TrainingError, match="not the file that is published"):
        imagenet.imagenet_vgg()


@pytest.mark.usefixtures("small")
def test_without_h5py_nothing_is_fetched_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(TrainingError, match="h5py, which reads it") as caught:
        imagenet.imagenet_vgg()
    assert "pip install h5py" in caught.value.mend
    assert not imagenet.weights_dir().exists()


@pytest.mark.usefixtures("small")
def test_weights_that_changed_in_the_cache_are_refused() -> None:
    imagenet.imagenet_vgg()
    (kept,) = imagenet.weights_dir().iterdir()
    body = bytearray(kept.read_bytes())
    body[-1] ^= 1
    kept.write_bytes(body)
    with pytest.raises(TrainingError, match="damaged"):
        imagenet.imagenet_vgg()
    kept.write_bytes(body[:50])
    with pytest.raises(TrainingError, match="damaged"):
        imagenet.imagenet_vgg()


def test_a_file_laid_out_otherwise_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "other.h5"
    keras_file(source)
    with pytest.raises(TrainingError, match="does not hold the weights"):
        imagenet.convert(source, VGG(NINETEEN, (2, 3, 4, 5, 7)))
    source.write_bytes(b"no HDF5 at all")
    with pytest.raises(TrainingError, match="does not hold the weights"):
        imagenet.convert(source, VGG(NINETEEN, WIDTHS))


def test_without_a_network_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real address, behind a proxy that is not there."""
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(imagenet, "fetch", functools.partial(fetch, timeout_s=2.0))
    with pytest.raises(TrainingError, match=r"^The weights could not be fetched: ") as caught:
        imagenet.imagenet_vgg()
    for part in ("self-supervised", imagenet.PUBLISHED.address, str(imagenet.source_path())):
        assert part in caught.value.mend
