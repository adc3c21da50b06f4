"""Every substitution: the letter that stands there changes nothing, and the two of the intron matter most."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.errors import NoSuitableTask, UnknownLabel
from engine.mutagenesis import mutate


def test_the_letters_of_the_junction_matter_most() -> None:
    case, model = engine.sample_case("sequence-donor-1"), engine.shipped_model("splice-junction")
    found = mutate(case, model, "exon-intron")
    assert found.changes.shape == (60, 4)
    assert found.positions.tolist() == list(range(60))
    assert found.before == pytest.approx(engine.analyse(case).findings[0].probability, abs=1e-5)
    assert case.sequence is not None
    own = ["ACGT".index(base) for base in case.sequence.bases]
    np.testing.assert_allclose(found.changes[np.arange(60), own], 0, atol=1e-6)
    worst = found.changes.min(axis=1)
    assert {int(base) for base in np.argsort(worst)[:2]} <= {28, 29, 30, 31, 32, 33, 34}


def test_questions_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UnknownLabel):
        mutate(engine.sample_case("sequence-donor-1"), engine.shipped_model("splice-junction"), "exon")
    with pytest.raises(NoSuitableTask):
        mutate(engine.sample_case("note-stone-1"), engine.shipped_model("clinical-note"), "Urology")
