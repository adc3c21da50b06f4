"""A long sequence searched: junctions of both strands are found at their base, in proportion to what is expected."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import engine
from engine import scanning
from engine.case import Case, Sequence
from engine.density import DENSITY
from engine.errors import NoSuitableTask
from engine.preprocess.sequence import letters_of
from engine.scanning import _places, scan
from engine.sites import Scan, asks_reverse, fits_one_window, other_strand, site_in_question, sites_bed, sites_csv

EXONS, INTRONS = (240, 150, 180, 320), (480, 360, 610)


def _model() -> engine.LoadedModel:
    return engine.shipped_model("splice-junction")


def _case(bases: str) -> Case:
    return Case("c", "c", sequence=Sequence(bases, ""))


def _scan(*frames: int, log_odds: tuple[float, float] = (5.0, -9.0)) -> Scan:
    rows = len(frames)
    found = np.tile(np.float32(log_odds), (rows, 1))
    return Scan("chr 1", "A" * 100, np.array(frames), found, np.ones((rows, 2), np.bool_), searched=rows)


def test_most_junctions_of_the_sample_gene_are_found_at_their_base() -> None:
    found = scan(engine.sample_case("sequence-gene-1"), _model())
    donors, acceptors, at = set(), set(), 0
    for exon, intron in zip(EXONS, INTRONS, strict=False):
        donors.add(at + exon)
        acceptors.add(at + exon + intron)
        at += exon + intron
    listed = {(site.label, site.position) for site in found.sites if site.strand == "+"}
    true = {("exon-intron", base) for base in donors} | {("intron-exon", base) for base in acceptors}
    assert len(listed & true) >= 5
    assert found.length == sum(EXONS) + sum(INTRONS)
    assert [site.probability for site in found.sites] == sorted((s.probability for s in found.sites), reverse=True)
    for site in found.sites:
        before, after = site.context.split("|")
        assert after.startswith("GT") if site.label == "exon-intron" else before.endswith("AG")


def test_only_places_with_the_letters_of_a_junction_are_asked_about() -> None:
    bases = "C" * 40 + "GT" + "C" * 40 + "AG" + "C" * 40
    places, allowed, _ = _places(letters_of(bases))
    assert places.tolist() == [40, 84]
    assert allowed.tolist() == [[True, False], [False, True]]
    assert _places(letters_of("GT" + "C" * 90 + "AG"))[0].tolist() == []


@pytest.mark.parametrize("pair", ["RT", "GY", "NT", "GN", "KK"])
def test_a_letter_that_may_be_that_of_a_junction_does_not_hide_it(pair: str) -> None:
    assert _places(letters_of("C" * 40 + pair + "C" * 40))[0].tolist() == [40]


@pytest.mark.parametrize("pair", ["YT", "NN", "GA"])
def test_letters_that_cannot_be_those_of_a_junction_are_passed_over(pair: str) -> None:
    assert _places(letters_of("C" * 40 + pair + "C" * 40))[0].tolist() == []


def test_a_site_whose_g_is_an_r_is_found_as_before() -> None:
    gene = engine.sample_case("sequence-gene-1").sequence
    assert gene is not None
    unsure = gene.bases[:240] + "R" + gene.bases[241:]
    assert gene.bases[240:242] == "GT"
    found = scan(_case(unsure), _model(), both_strands=False, at_least=0.001)
    assert ("exon-intron", 240) in {(site.label, site.position) for site in found.sites}


def test_long_runs_of_n_are_left_out_and_counted() -> None:
    bases = "ACGTTGCA" * 20
    found = scan(_case(bases + "N" * 500 + bases), _model(), at_least=0.0)
    assert 2 * 460 <= found.unknown <= 2 * 540  # on both strands
    assert all(not 180 < site.position < 640 for site in found.sites)
    assert scan(_case(bases), _model()).unknown == 0


def test_the_other_strand_is_searched_as_if_it_had_been_given() -> None:
    case = engine.sample_case("sequence-gene-1")
    assert case.sequence is not None
    length = len(case.sequence.bases)
    turned = replace(case, sequence=replace(case.sequence, bases=other_strand(case.sequence.bases)))
    one, other = scan(case, _model()), scan(turned, _model())
    mirrored = {(length - site.position, {"+": "-", "-": "+"}[site.strand], site.label) for site in other.sites}
    assert {(site.position, site.strand, site.label) for site in one.sites} == mirrored
    assert {site.context for site in one.sites} == {site.context for site in other.sites}
    assert scan(case, _model(), both_strands=False).strands == 1


def test_stretches_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    case = engine.sample_case("sequence-gene-1")
    whole = scan(case, _model())
    monkeypatch.setattr(scanning, "_STRETCH", 333)
    monkeypatch.setattr(scanning, "_FEW", 7)
    parts = scan(case, _model())
    assert (parts.searched, parts.unknown) == (whole.searched, whole.unknown)
    assert sorted(parts.frames) == sorted(whole.frames)
    np.testing.assert_allclose(
        [site.probability for site in parts.sites], [site.probability for site in whole.sites], rtol=1e-3
    )


def test_progress_is_told_with_what_was_found_and_may_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "_TELL_EVERY", 0.0)
    monkeypatch.setattr(scanning, "_STRETCH", 1000)
    case = engine.sample_case("sequence-gene-1")
    said: list[float] = []
    told: list[Scan] = []
    scan(case, _model(), progress=said.append, found=told.append)
    assert said == sorted(said)
    assert said[-1] == pytest.approx(1.0)
    assert [part.share for part in told] == said
    assert told[0].count < told[-1].count

    def stop(_: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        scan(case, _model(), progress=stop)


def test_windows_are_asked_about_by_threads_that_share_no_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    before, within, ask = torch.get_num_threads(), set[int](), scanning._ask

    def asked(*given: Any) -> Any:
        within.add(torch.get_num_threads())
        return ask(*given)

    torch.set_num_threads(2)
    monkeypatch.setattr(scanning, "_ask", asked)
    try:
        scan(engine.sample_case("sequence-gene-1"), replace(_model(), device=torch.device("cpu")))
        assert within == {1}
        assert torch.get_num_threads() == 2
        with ThreadPoolExecutor(1) as later:
            assert later.submit(torch.get_num_threads).result() == 2
    finally:
        torch.set_num_threads(before)


def test_a_search_that_is_stopped_gives_what_it_has_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "_STRETCH", 1000)
    case = engine.sample_case("sequence-gene-1")
    asked: list[None] = []
    part = scan(case, _model(), stop=lambda: asked.append(None) or len(asked) == 2)
    whole = scan(case, _model(), stop=lambda: False)
    assert 0 < part.share < 1
    assert whole.share == 1.0
    assert 0 < part.count < whole.count
    in_whole = {(site.position, site.strand, site.label): site.probability for site in whole.sites}
    for site in part.sites:
        assert site.probability == pytest.approx(in_whole[site.position, site.strand, site.label], rel=1e-3)


def test_what_is_written_of_a_stopped_search_says_so() -> None:
    whole, part = _scan(40), replace(_scan(40), share=0.125)
    assert sites_bed([part]) == "# chr_1: the search was stopped, 12.5% of the sequence was searched\n" + sites_bed(
        [whole]
    )
    rows = list(csv.DictReader(io.StringIO(sites_csv([whole, part]))))
    assert [row["Share searched"] for row in rows] == ["1", "0.125"]


def test_a_site_of_either_strand_is_answered_for_as_it_was_found() -> None:
    case = engine.sample_case("sequence-gene-1")
    found = scan(case, _model())
    for strand in "+-":
        best = next(site for site in found.sites if site.strand == strand)
        analysis = engine.analyse(case, frame=best.frame)
        assert analysis.findings[0].label == best.label
        assert analysis.findings[0].probability == pytest.approx(best.as_trained, abs=1e-5)
        asked = case.at(0, best.frame)
        assert (site_in_question(asked), asks_reverse(asked)) == (best.position, strand == "-")
    with pytest.raises(IndexError, match="site 99999"):
        case.at(0, 99999)
    with pytest.raises(IndexError, match="site -99999"):
        case.at(0, -99999)


def test_fewer_junctions_expected_make_each_less_probable() -> None:
    found = _scan(30, 60)
    prior = DENSITY / 1000 / 4
    odds = np.exp(5.0) * (prior / (1 - 2 * prior)) / (607 / 1305)
    assert found.sites[0].probability == pytest.approx(odds / (1 + odds), rel=1e-3)
    assert found.sites[0].as_trained == pytest.approx(np.exp(5) / (1 + np.exp(5)), rel=1e-4)
    assert found.expecting(5.0).sites[0].probability > 4 * found.sites[0].probability
    assert found.expecting(0.01).count == 0
    with pytest.raises(ValueError, match="density"):
        found.expecting(0.0)


def test_bed_marks_the_two_letters_of_the_intron_from_zero_on_either_strand() -> None:
    donors = _scan(40, -70)
    acceptors = _scan(30, -80, log_odds=(-9.0, 5.0))
    rows = [line.split("\t") for line in sites_bed([donors, acceptors]).splitlines()]
    assert [(row[0], int(row[1]), int(row[2]), row[3], row[5]) for row in rows] == [
        ("chr_1", 40, 42, "exon-intron", "+"),
        ("chr_1", 68, 70, "exon-intron", "-"),
        ("chr_1", 28, 30, "intron-exon", "+"),
        ("chr_1", 80, 82, "intron-exon", "-"),
    ]
    assert donors.best == 40
    assert _scan().best == 0


def test_the_table_holds_all_sequences_and_counts_bases_from_one() -> None:
    rows = list(csv.DictReader(io.StringIO(sites_csv([_scan(40), replace(_scan(-70), name="=cmd")]))))
    assert [(row["Sequence"], row["Base"], row["Strand"]) for row in rows] == [("chr 1", "41", "+"), ("cmd", "71", "-")]


def test_a_case_without_a_sequence_is_refused() -> None:
    with pytest.raises(NoSuitableTask):
        scan(Case("c", "c"), _model())


def test_sixty_bases_need_no_search() -> None:
    assert fits_one_window(_case("A" * 60))
    assert not fits_one_window(_case("A" * 61))
