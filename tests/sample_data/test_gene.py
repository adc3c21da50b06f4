"""Genes from the consensus: as long as asked for, with the letters of a junction where they are said to be."""

from sample_data.gene import fasta, gene, window


def test_a_gene_is_as_long_as_its_parts_and_has_gt_and_ag_at_its_introns():
    bases = gene((100, 80, 90), (120, 200), seed=3)
    assert len(bases) == 590
    assert bases[100:102] == "GT"
    assert bases[218:220] == "AG"
    assert bases[300:302] == "GT"
    assert bases[498:500] == "AG"


def test_a_window_has_its_junction_in_the_middle():
    assert window(donor=True, seed=1)[30:32] == "GT"
    assert window(donor=False, seed=1)[28:30] == "AG"
    assert len(window(donor=True, seed=1)) == 60
    assert window(donor=True, seed=1) == window(donor=True, seed=1) != window(donor=True, seed=2)


def test_fasta_has_sixty_letters_a_line():
    assert fasta("a", "A" * 70) == b">a synthetic\n" + b"A" * 60 + b"\n" + b"A" * 10 + b"\n"
