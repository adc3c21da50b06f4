"""CUDA in bfloat16 against the CPU in float32: probabilities within 0.01, maps within 0.02 of their scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import engine
from engine.results import Method

WEIGHTS = Path(engine.__file__).parent / "weights"

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here: the GPU path is not tested"),
]

FILMS = [(entry.case_id, "chest-xray") for entry in engine.sample_index() if entry.case_id.startswith("chest-")]
NOTES = [(entry.case_id, "clinical-note") for entry in engine.sample_index() if "NOTE" in entry.modality]
GENES = [(entry.case_id, "splice-junction") for entry in engine.sample_index() if entry.modality == "DNA"]
CASES = FILMS + NOTES + GENES


@pytest.mark.parametrize(("case_id", "task"), CASES)
def test_probabilities_agree(case_id: str, task: str) -> None:
    case = engine.sample_case(case_id)
    cpu, cuda = (engine.analyse(case, engine.load_model(WEIGHTS / task, device)) for device in ("cpu", "cuda"))
    expected = {finding.label: finding.probability for finding in cpu.findings}
    assert {finding.label: finding.probability for finding in cuda.findings} == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("case_id", "task"), CASES)
@pytest.mark.parametrize("method", [method for method in Method if not method.learned])
def test_maps_agree(case_id: str, task: str, method: Method) -> None:
    case = engine.sample_case(case_id)
    label = engine.analyse(case, engine.load_model(WEIGHTS / task, "cpu")).findings[0].label
    cpu, cuda = (
        engine.explain_case(case, engine.load_model(WEIGHTS / task, device), method=method, label=label)
        for device in ("cpu", "cuda")
    )
    if cpu.map is not None and cuda.map is not None:
        assert np.nanmax(np.abs(cpu.map - cuda.map)) / cpu.scale <= 0.02
    difference = [abs(a.relevance - b.relevance) / cpu.scale for a, b in zip(cpu.spans, cuda.spans, strict=True)]
    assert max(difference, default=0.0) <= 0.02
