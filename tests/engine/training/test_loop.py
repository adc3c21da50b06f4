from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.errors import TrainingError
from engine.training.loop import LoopSettings, Plan, fit, read_curves
from engine.training.optimiser import build_optimiser

Batch = tuple[Tensor, Tensor]


def _network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))


def _batches(epoch: int, generator: np.random.Generator) -> Iterator[Batch]:
    while True:
        inputs = torch.from_numpy(generator.standard_normal((16, 4))).float()
        yield inputs, inputs.sum(dim=1, keepdim=True)


def _loss(network: nn.Module, batch: Batch) -> Tensor:
    return nn.functional.mse_loss(network(batch[0]), batch[1])


def _validate(network: nn.Module) -> dict[str, float]:
    generator = np.random.default_rng(99)
    return {"loss": float(_loss(network, next(_batches(0, generator))))}


def _run(out: Path, *, epochs: int = 4, seed: int = 0, pause: float = 0.0, name: str = "adamw") -> nn.Module:
    def batches(epoch: int, generator: np.random.Generator) -> Iterator[Batch]:
        for batch in _batches(epoch, generator):
            time.sleep(pause)
            yield batch

    network = _network()
    optimiser = build_optimiser(name, [{"params": list(network.parameters())}], lr=0.02, weight_decay=0.01)
    settings = LoopSettings(epochs=epochs, steps=20, seed=seed, average=0.9)
    return fit(network, optimiser, Plan(batches, _loss, _validate), settings, out)


def _same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_training_makes_the_loss_small(tmp_path: Path) -> None:
    network = _run(tmp_path, epochs=6)
    curves = read_curves(tmp_path)
    assert [row["epoch"] for row in curves] == [1, 2, 3, 4, 5, 6]
    assert curves[-1]["validation_loss"] < 0.3 * curves[0]["validation_loss"]
    assert not network.training


def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path: Path) -> None:
    first = _run(tmp_path / "first")
    assert _same(first, _run(tmp_path / "second"))
    assert not _same(first, _run(tmp_path / "third", seed=1))


@pytest.mark.parametrize("name", ["adamw", "momentum"])
def test_a_killed_run_ends_with_the_same_weights(tmp_path: Path, name: str) -> None:
    expected = _run(tmp_path / "whole", name=name)
    source = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from pathlib import Path; import test_loop"
    )
    command = f"{source}; test_loop._run(Path({str(tmp_path / 'killed')!r}), pause=0.05, name={name!r})"
    process = subprocess.Popen([sys.executable, "-c", command])
    state = tmp_path / "killed" / "state.pt"
    deadline = time.monotonic() + 120
    while not state.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert 1 <= len(read_curves(tmp_path / "killed")) < 4
    assert _same(expected, _run(tmp_path / "killed", name=name))


def test_a_finished_run_is_not_trained_further(tmp_path: Path) -> None:
    first = _run(tmp_path)
    assert _same(first, _run(tmp_path))
    assert len(read_curves(tmp_path)) == 4


def test_the_state_of_another_run_is_not_taken_up(tmp_path: Path) -> None:
    _run(tmp_path, epochs=1)
    with pytest.raises(TrainingError, match="other settings"):
        _run(tmp_path, epochs=2)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    network = _network()
    optimiser = build_optimiser("sgd", [{"params": list(network.parameters())}], lr=0.1, weight_decay=0.0)
    plan = Plan(_batches, lambda net, batch: _loss(net, batch) * float("nan"), _validate)
    with pytest.raises(TrainingError, match="no number"):
        fit(network, optimiser, plan, LoopSettings(epochs=1, steps=2), tmp_path)
