"""A long sequence searched: the junctions of a gene are found, ends are left out, and everything can be taken away."""

from __future__ import annotations

from dataclasses import replace

import pytest

import engine
from engine.case import Case, Sequence
from engine.errors import NoSuitableTask
from engine.preprocess.sequence import letters_of
from engine.sites import Scan, Site, _places, fits_one_window, scan, site_in_question

EXONS, INTRONS = (240, 150, 180, 320), (480, 360, 610)


def _model() -> engine.LoadedModel:
    return engine.shipped_model("splice-junction")


def test_most_junctions_of_the_sample_gene_are_found_at_their_base() -> None:
    found = scan(engine.sample_case("sequence-gene-1"), _model())
    donors, acceptors, at = set(), set(), 0
    for exon, intron in zip(EXONS, INTRONS, strict=False):
        donors.add(at + exon)
        acceptors.add(at + exon + intron)
        at += exon + intron
    called = {(site.label, site.position) for site in found.sites}
    true = {("exon-intron", base) for base in donors} | {("intron-exon", base) for base in acceptors}
    assert len(called & true) >= 5
    assert found.length == sum(EXONS) + sum(INTRONS)
    assert [site.probability for site in found.sites] == sorted((s.probability for s in found.sites), reverse=True)


def test_only_places_with_the_letters_of_a_junction_are_asked_about() -> None:
    bases = "C" * 40 + "GT" + "C" * 40 + "AG" + "C" * 40
    assert _places(letters_of(bases)).tolist() == [40, 84]
    assert _places(letters_of("GT" + "C" * 90 + "AG")).tolist() == []


def test_progress_is_told_and_may_end_the_search() -> None:
    case = engine.sample_case("sequence-gene-1")
    said: list[float] = []
    scan(case, _model(), progress=said.append)
    assert said[-1] == 1.0

    def stop(_: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        scan(case, _model(), progress=stop)


def test_a_site_is_answered_for_as_it_was_found() -> None:
    case = engine.sample_case("sequence-gene-1")
    best = scan(case, _model()).sites[0]
    analysis = engine.analyse(case, frame=best.position)
    assert analysis.findings[0].label == best.label
    assert analysis.findings[0].probability == pytest.approx(best.probability, abs=1e-5)
    assert site_in_question(case.at(0, best.position)) == best.position
    with pytest.raises(IndexError, match="site 99999"):
        case.at(0, 99999)


def test_bed_marks_the_two_letters_of_the_intron_from_zero() -> None:
    found = Scan((Site(40, "exon-intron", 0.987, ""), Site(30, "intron-exon", 0.6, "")), 2, 100)
    assert found.to_bed("chr1") == "chr1\t28\t30\tintron-exon\t600\t+\nchr1\t40\t42\texon-intron\t987\t+\n"
    assert found.best == 40
    assert Scan((), 0, 100).best == 0


def test_a_case_without_a_sequence_is_refused() -> None:
    with pytest.raises(NoSuitableTask):
        scan(Case("c", "c"), _model())


def test_sixty_bases_need_no_search() -> None:
    case = Case("c", "c", sequence=Sequence("A" * 60, ""))
    assert fits_one_window(case)
    assert case.sequence is not None
    assert not fits_one_window(replace(case, sequence=replace(case.sequence, bases="A" * 61)))
