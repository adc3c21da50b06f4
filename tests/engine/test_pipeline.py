"""One case through all rooms: findings, provenance, maps on the source, refusals, and one model shared by threads."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.results import Method

FEW_PASSES = [method for method in Method if not (method.by_removal or method.learned)]


@pytest.fixture(scope="module")
def film() -> engine.Case:
    return _sample("chest-xray")


@pytest.fixture(scope="module")
def note() -> engine.Case:
    return _sample("clinical-note")


def _sample(task: str) -> engine.Case:
    for entry in engine.sample_index():
        case = engine.sample_case(entry.case_id)
        names = [found.name for found in engine.suitable_tasks(case)]
        if names[:1] == [task] and not (case.images and case.note):
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


@pytest.mark.parametrize("method", FEW_PASSES)
def test_a_map_has_the_source_shape_and_no_nan_inside_the_film(film: engine.Case, method: Method) -> None:
    explanation = engine.explain_case(film, engine.shipped_model("chest-xray"), method=method)
    assert explanation.map is not None
    assert explanation.map.shape == film.images[0].shape
    assert explanation.map.dtype == np.float32
    assert np.isfinite(explanation.map).all()
    assert bool((explanation.map < 0).any()) == explanation.signed
    assert explanation.scale > 1
    assert (explanation.label is None) == (method in (Method.ROLLOUT, Method.ATTENTION))


@pytest.mark.parametrize("method", [Method.LIBRA_FULL_GRADIENT, Method.RELEVANCE, Method.ROLLOUT])
def test_the_words_of_a_note_are_its_own(note: engine.Case, method: Method) -> None:
    assert note.note is not None
    spans = engine.explain_case(note, engine.shipped_model("clinical-note"), method=method).spans
    assert spans == tuple(sorted(spans, key=lambda span: span.start))
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert len(spans) > 0.8 * len(note.note.text.split())


def test_a_label_that_the_model_has_not_is_refused(film: engine.Case) -> None:
    with pytest.raises(engine.UnknownLabel, match="normal"):
        engine.explain_case(film, engine.shipped_model("chest-xray"), label="zebra")


def test_a_map_by_removal_is_one_of_patches(film: engine.Case) -> None:
    explanation = engine.explain_case(film, engine.shipped_model("chest-xray"), method=Method.OCCLUSION)
    assert explanation.map is not None
    assert explanation.map.min() < 0 < explanation.map.max()


def test_why_this_rather_than_that_is_the_opposite_of_why_that(film: engine.Case) -> None:
    model = engine.shipped_model("chest-xray")
    this, that = (
        engine.explain_case(film, model, label=model.labels[a], rather_than=model.labels[b])
        for a, b in ((0, 1), (1, 0))
    )
    assert (this.label, this.rather_than) == model.labels[:2]
    assert this.map is not None
    assert that.map is not None
    np.testing.assert_allclose(this.map, -that.map, atol=1e-4)


def test_one_layer_and_head_can_be_asked_for(film: engine.Case) -> None:
    model = engine.shipped_model("chest-xray")
    whole, one = (
        engine.explain_case(film, model, method=Method.ATTENTION, layer=layer, head=head)
        for layer, head in ((None, None), (1, 2))
    )
    assert (one.layer, one.head) == (1, 2)
    assert not np.allclose(whole.map, one.map)


def test_a_method_without_a_colour_scale_is_refused(film: engine.Case) -> None:
    model = engine.shipped_model("chest-xray")
    bare = replace(model, card=replace(model.card, map_scales={}))
    with pytest.raises(engine.CheckpointError, match="no scale"):
        engine.explain_case(film, bare, method=Method.ROLLOUT)


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


LONG = """
import re, sys
from pathlib import Path
import engine
records = engine.read_upload("long.txt", Path(sys.argv[1]))
case = engine.Case("long", "long", note=records[0])
found = engine.explain_case(case, engine.shipped_model("clinical-note"))
print(len(found.spans), 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]))
"""


def test_a_note_of_four_thousand_tokens_is_explained_in_less_than_two_gigabytes(tmp_path: Path) -> None:
    """The whole process, libraries and weights included; `getrusage` would count the one that began it as well."""
    note = tmp_path / "long.txt"
    sentence = "The patient was seen in clinic today and denies chest pain, fever, chills or shortness of breath."
    note.write_text(" ".join(f"Day {day}. {sentence}" for day in range(180)), encoding="utf-8")
    ended = subprocess.run([sys.executable, "-c", LONG, str(note)], capture_output=True, text=True, check=True)
    words, most = map(int, ended.stdout.split())
    assert words > 4000
    assert most < 2e9
