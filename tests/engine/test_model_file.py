"""Model files: whole ones come back, everything else is refused with a sentence."""

from __future__ import annotations

import json
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from limner_engine.errors import ModelError
from limner_engine.inference.session import Session
from limner_engine.model_file import load_model, read_model_info, save_model
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.types import ModelInfo, Skeleton


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, IMM, ModelInfo]:
    torch.manual_seed(3)
    model = IMM(IMMConfig.lite(4))
    info = ModelInfo(
        "imm",
        "drawn heads",
        model.config.to_json(),
        Skeleton.numbered(4),
        {"learned_from": ["a.mp4"], "steps": 12},
        "Apache-2.0",
    )
    path = tmp_path / "model.safetensors"
    return path, model, save_model(path, model, info)


def _rewrite(path: Path, change: object) -> None:
    """Apply ``change(header)`` to the file's header and write it back with the same data."""
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    change(header)  # type: ignore[operator]
    fresh = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(fresh)) + fresh + raw[8 + length :])


def _limner(header: dict[str, dict[str, str]], **changes: object) -> None:
    data = json.loads(header["__metadata__"]["limner"]) | changes
    header["__metadata__"]["limner"] = json.dumps(data)


def test_a_model_comes_back_whole(saved: tuple[Path, IMM, ModelInfo]) -> None:
    path, model, info = saved
    loaded = load_model(path)
    assert loaded.info == info == read_model_info(path)
    assert len(info.sha256) == 64
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(loaded.model.state_dict()[name], tensor)
    assert not loaded.model.training
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_half_precision_files_are_half_as_long_and_load_wide(
    saved: tuple[Path, IMM, ModelInfo], tmp_path: Path
) -> None:
    path, model, info = saved
    half = tmp_path / "half.safetensors"
    save_model(half, model, info, half=True)
    assert half.stat().st_size < 0.6 * path.stat().st_size
    weight = load_model(half).model.state_dict()["heatmaps.weight"]
    assert weight.dtype == torch.float32
    torch.testing.assert_close(weight, model.heatmaps.weight, atol=1e-4, rtol=1e-3)


def test_reading_the_header_needs_no_torch(saved: tuple[Path, IMM, ModelInfo]) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from limner_engine.model_file import read_model_info\n"
        "read_model_info(Path(sys.argv[1])); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, saved[0]], check=False).returncode == 0


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model at"):
        load_model(tmp_path / "none.safetensors")


@pytest.mark.parametrize("content", [b"", b"short", b"hello, this is no model at all" * 9])
def test_other_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a model file"):
        load_model(path)


def test_a_pickle_by_another_name_is_not_run(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "ran",))  # type: ignore[return-value]

    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ModelError, match="not a model file"):
        load_model(path)
    assert not (tmp_path / "ran").exists()


def test_cut_short(saved: tuple[Path, IMM, ModelInfo]) -> None:
    path = saved[0]
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="cut short"):
        load_model(path)


def test_bytes_at_the_end(saved: tuple[Path, IMM, ModelInfo]) -> None:
    path = saved[0]
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(ModelError, match="no tensor"):
        load_model(path)


def test_oversized_header(saved: tuple[Path, IMM, ModelInfo]) -> None:
    path = saved[0]
    path.write_bytes(struct.pack("<Q", 1 << 40) + path.read_bytes()[8:])
    with pytest.raises(ModelError, match="not a model file"):
        read_model_info(path)


def test_changed_weights(saved: tuple[Path, IMM, ModelInfo]) -> None:
    path = saved[0]
    raw = bytearray(path.read_bytes())
    raw[-3] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(ModelError, match="not those it was written with"):
        load_model(path)


def test_deeply_nested_header_is_no_crash(tmp_path: Path) -> None:
    nested = b"[" * 200_000
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", len(nested)) + nested)
    with pytest.raises(ModelError, match="not a model file"):
        read_model_info(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "stylegan"}, "knows no model of kind 'stylegan'"),
        ({"format_version": 99}, "newer Limner"),
        ({"config": {}}, "make no network"),
        ({"config": IMMConfig.lite(4).to_json() | {"depth": 9}}, "make no network"),
        ({"config": IMMConfig.lite(4).to_json() | {"bottleneck": "none"}}, "make no network"),
        (
            {"config": IMMConfig.lite(4).to_json() | {"bottleneck": "vector"}},
            "does not fit its own sizes",
        ),
        ({"config": IMMConfig.paper(4).to_json()}, "does not fit its own sizes"),
        ({"config": IMMConfig.lite(4).to_json() | {"width": 10**9}}, "make no network"),
        ({"skeleton": {"names": ["a"]}}, "another number of landmarks"),
        ({"skeleton": {"names": ["a", "a"]}}, "header .* is damaged"),
        ({"skeleton": 3}, "header .* is damaged"),
    ],
)
def test_headers_that_lie(
    saved: tuple[Path, IMM, ModelInfo], changes: dict[str, object], words: str
) -> None:
    _rewrite(saved[0], lambda header: _limner(header, **changes))
    with pytest.raises(ModelError, match=words):
        load_model(saved[0])


def test_files_that_name_no_bottleneck_hold_landmarks(saved: tuple[Path, IMM, ModelInfo]) -> None:
    path, model, info = saved
    older = {name: value for name, value in info.config.items() if name != "bottleneck"}
    _rewrite(path, lambda header: _limner(header, config=older))
    loaded = load_model(path).model
    assert isinstance(loaded, IMM)
    assert loaded.config == model.config


def test_a_model_to_compare_with_comes_back_but_is_not_shown(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = IMM(IMMConfig(image_size=32, width=4, landmark_count=5, bottleneck="vector"))
    path = tmp_path / "vector.safetensors"
    info = ModelInfo("imm", "ten numbers", model.config.to_json(), Skeleton.numbered(5))
    save_model(path, model, info)
    loaded = load_model(path).model
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor)
    with pytest.raises(ModelError, match=r"ten numbers .* no landmarks to show.*limner evaluate"):
        Session(path, "cpu")


def test_tensors_that_overstate_their_shape(saved: tuple[Path, IMM, ModelInfo]) -> None:
    def stretch(header: dict[str, dict[str, list[int]]]) -> None:
        header["heatmaps.weight"]["shape"] = [10**6, 10**6]

    _rewrite(saved[0], stretch)
    with pytest.raises(ModelError, match="heatmaps"):
        load_model(saved[0])


def test_safetensors_of_others(tmp_path: Path) -> None:
    import safetensors.torch

    path = tmp_path / "other.safetensors"
    safetensors.torch.save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(ModelError, match="not a model of Limner"):
        load_model(path)


def test_numbers_that_are_none(saved: tuple[Path, IMM, ModelInfo], tmp_path: Path) -> None:
    _, model, info = saved
    with torch.no_grad():
        model.heatmaps.weight[0, 0] = float("nan")
    path = tmp_path / "nan.safetensors"
    save_model(path, model, info)
    with pytest.raises(ModelError, match="not finite"):
        load_model(path)
