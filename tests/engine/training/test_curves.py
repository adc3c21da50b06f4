from __future__ import annotations

import os
from pathlib import Path

from engine.training.curves import read_curves, training_runs, write_curves, write_plan


def _row(epoch: int) -> dict[str, float]:
    return {"epoch": epoch, "seconds": 2.5, "training_loss": 1.0 / epoch, "validation_loss": 1.5 / epoch}


def test_curves_survive_their_file(tmp_path: Path) -> None:
    rows = [_row(1), _row(2)]
    write_curves(tmp_path, rows)
    assert read_curves(tmp_path) == rows


def test_runs_are_found_with_what_they_set_out_to_do(tmp_path: Path) -> None:
    for rank, name in enumerate(("old/run", "new/run/fold-1")):
        (tmp_path / name).mkdir(parents=True)
        write_plan(tmp_path / name, {"epochs": 6})
        write_curves(tmp_path / name, [_row(1), _row(2)])
        os.utime(tmp_path / name / "curves.csv", (10.0 + rank, 10.0 + rank))
        os.utime(tmp_path / name / "plan.json", (1.0, 1.0))
    newest, oldest = training_runs(tmp_path)
    assert (newest.name, oldest.name) == ("new/run/fold-1", "old/run")
    assert newest.epochs == 6
    assert len(newest.curves) == 2
    assert newest.seconds_left == 10.0


def test_a_run_that_has_just_begun_is_there_without_curves(tmp_path: Path) -> None:
    write_plan(tmp_path, {"epochs": 6})
    (run,) = training_runs(tmp_path)
    assert run.curves == ()
    assert run.seconds_left == 0.0


def test_a_run_without_a_plan_has_as_many_epochs_as_it_went_through(tmp_path: Path) -> None:
    write_curves(tmp_path, [_row(1)])
    assert training_runs(tmp_path)[0].epochs == 1


def test_a_folder_that_is_not_there_has_no_runs(tmp_path: Path) -> None:
    assert training_runs(tmp_path / "nowhere") == ()
