"""Evidence for the maps of whole cases, by the public names: both families, refusals, and what is kept on disk."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import engine
from engine import evidence
from engine.explain.faithfulness import STEP_SHARES

HALF = 0.01  # of a probability: what half precision may change, where the processor has it
CHEAP = (engine.Method.ROLLOUT, engine.Method.ATTENTION)


@pytest.fixture(scope="module")
def film() -> engine.Case:
    return engine.sample_case("chest-normal-1")


@pytest.fixture(scope="module")
def chest() -> engine.LoadedModel:
    return engine.shipped_model("chest-xray")


def test_the_curves_of_a_film_begin_and_end_where_the_model_does(film: engine.Case, chest: engine.LoadedModel) -> None:
    explanation = engine.explain_case(film, chest, label="normal")
    found = engine.measure_faithfulness(film, chest, explanation)
    (normal,) = (one.probability for one in engine.analyse(film, chest).findings if one.label == "normal")
    assert found.deletion.probabilities[0] == found.insertion.probabilities[-1] == pytest.approx(normal, abs=HALF)
    assert found.deletion.probabilities[-1] == found.insertion.probabilities[0]
    assert found.deletion.shares == (0.0, *STEP_SHARES, 1.0)
    assert (found.label, found.unit, found.model_digest) == ("normal", "patch", chest.digest)
    assert found.passes < 41


@pytest.mark.parametrize("case", ["chest-normal-1", "note-knee-1"])
def test_the_badge_in_half_precision_says_what_full_precision_says(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = engine.sample_case(case)
    model = engine.shipped_model(engine.suitable_tasks(opened)[0].name)
    explanation = engine.explain_case(opened, model)
    found = []
    for tiles in (False, True):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda tiles=tiles: {"amx_bf16": tiles})
        found.append(engine.measure_faithfulness(opened, model, explanation))
    full, half = found
    assert half.verdict == full.verdict
    assert half.gap == pytest.approx(full.gap, abs=HALF)


def test_the_words_of_a_note_are_removed_whole() -> None:
    note = engine.Note("CHIEF COMPLAINT: Flank pain. A stone of 5 mm in the left ureter on CT.", "0" * 64)
    case, model = engine.Case("one", "one", note=note), engine.shipped_model("clinical-note")
    explanation = engine.explain_case(case, model, method=engine.Method.ROLLOUT)
    found = engine.measure_faithfulness(case, model, explanation)
    assert found.label == engine.analyse(case, model).findings[0].label
    assert found.unit == "word"
    assert "word" in found.baseline


def test_a_contrast_is_followed_among_its_two_labels(film: engine.Case, chest: engine.LoadedModel) -> None:
    this, that = chest.labels[:2]
    explanation = engine.explain_case(film, chest, method=engine.Method.RELEVANCE, label=this, rather_than=that)
    found = engine.measure_faithfulness(film, chest, explanation)
    p = {one.label: one.probability for one in engine.analyse(film, chest).findings}
    assert found.rather_than == that
    assert found.insertion.probabilities[-1] == pytest.approx(p[this] / (p[this] + p[that]), abs=HALF)


def test_a_label_that_the_model_has_not_is_refused(film: engine.Case, chest: engine.LoadedModel) -> None:
    explanation = engine.explain_case(film, chest, method=engine.Method.ROLLOUT)
    with pytest.raises(engine.UnknownLabel):
        engine.measure_faithfulness(film, chest, explanation, label="zebra")


def test_methods_agree_with_themselves(film: engine.Case, chest: engine.LoadedModel) -> None:
    said: list[float] = []
    found = engine.measure_agreement(film, chest, CHEAP, progress=said.append)
    matrix = np.array(found.correlations)
    assert found.methods == CHEAP
    assert said == [0.5, 1.0]
    np.testing.assert_allclose(np.diag(matrix), 1)
    np.testing.assert_allclose(matrix, matrix.T)
    assert abs(matrix[0, 1]) < 1


def test_noise_is_for_images(film: engine.Case, chest: engine.LoadedModel) -> None:
    rollout = engine.Method.ROLLOUT
    assert engine.measure_sensitivity(film, chest, engine.explain_case(film, chest, method=rollout)) > 0
    case, model = engine.sample_case("note-stone-1"), engine.shipped_model("clinical-note")
    with pytest.raises(engine.CaseError):
        engine.measure_sensitivity(case, model, engine.explain_case(case, model, method=rollout))


@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is set by XDG_CACHE_HOME")
def test_sanity_is_measured_once_for_the_weights(
    chest: engine.LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("engine.evidence._cheap_methods", lambda model: CHEAP)
    monkeypatch.setattr("engine.evidence.SANITY_CASES", 1)
    assert engine.known_sanity(chest) is None
    found = engine.check_sanity(chest)
    assert (found.model_digest, found.cases) == (chest.digest, 1)
    assert [row.method for row in found.methods] == list(CHEAP)
    assert all(len(row.correlations) == len(found.stages) for row in found.methods)
    monkeypatch.setattr("engine.evidence.follow_randomisation", None)
    assert engine.check_sanity(chest) == engine.known_sanity(chest) == found
    with monkeypatch.context() as patched:
        patched.setattr("engine.evidence._cheap_methods", lambda model: CHEAP[:1])
        assert engine.known_sanity(chest) is None
    (kept,) = tmp_path.rglob("sanity-*.json")
    signed = json.loads(kept.read_text())
    for row in signed["methods"]:
        del row["left"]  # kept before signs ceased to make up for each other: it cannot tell
    kept.write_text(json.dumps(signed))
    assert engine.known_sanity(chest) is None


@pytest.mark.parametrize("task", engine.TASKS)
def test_every_model_has_something_to_be_checked_on(task: str) -> None:
    """The literature model had no sample, so that its check ended in an error."""
    case = next(evidence._samples_for(engine.shipped_model(task)))
    assert engine.TASKS[task].accepts(case)
    assert case.synthetic
