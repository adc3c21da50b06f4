"""Bases to windows and back: shares of uncertain letters, windows beyond the ends, and spans in the sequence."""

from __future__ import annotations

import numpy as np
import pytest

from engine.case import Sequence
from engine.preprocess.sequence import BASES, cut_sites, letters_of, prepare_sequence, reverse_complement, site_of


def test_uncertain_letters_are_equal_shares_of_what_they_stand_for() -> None:
    values = cut_sites(letters_of("ARNT"), [2], 4).values[0].numpy()
    np.testing.assert_allclose(values, [[1, 0, 0, 0], [0.5, 0, 0.5, 0], [0.25] * 4, [0, 0, 0, 1]])


def test_bases_beyond_the_ends_are_absent() -> None:
    inputs = cut_sites(letters_of("ACGT"), [1, 3], 6)
    assert inputs.presence.tolist() == [[False, False, True, True, True, True], [True, True, True, True, False, False]]
    assert float(inputs.values[~inputs.presence].abs().sum()) == 0


@pytest.mark.parametrize(("site", "first"), [(0, 2), (3, 0), (9, 6)])
def test_tokens_lead_back_to_the_bases_around_the_site(site: int, first: int) -> None:
    sequence = Sequence("ACGTACGTAC", "", site=site)
    inputs, offsets, coverage = prepare_sequence(sequence, 6)
    spans = offsets.to_spans(inputs.presence.numpy() * 1.0)
    assert spans[0].start == first
    assert all(span.end == span.start + 1 for span in spans)
    assert coverage == pytest.approx(len(spans) / 10)


def test_the_middle_is_asked_about_where_nothing_else_is() -> None:
    assert site_of(Sequence("A" * 60, "")) == 30


def test_the_other_strand_has_the_complements_from_the_end_on() -> None:
    assert reverse_complement(letters_of("AACGRN")).tobytes() == b"NYCGTT"
    assert reverse_complement(reverse_complement(letters_of("ACGTRYSWKMBDHVN"))).tobytes() == b"ACGTRYSWKMBDHVN"


def test_tokens_of_the_other_strand_lead_back_to_the_bases_as_they_were_given() -> None:
    bases = "ACGTTGCAAC"
    inputs, offsets, _ = prepare_sequence(Sequence(bases, "", site=-7), 6)
    read = "".join(BASES[rank] for rank in inputs.values[0].argmax(dim=1))
    starts = offsets.offsets[0, :, 0].tolist()
    assert starts == [9, 8, 7, 6, 5, 4]
    assert read == "".join("TGCA"["ACGT".index(bases[start])] for start in starts)
