"""What if a part were not there: effects of edits, and the smallest parts that keep or flip an answer."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import engine
from engine.case import Box, Case, Image, Period, Stretch, Substitution
from engine.errors import UnknownLabel
from engine.models.output import ModelInput
from engine.mutagenesis import mutate
from engine.whatif import Aim, WhatIf


@pytest.fixture(scope="module")
def film() -> Case:
    return engine.sample_case("chest-bacterial-1")


@pytest.fixture(scope="module")
def note() -> Case:
    return engine.sample_case("note-stone-1")


class Counted(nn.Module):
    """The same network, with the windows counted that it is asked to answer for."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.config = network.config
        self.rows = 0

    def embed(self, inputs: ModelInput) -> torch.Tensor:
        self.rows += len(inputs.presence)
        return self.network.embed(inputs)

    def encode(self, hidden: torch.Tensor, presence: torch.Tensor) -> object:
        return self.network.encode(hidden, presence)


def counted(task: str) -> engine.LoadedModel:
    model = engine.shipped_model(task)
    return replace(model, network=Counted(model.network))


def test_without_edits_the_answer_is_that_of_the_analysis(film: Case, note: Case) -> None:
    for case, task in ((film, "chest-xray"), (note, "clinical-note")):
        model = engine.shipped_model(task)
        top = engine.analyse(case, model).findings[0]
        found = WhatIf(case, model).effects([], top.label)
        assert found.before == found.after == pytest.approx(top.probability, abs=1e-4)
        assert found.alone == ()


def test_the_risk_over_time_is_that_of_the_course_without_what_is_muted(film: Case) -> None:
    case, model = engine.sample_case("course-septic-1"), engine.shipped_model("icu-course")
    asked, told = WhatIf(case, model), engine.analyse(case, model).trajectory
    assert told is not None
    assert case.course is not None
    assert asked.trajectory([]) == told
    late, weight = Period(20.0, 48.0, "HR"), Period(0.0, math.inf, "Weight")
    without = asked.trajectory([late])
    assert without is not None
    assert without.hours == told.hours
    assert without.probability[:20] == pytest.approx(told.probability[:20], abs=1e-5)
    assert without.probability[-1] == pytest.approx(asked.effects([late], told.label).after, abs=1e-5)
    lighter = np.asarray(case.course.variables) != "Weight"
    names = tuple(name for name, stays in zip(case.course.variables, lighter, strict=True) if stays)
    never = replace(case.course, hours=case.course.hours[lighter], variables=names, values=case.course.values[lighter],
                    static={name: value for name, value in case.course.static.items() if name != "Weight"})  # fmt: skip
    expected = engine.analyse(replace(case, course=never), model).trajectory
    found = asked.trajectory([weight])
    assert expected is not None
    assert found is not None
    assert found.probability == pytest.approx(expected.probability, abs=1e-5)
    assert WhatIf(film, engine.shipped_model("chest-xray")).trajectory([]) is None


def test_a_box_does_what_absent_patches_do(film: Case) -> None:
    model = engine.shipped_model("chest-xray")
    rows, columns = film.images[0].shape
    left, none = Box(0, 0, rows, columns / 2), Box(10, 10, 12, 12)
    found = WhatIf(film, model).effects([left, none], model.labels[0])
    assert found.alone[0].change == pytest.approx(found.alone[0].probability - found.before)
    assert found.alone[0].change != 0
    assert found.alone[1].change == 0
    assert found.after == pytest.approx(found.alone[0].probability)


