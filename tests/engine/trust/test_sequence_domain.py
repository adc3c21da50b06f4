"""Windows that are no gene's are named in words."""

from __future__ import annotations

import pytest

from engine.case import Sequence
from engine.trust.sequence_domain import sequence_reasons

GENE = "CCAGCTGCATCACAGGAGGCCAGCGAGCAGGTCTGTTCCAAGGGCCTTCGAGCCAGTCTG"


def test_a_window_of_a_gene_is_inside() -> None:
    assert sequence_reasons(Sequence(GENE, "")) == []
    assert sequence_reasons(Sequence(GENE * 3, "", site=60)) == []


@pytest.mark.parametrize(
    ("sequence", "words"),
    [
        (Sequence(GENE[:40], ""), "Only 40 of the 60 bases"),
        (Sequence(GENE, "", site=3), "Only 33 of the 60 bases"),
        (Sequence("N" * 12 + GENE[12:], ""), "20% of its letters"),
        (Sequence("A" * 55 + "CGTCG", ""), "nothing but A"),
    ],
)
def test_other_windows_are_outside_and_it_is_said_why(sequence: Sequence, words: str) -> None:
    (reason,) = sequence_reasons(sequence)
    assert words in reason
