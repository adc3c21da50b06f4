"""Genes that no cell has: exons and introns of random bases, joined by sites drawn from the known consensus.

Consensus of primate sites: Shapiro & Senapathy, Nucleic Acids Res 15, 1987 (shares rounded).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BASES = np.array(list("ACGT"))

# Shares of A, C, G and T: three bases of the exon, then six of the intron.
DONOR = (
    (0.33, 0.37, 0.18, 0.12), (0.60, 0.13, 0.13, 0.14), (0.08, 0.04, 0.81, 0.07),
    (0.00, 0.00, 1.00, 0.00), (0.00, 0.00, 0.00, 1.00), (0.52, 0.03, 0.42, 0.03),
    (0.71, 0.08, 0.12, 0.09), (0.07, 0.05, 0.84, 0.04), (0.16, 0.16, 0.22, 0.46),
)  # fmt: skip
# Twelve pyrimidines on the whole, any base, then CAG of the intron, and one base of the exon.
ACCEPTOR = (
    *((0.10, 0.33, 0.10, 0.47),) * 12,
    (0.25, 0.27, 0.22, 0.26), (0.04, 0.72, 0.00, 0.24), (1.00, 0.00, 0.00, 0.00), (0.00, 0.00, 1.00, 0.00),
    (0.25, 0.14, 0.51, 0.10),
)  # fmt: skip
EXON = (0.26, 0.25, 0.26, 0.23)
INTRON = (0.27, 0.21, 0.21, 0.31)
HALF = 30
_LINE = 60


def gene(exons: Sequence[int], introns: Sequence[int], seed: int) -> str:
    """Draw a gene: exons of so many bases, and between each two an intron."""
    generator = np.random.default_rng([seed, 11])
    bases = _drawn((EXON,) * exons[0], generator)
    for intron, exon in zip(introns, exons[1:], strict=True):
        bases = bases[:-3] + _drawn(DONOR, generator) + _drawn((INTRON,) * (intron - 22), generator)
        bases += _drawn(ACCEPTOR, generator) + _drawn((EXON,) * (exon - 1), generator)
    return bases


def window(*, donor: bool, seed: int) -> str:
    """Draw 60 bases around one junction: from exon to intron, or from intron to exon."""
    bases = gene((100, 100), (120,), seed)
    site = 100 if donor else 220
    return bases[site - HALF : site + HALF]


def fasta(name: str, bases: str) -> bytes:
    """Write one record of FASTA."""
    lines = (bases[start : start + _LINE] for start in range(0, len(bases), _LINE))
    return ("\n".join((f">{name} synthetic", *lines)) + "\n").encode()


def _drawn(shares: Sequence[tuple[float, ...]], generator: np.random.Generator) -> str:
    return "".join(generator.choice(BASES, p=share) for share in shares)
