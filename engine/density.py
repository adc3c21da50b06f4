"""How many splice junctions are expected in a sequence before any model has seen it."""

from __future__ import annotations

DENSITY = 0.6
"""Junctions expected in 1,000 bases of a human gene: 8.8 exons, so 2 x 7.8 junctions, in 27,000 bases.

Means of the International Human Genome Sequencing Consortium, Nature 409, 2001, table 21. Over a whole genome, most of
which is no gene, it is 0.1.
"""

MOST_DENSITY = 10.0


def check_density(density: float) -> None:
    """Refuse a density of junctions that no gene has.

    Raises
    ------
    ValueError
        If it is not in (0, `MOST_DENSITY`].
    """
    if not 0 < density <= MOST_DENSITY:
        raise ValueError(f"the density must lie above 0 and be at most {MOST_DENSITY:g} junctions in 1,000 bases")
