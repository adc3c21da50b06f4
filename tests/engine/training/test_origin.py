from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import AnotherRun
from engine.training.origin import ORIGIN_FILE, claim_run

SETTINGS = {"lr": 1e-3, "stages": "128x2", "smoothing": 0.1}
CASES = ("a", "b", "c")


def _begun(run: Path) -> Path:
    claim_run(run, SETTINGS, 0, CASES)
    (run / "top").mkdir()
    (run / "top" / "state.pt").touch()
    return run


def test_a_run_goes_on_with_what_it_was_begun_with(tmp_path: Path) -> None:
    claim_run(_begun(tmp_path), dict(reversed(SETTINGS.items())), 0, reversed(CASES))


@pytest.mark.parametrize(
    ("settings", "seed", "cases", "said"),
    [
        ({"lr": 2e-3}, 0, CASES, r"other settings: lr 0.001 \(now 0.002\)\."),
        ({"smoothing": 0.0, "stages": "224x1"}, 0, CASES, r"smoothing 0.1 \(now 0.0\), stages 128x2 \(now 224x1\)"),
        ({"mixup": 0.2}, 1, CASES, r"seed 0 \(now 1\)"),
        ({}, 0, (*CASES, "d"), r"cases [0-9a-f]{12} \(now [0-9a-f]{12}\)"),
    ],
)
def test_other_settings_another_seed_and_other_cases_are_refused(
    tmp_path: Path, settings: dict[str, Any], seed: int, cases: tuple[str, ...], said: str
) -> None:
    run = _begun(tmp_path)
    before = (run / ORIGIN_FILE).read_text()
    with pytest.raises(AnotherRun, match=said):
        claim_run(run, {**SETTINGS, **settings}, seed, cases)
    assert (run / ORIGIN_FILE).read_text() == before


def test_a_run_that_saved_no_state_yet_may_be_begun_with_something_else(tmp_path: Path) -> None:
    claim_run(tmp_path, SETTINGS, 0, CASES)
    claim_run(tmp_path, SETTINGS, 1, CASES)
    assert json.loads((tmp_path / ORIGIN_FILE).read_text())["seed"] == 1


def test_a_setting_that_did_not_exist_when_a_run_was_begun_is_believed(tmp_path: Path) -> None:
    claim_run(_begun(tmp_path), {**SETTINGS, "mixup": 0.0}, 0, CASES)