@pytest.mark.parametrize("frame", [0, 24, -36])
def test_another_base_does_what_mutagenesis_says_of_it_on_both_strands(frame: int) -> None:
    case, model = engine.sample_case("sequence-donor-1"), engine.shipped_model("splice-junction")
    label = model.labels[0]
    every, asked = mutate(case, model, label, frame=frame), WhatIf(case, model, frame=frame)
    ranks = range(20, len(every.positions) - 10, 7)
    places = [Substitution(int(every.positions[rank]), "ACGT"[rank % 4]) for rank in ranks]
    found = asked.effects(places, label)
    assert found.before == pytest.approx(every.before, abs=1e-5)
    assert [one.change for one in found.alone] == pytest.approx([every.changes[r, r % 4] for r in ranks], abs=1e-5)
    gone = Stretch(places[0].start, places[0].start + 1)
    assert asked.effects([*places[1:], gone], label).after != pytest.approx(found.after, abs=1e-6)


def test_nothing_left_is_the_same_whatever_is_asked_beside_it(film: Case) -> None:
    model = engine.shipped_model("chest-xray")
    rows, columns = film.images[0].shape
    everything, most = Box(0, 0, rows, columns), Box(0, 0, 0.9 * rows, columns)
    alone = WhatIf(film, model).effects([everything], "normal").after
    beside = WhatIf(film, model).effects([everything, most], "normal").alone[0].probability
    assert beside == pytest.approx(alone, abs=1e-5)


def test_nothing_is_asked_twice(film: Case) -> None:
    model = counted("chest-xray")
    what_if = WhatIf(film, model)
    boxes = [Box(0, 0, 400, 400), Box(400, 400, 900, 900)]
    what_if.effects(boxes, "normal")
    assert model.network.rows == 4  # the whole, without both, without each
    what_if.effects(boxes, "viral pneumonia")
    what_if.effects(boxes[:1], "normal")
    assert model.network.rows == 4


def test_only_the_windows_of_a_struck_word_are_asked_again() -> None:
    case = engine.sample_case("note-colonoscopy-1")
    assert case.note is not None
    model = counted("clinical-note")
    what_if = WhatIf(case, model)
    what_if.effects([], model.labels[0])
    windows = model.network.rows
    assert windows > 1
    what_if.effects([Stretch(0, 5)], model.labels[0])
    assert model.network.rows == windows + 1


def test_the_smallest_part_keeps_or_flips_the_answer(note: Case) -> None:
    model = engine.shipped_model("clinical-note")
    explanation = engine.explain_case(note, model)
    assert explanation.label is not None
    what_if = WhatIf(note, model)
    keeps = what_if.smallest(explanation, explanation.label, Aim.KEEPS)
    flips = what_if.smallest(explanation, explanation.label, Aim.FLIPS)
    assert keeps is not None
    assert flips is not None
    assert keeps.probability >= 0.5 > flips.probability
    assert 0 < keeps.count < keeps.total / 4
    removed = what_if.effects(flips.places, explanation.label)
    assert removed.after == pytest.approx(flips.probability)


def test_only_a_given_answer_can_be_kept_or_flipped(note: Case) -> None:
    model = engine.shipped_model("clinical-note")
    explanation = engine.explain_case(note, model, label="Dentistry")
    assert WhatIf(note, model).smallest(explanation, "Dentistry", Aim.KEEPS) is None


def test_a_label_that_the_model_has_not(film: Case) -> None:
    with pytest.raises(UnknownLabel):
        WhatIf(film, engine.shipped_model("chest-xray")).effects([], "zebra")


def test_a_film_without_any_patch_still_has_an_answer() -> None:
    film = Case("f", "f", ((Image(np.random.default_rng(0).random((1, 64, 64)), "d", modality="DX"),),))
    found = WhatIf(film, engine.shipped_model("chest-xray")).effects([Box(0, 0, 64, 64)], "normal")
    assert 0 <= found.after <= 1


def test_a_search_ends_when_its_heartbeat_stops(note: Case) -> None:
    model = engine.shipped_model("clinical-note")
    explanation = engine.explain_case(note, model)
    assert explanation.label is not None

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        WhatIf(note, model).smallest(explanation, explanation.label, Aim.FLIPS, heartbeat=stop)
