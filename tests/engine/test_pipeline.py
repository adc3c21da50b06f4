"""One case through all rooms: findings, provenance, maps on the source, refusals, and one model shared by threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.results import Method


@pytest.fixture(scope="module")
def film() -> engine.Case:
    return _sample("chest-xray")


@pytest.fixture(scope="module")
def note() -> engine.Case:
    return _sample("clinical-note")


def _sample(task: str) -> engine.Case:
    for entry in engine.sample_index():
        case = engine.sample_case(entry.case_id)
        if [found.name for found in engine.suitable_tasks(case)] == [task]:
            return case
    raise LookupError(task)


def test_an_analysis_says_where_its_figures_come_from(film: engine.Case) -> None:
    analysis = engine.analyse(film)
    model = engine.shipped_model("chest-xray")
    assert analysis.model_digest == model.digest
    assert set(analysis.versions) == {"attending", "torch", "transformers"}
    assert set(analysis.seconds) == {"load", "prepare", "predict"}
    assert [f.probability for f in analysis.findings] == sorted(
        (f.probability for f in analysis.findings), reverse=True
    )
    assert {f.label for f in analysis.findings} == set(model.labels)


def test_the_same_case_gives_the_same_answer(note: engine.Case) -> None:
    assert engine.analyse(note).findings == engine.analyse(note).findings


@pytest.mark.parametrize("method", list(Method))
def test_a_map_has_the_source_shape_and_no_nan_inside_the_film(film: engine.Case, method: Method) -> None:
    explanation = engine.explain_case(film, engine.shipped_model("chest-xray"), method=method)
    assert explanation.map is not None
    assert explanation.map.shape == film.images[0].shape
    assert explanation.map.dtype == np.float32
    assert np.isfinite(explanation.map).all()
    assert (explanation.map >= 0).all()
    assert explanation.scale > 1
    assert (explanation.label is None) == (method is not Method.RELEVANCE)


@pytest.mark.parametrize("method", list(Method))
def test_the_words_of_a_note_are_its_own(note: engine.Case, method: Method) -> None:
    assert note.note is not None
    spans = engine.explain_case(note, engine.shipped_model("clinical-note"), method=method).spans
    assert spans == tuple(sorted(spans, key=lambda span: span.start))
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert len(spans) > 0.8 * len(note.note.text.split())


def test_a_label_that_the_model_has_not_is_refused(film: engine.Case) -> None:
    with pytest.raises(engine.UnknownLabel, match="normal"):
        engine.explain_case(film, engine.shipped_model("chest-xray"), label="zebra")


def test_a_note_is_no_film(note: engine.Case) -> None:
    with pytest.raises(engine.NoSuitableTask):
        engine.analyse(note, task="chest-xray")


def test_an_empty_case_has_no_task() -> None:
    with pytest.raises(engine.NoSuitableTask):
        engine.analyse(engine.Case("empty", "empty"))


def test_threads_share_one_model(film: engine.Case) -> None:
    with ThreadPoolExecutor(8) as pool:
        models = set(pool.map(lambda _: id(engine.shipped_model("chest-xray")), range(8)))
        answers = {analysis.findings for analysis in pool.map(lambda _: engine.analyse(film), range(8))}
    assert len(models) == len(answers) == 1


def test_a_tampered_checkpoint_is_not_loaded(tmp_path: Path) -> None:
    source = Path(engine.__file__).parent / "weights" / "chest-xray"
    for path in source.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = bytearray((tmp_path / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(weights)
    with pytest.raises(engine.CheckpointTampered):
        engine.load_model(tmp_path)
