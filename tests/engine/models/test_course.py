"""The course family reads only what is present and only the past, and says a risk at every hour."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.io.course import read_course
from engine.io.course_variables import COURSE_VARIABLES, STATIC_VARIABLES
from engine.io.observations import Observations, course_of
from engine.models.course import CourseTransformer, CourseTransformerConfig, read_at
from engine.models.output import ModelInput
from engine.models.pack import pack_present
from engine.preprocess.course import HOURS, VALUE, prepare_course
from tests.engine.courses import cut, random_course

Seen = Sequence[tuple[float, str, float]]
NAMES = (*COURSE_VARIABLES, *STATIC_VARIABLES)


@pytest.fixture(scope="module")
def network() -> CourseTransformer:
    torch.manual_seed(0)
    made = CourseTransformer(CourseTransformerConfig(width=24, heads=4, members=2, layers=2))
    torch.nn.init.normal_(made.head.weight)
    return made.eval().requires_grad_(False)


def test_attention_and_readout_cover_the_tokens_and_sum_to_1(network: CourseTransformer) -> None:
    inputs, _, _ = prepare_course(random_course())
    output = network(inputs)
    tokens = inputs.presence.shape[1]
    assert output.logits.shape == (1, 1)
    assert [attention.shape for attention in output.attentions] == [(1, 4, tokens, tokens)] * 2
    torch.testing.assert_close(output.attentions[0].sum(-1), torch.ones(1, 4, tokens))
    torch.testing.assert_close(output.readout.sum(1), torch.ones(1))
    torch.testing.assert_close(network.votes(output.embedding).mean(1, keepdim=True), output.logits)


def test_a_later_observation_changes_no_earlier_risk(network: CourseTransformer) -> None:
    course = random_course()
    hours = range(1, HOURS + 1)
    whole = network.trajectory(prepare_course(course)[0], hours)  # (H, M)
    for hour in (1, 7, 24, 47):
        later = course.hours >= hour
        changed = replace(course, values=np.where(later, 5.0, course.values))
        np.testing.assert_array_equal(network.trajectory(prepare_course(changed)[0], hours)[:hour], whole[:hour])
        without = network.trajectory(prepare_course(cut(course, hour))[0], range(1, hour + 1))
        torch.testing.assert_close(without, whole[:hour], atol=1e-5, rtol=1e-5)


def _physionet(seen: Seen) -> str:
    lines = [f"{int(hour):02}:{round(hour % 1 * 60):02},{name},{value:g}" for hour, name, value in seen]
    return "\n".join(["Time,Parameter,Value", "00:00,RecordID,1", *lines]) + "\n"


def _long(seen: Seen) -> str:
    return "\n".join(["hours,variable,value", *(f"{hour},{name},{value}" for hour, name, value in seen)]) + "\n"


def _wide(seen: Seen) -> str:
    names = ("HR", "Lactate", "Weight", "Height", "Age")
    rows = [",".join([str(hour), *(str(value) if name == one else "" for one in names)]) for hour, name, value in seen]
    return "\n".join([",".join(["hours", *names]), *rows]) + "\n"


def _fhir(seen: Seen) -> str:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    entries = [
        {
            "resource": {
                "resourceType": "Observation",
                "effectiveDateTime": (start + timedelta(hours=hour)).isoformat(),
                "code": {"text": name},
                "valueQuantity": {"value": value},
            }
        }
        for hour, name, value in seen
    ]
    return json.dumps({"resourceType": "Bundle", "entry": entries})


@pytest.mark.parametrize("write", [_physionet, _long, _wide, _fhir])
@pytest.mark.parametrize("late", [(40.0, "Weight", 140.0), (40.0, "Height", 190.0), (40.0, "Age", 80.0)])
def test_a_late_weight_height_or_age_changes_no_earlier_risk(
    network: CourseTransformer, write: Callable[[Seen], str], late: tuple[float, str, float]
) -> None:
    seen = [(0.0, "HR", 80.0), (20.5, "Lactate", 3.0), (46.0, "HR", 120.0)]
    before, after = (
        network.trajectory(prepare_course(read_course("x", write(part).encode()))[0], range(1, HOURS + 1))
        for part in (seen, [*seen[:2], late, seen[2]])
    )  # (H, M) each
    torch.testing.assert_close(after[:40], before[:40], atol=1e-6, rtol=1e-6)
    assert (after[40] != before[40]).any()


@given(
    hour=st.integers(1, HOURS - 1),
    added=st.lists(st.tuples(st.floats(0, 60), st.sampled_from(NAMES), st.floats(0, 1)), min_size=1, max_size=4),
)
@settings(max_examples=30, deadline=None)
def test_whatever_is_observed_after_an_hour_leaves_the_risks_until_then(
    network: CourseTransformer, hour: int, added: list[tuple[float, str, float]]
) -> None:
    found, more = Observations(), Observations()
    for when, name, value in [(0.2, "HR", 80.0), (3.0, "Weight", 70.0), (hour - 1e-4, "Temp", 37.0), (30.0, "K", 4.0)]:
        found.add(when, name, value)
        more.add(when, name, value)
    for later, name, share in added:
        low, high = {**COURSE_VARIABLES, **STATIC_VARIABLES}[name].possible
        more.add(hour + later, name, low + share * (high - low))
    before, after = (
        network.trajectory(prepare_course(course_of("x", b"x", "table", part))[0], range(1, hour + 1))
        for part in (found, more)
    )  # (H, M) each
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-5)


def test_the_risk_at_an_hour_is_the_answer_for_the_course_until_then(network: CourseTransformer) -> None:
    course = random_course()
    inputs, geometry, _ = prepare_course(course)
    risks = network.trajectory(inputs, range(1, geometry.reading + 1)).mean(1)  # (H,)
    torch.testing.assert_close(risks[-1:], network(inputs).logits[0], atol=1e-5, rtol=1e-5)
    early, _, _ = prepare_course(cut(course, 20))
    torch.testing.assert_close(risks[19:20], network(read_at(early, torch.tensor([[20.0]]))).logits[0])


def test_absent_cells_have_no_influence_and_can_be_cut_away(network: CourseTransformer) -> None:
    inputs, _, _ = prepare_course(random_course())
    presence = torch.rand(inputs.presence.shape, generator=torch.Generator().manual_seed(1)) < 0.6
    values = inputs.values.clone()
    values[..., VALUE] = torch.where(presence, values[..., VALUE], 7.0)
    logits = network(ModelInput(inputs.values, presence)).logits
    assert torch.equal(network(ModelInput(values, presence)).logits, logits)
    hidden = network.embed(ModelInput(values, presence))
    torch.testing.assert_close(network.encode(*pack_present(hidden, presence)).logits, logits)
    assert not torch.equal(network(inputs).logits, logits)


def test_an_older_cell_counts_though_the_newest_is_read(network: CourseTransformer) -> None:
    course = random_course()
    inputs, geometry, _ = prepare_course(course)
    names = np.array(geometry.variables)
    older = next(rank for rank in range(geometry.count) if (names[rank + 1 :] == names[rank]).any())
    presence = inputs.presence.clone()
    presence[0, older] = False
    assert not torch.equal(network(ModelInput(inputs.values, presence)).logits, network(inputs).logits)


def test_it_answers_in_half_precision_as_on_an_accelerator(network: CourseTransformer) -> None:
    """A token in half precision could not be put among those in full."""
    inputs, _, _ = prepare_course(random_course())
    with torch.inference_mode():
        full = network(inputs).logits  # (1, L)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = network(inputs).logits  # (1, L)
    assert torch.allclose(full, half.float(), atol=0.1)


def test_nothing_present_gives_a_finite_answer(network: CourseTransformer) -> None:
    inputs, _, _ = prepare_course(random_course())
    assert torch.isfinite(network(ModelInput(inputs.values, torch.zeros_like(inputs.presence))).logits).all()


def test_values_are_put_on_one_scale_by_the_knots_of_their_kind(network: CourseTransformer) -> None:
    made = CourseTransformer(CourseTransformerConfig(width=24, heads=4, members=2, kinds=2, knots=5))
    made.knots[1] = torch.tensor([0.0, 1.0, 1.0, 1.0, 3.0])
    made.scores.copy_(torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0]))
    values = torch.tensor([[-9.0, 0.5, 1.0, 2.0, 9.0]])
    expected = torch.tensor([[-2.0, -1.5, 0.0, 1.5, 2.0]])
    torch.testing.assert_close(made.scaled(torch.ones(1, 5, dtype=torch.long), values), expected)


def test_ten_thousand_observations_are_read_hour_by_hour(network: CourseTransformer) -> None:
    inputs, geometry, _ = prepare_course(random_course(10_000))
    assert torch.isfinite(network.trajectory(inputs, range(1, geometry.reading + 1))).all()


def test_it_is_saved_and_loaded(network: CourseTransformer, tmp_path: Path) -> None:
    from engine.models.card import Card, DataFacts, TrustParameters
    from engine.models.checkpoint import load_model, save_model

    facts = DataFacts("d", "l", 1, "w", "s")
    card = Card("icu-course", "t", ("death",), "s", "i", (), facts, {}, TrustParameters((1.0,)))
    save_model(tmp_path, network, card)
    loaded = load_model(tmp_path, device="cpu")
    inputs, _, _ = prepare_course(random_course())
    assert torch.equal(loaded.network(inputs).logits, network(inputs).logits)
    assert loaded.heads == 4
