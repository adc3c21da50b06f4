"""Splits that never part a group: one patient, or one note with its siblings, is either trained on or validated on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from engine.errors import TrainingError


class Grouped(Protocol):
    """Anything that says which group it belongs to."""

    @property
    def group(self) -> str:
        """The patient, or the note with its siblings."""


Item = TypeVar("Item", bound=Grouped)


def split_by_group(items: Sequence[Item], *, held: float, seed: int) -> tuple[list[Item], list[Item]]:
    """Part items into training and validation by group.

    Parameters
    ----------
    held : float
        Share of the groups to validate on, in (0, 1).

    Returns
    -------
    tuple of list
        Training and validation, each in the order given.
    """
    groups = _shuffled_groups(items, seed)
    held_groups = set(groups[: max(1, round(held * len(groups)))])
    training = [item for item in items if item.group not in held_groups]
    validation = [item for item in items if item.group in held_groups]
    return training, validation


def folds_by_group(items: Sequence[Item], *, folds: int, seed: int) -> list[tuple[list[Item], list[Item]]]:
    """Part items into `folds` pairs of training and validation; every group is validated on exactly once.

    Raises
    ------
    TrainingError
        There are fewer groups than folds, or fewer than two folds.
    """
    groups = _shuffled_groups(items, seed)
    if not 2 <= folds <= len(groups):
        raise TrainingError(f"{len(groups)} patients cannot be parted into {folds} folds.", "Choose another number.")
    fold_of = {group: rank % folds for rank, group in enumerate(groups)}
    return [
        (
            [item for item in items if fold_of[item.group] != fold],
            [item for item in items if fold_of[item.group] == fold],
        )
        for fold in range(folds)
    ]


def _shuffled_groups(items: Sequence[Grouped], seed: int) -> list[str]:
    """The groups in an order that depends on the seed alone, not on the order of the files."""
    groups = sorted({item.group for item in items})
    return [groups[rank] for rank in np.random.default_rng(seed).permutation(len(groups))]
