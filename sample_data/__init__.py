"""Synthetic cases for demonstration and tests, and the seeded generator that makes them: no patient is in them.

``python -m sample_data`` writes them again into ``sample_data/cases``.
"""

from __future__ import annotations

from pathlib import Path

SEED = 20261120
__all__ = ["SEED", "generate"]


def generate(folder: Path, seed: int = SEED) -> None:
    """Write all sample cases and their index ``cases.json`` into `folder`.

    Parameters
    ----------
    seed : int
        The same seed gives the same anatomy, noise and identifiers.
    """
    from sample_data.write import write_cases

    write_cases(folder, seed)
