"""Generated notes: the same from a seed, without a conclusion, and worth what Bayes' rule says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.tasks.film_note_words import conclusions
from engine.training.chest_notes import ABOUT_ELSE, ASTRAY, Aim, ChildNote, posterior, write_note
from engine.training.chest_signs import KINDS, SIGNS, Sign

PRIOR = (0.26, 0.48, 0.26)


@pytest.fixture(scope="module")
def notes() -> list[tuple[int, ChildNote]]:
    """Notes with the rank of the kind that each was written for."""
    generator = np.random.default_rng(0)
    kinds = generator.choice(len(KINDS), size=1500, p=PRIOR)
    return [(int(kind), write_note(KINDS[kind], generator)) for kind in kinds]


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.name)
def test_the_levels_of_a_sign_share_all_children_and_no_number(sign: Sign) -> None:
    assert np.sum([level.shares for level in sign.levels], axis=0) == pytest.approx(np.ones(len(KINDS)))
    numbered = sorted((level.low, level.high) for level in sign.levels if level.high)
    assert all(one[1] < other[0] for one, other in pairwise(numbered))


def test_a_seed_gives_the_same_note_again() -> None:
    one, other = (write_note(KINDS[1], np.random.default_rng(3)) for _ in range(2))
    assert one == other
    assert one.text != write_note(KINDS[1], np.random.default_rng(4)).text


def test_a_stated_number_is_written_out() -> None:
    generator = np.random.default_rng(1)
    crp = next(rank for rank, sign in enumerate(SIGNS) if sign.name == "C-reactive protein")
    found = [note for note in (write_note(KINDS[1], generator) for _ in range(200)) if crp in dict(note.stated)]
    assert found
    assert all("CRP" in note.text or "C-reactive" in note.text for note in found)
    assert not any("{" in note.text for note in found)


def test_no_note_holds_what_would_be_withheld(notes: list[tuple[int, ChildNote]]) -> None:
    assert not any(conclusions(note.text) for _, note in notes[:300])


def test_bayes_rule_by_hand() -> None:
    """No fever alone: 0.45, 0.10 and 0.18 of the children, each with 8 % of the other two's mean."""
    note = ChildNote("No fever.", ((0, 0),), Aim.FILM)
    own = np.array([0.45, 0.10, 0.18])
    mixed = (1 - ASTRAY) * own + ASTRAY * (own.sum() - own) / 2
    assert posterior(note, (1 / 3, 1 / 3, 1 / 3)) == pytest.approx(mixed / mixed.sum())


def test_the_exact_posterior_comes_true(notes: list[tuple[int, ChildNote]]) -> None:
    """Brier score and calibration of the true posterior, against the prior's."""
    said = np.array([posterior(note, PRIOR) for _, note in notes])  # (N, 3)
    truth = np.eye(len(KINDS))[[kind for kind, _ in notes]]  # (N, 3)
    assert said.mean(axis=0) == pytest.approx(truth.mean(axis=0), abs=0.03)
    sure = said[:, 1] > 0.7
    assert truth[sure, 1].mean() == pytest.approx(said[sure, 1].mean(), abs=0.06)
    assert ((said - truth) ** 2).sum(axis=1).mean() < ((np.array(PRIOR) - truth) ** 2).sum(axis=1).mean() - 0.1


def test_some_notes_are_about_something_else_and_some_astray(notes: list[tuple[int, ChildNote]]) -> None:
    aims = [note.aim for _, note in notes]
    assert aims.count(Aim.ELSE) / len(aims) == pytest.approx(ABOUT_ELSE, abs=0.025)
    assert aims.count(Aim.ASTRAY) / len(aims) == pytest.approx((1 - ABOUT_ELSE) * ASTRAY, abs=0.025)
    assert all(not note.stated for _, note in notes if note.aim is Aim.ELSE)
