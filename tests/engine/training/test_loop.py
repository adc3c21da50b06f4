from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.errors import AnotherRun, TrainingError
from engine.training.curves import read_curves
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import ScheduleName, build_optimiser

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


def _run(
    out: Path,
    *,
    epochs: int = 4,
    seed: int = 0,
    pause: float = 0.0,
    name: str = "adamw",
    lr: float = 0.02,
    **options: Any,
) -> nn.Module:
    def batches(epoch: int, generator: np.random.Generator) -> Iterator[Batch]:
        for batch in _batches(epoch, generator):
            time.sleep(pause)
            yield batch

    network = _network()
    optimiser = build_optimiser(name, [{"params": list(network.parameters())}], lr=lr, weight_decay=0.01)
    settings = LoopSettings(epochs=epochs, steps=20, seed=seed, average=0.9, **options)
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


def _train_in_a_process(out: Path, *, name: str, pause: float) -> subprocess.Popen[bytes]:
    source = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from pathlib import Path; import test_loop"
    )
    command = f"{source}; test_loop._run(Path({str(out)!r}), pause={pause}, name={name!r})"
    return subprocess.Popen([sys.executable, "-c", command])


def _wait_for_step(out: Path, process: subprocess.Popen[bytes], *, epochs: int) -> None:
    """Wait until so many epochs are written and the next one is under way."""
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if (out / "curves.csv").is_file() and len(read_curves(out)) >= epochs:
            return
        if not epochs and (out / "plan.json").is_file():
            return
        time.sleep(0.01)


@pytest.mark.parametrize("name", ["adamw", "momentum"])
def test_a_run_killed_at_any_step_ends_with_the_same_weights(tmp_path: Path, name: str) -> None:
    expected = _run(tmp_path / "whole", name=name)
    out, steps = tmp_path / "killed", np.random.default_rng(0)
    for epochs in (0, 2):  # before the first state was written, and in the middle of the third epoch
        process = _train_in_a_process(out, name=name, pause=0.02)
        _wait_for_step(out, process, epochs=epochs)
        time.sleep(steps.uniform(0.05, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert (out / "state.pt").is_file() == (epochs > 0)
    assert len(read_curves(out)) < 4
    assert _same(expected, _run(out, name=name))
    assert [row["training_loss"] for row in read_curves(out)] == [
        row["training_loss"] for row in read_curves(tmp_path / "whole")
    ]


def _rising(network: nn.Module) -> dict[str, float]:
    """A validation loss that is best in the second epoch, by the size of weights that only grow."""
    return {"loss": abs(float(next(network.parameters()).detach()[0, 0]) - 2.0)}


def _grow(out: Path, *, epochs: int, patience: int) -> nn.Module:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    optimiser = build_optimiser("sgd", [{"params": list(network.parameters())}], lr=1.0, weight_decay=0.0)
    plan = Plan(lambda epoch, generator: iter([0]), lambda net, _: -next(net.parameters()).sum(), _rising)
    settings = LoopSettings(epochs, 1, schedule=ScheduleName.CONSTANT, warmup=0.0, average=0.0, patience=patience)
    return fit(network, optimiser, plan, settings, out)


def test_early_stopping_gives_back_the_best_epoch(tmp_path: Path) -> None:
    assert float(_grow(tmp_path / "all", epochs=9, patience=0).weight.detach()) == pytest.approx(9.0, abs=1e-3)
    assert float(_grow(tmp_path / "stopped", epochs=9, patience=3).weight.detach()) == pytest.approx(2.0, abs=1e-3)
    assert len(read_curves(tmp_path / "stopped")) == 5


def test_a_stopped_run_stays_stopped_and_remembers_its_best_epoch(tmp_path: Path) -> None:
    _grow(tmp_path, epochs=9, patience=3)
    assert float(_grow(tmp_path, epochs=9, patience=3).weight.detach()) == pytest.approx(2.0, abs=1e-3)
    assert len(read_curves(tmp_path)) == 5


def test_a_state_from_before_a_setting_existed_is_taken_up(tmp_path: Path) -> None:
    first = _run(tmp_path)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    settings = json.loads(state["settings"])
    del settings["patience"], settings["watch"], settings["optimiser"], settings["lr"], state["best"]
    torch.save({**state, "settings": json.dumps(settings)}, tmp_path / "state.pt")
    assert _same(first, _run(tmp_path))


def test_curves_lost_to_a_kill_are_written_again(tmp_path: Path) -> None:
    _run(tmp_path)
    (tmp_path / "curves.csv").unlink()
    _run(tmp_path)
    assert len(read_curves(tmp_path)) == 4


def test_a_finished_run_is_not_trained_further(tmp_path: Path) -> None:
    first = _run(tmp_path)
    assert _same(first, _run(tmp_path))
    assert len(read_curves(tmp_path)) == 4


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"epochs": 2}, r"other settings: epochs 1 \(now 2\)\."),
        ({"seed": 1}, r"seed 0 \(now 1\)"),
        ({"lr": 0.03}, r"other settings: lr \[0.02\] \(now \[0.03\]\)\."),
        ({"name": "momentum"}, r"optimiser AdamW \(now SGD\)"),
    ],
)
def test_the_state_of_another_run_is_not_taken_up(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    _run(tmp_path, epochs=1)
    before = (tmp_path / "state.pt").read_bytes()
    with pytest.raises(AnotherRun, match=said):
        _run(tmp_path, **{"epochs": 1, **changed})
    assert (tmp_path / "state.pt").read_bytes() == before


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    network = _network()
    optimiser = build_optimiser("sgd", [{"params": list(network.parameters())}], lr=0.1, weight_decay=0.0)
    plan = Plan(_batches, lambda net, batch: _loss(net, batch) * float("nan"), _validate)
    with pytest.raises(TrainingError, match="no number"):
        fit(network, optimiser, plan, LoopSettings(epochs=1, steps=2), tmp_path)
