from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine.errors import TrainingError
from engine.training.split import folds_by_group, split_by_group


@dataclass(frozen=True)
class Item:
    name: int
    group: str


ITEMS = [Item(rank, f"patient {rank % 17}") for rank in range(100)]


def test_no_group_is_on_both_sides() -> None:
    training, validation = split_by_group(ITEMS, held=0.2, seed=0)
    assert {item.group for item in training}.isdisjoint(item.group for item in validation)
    assert sorted(item.name for item in training + validation) == list(range(100))
    assert len({item.group for item in validation}) == 3


def test_the_split_depends_on_the_seed_and_not_on_the_order() -> None:
    first = split_by_group(ITEMS, held=0.2, seed=0)[1]
    shuffled = split_by_group(ITEMS[::-1], held=0.2, seed=0)[1]
    assert {item.group for item in first} == {item.group for item in shuffled}
    assert {item.group for item in first} != {item.group for item in split_by_group(ITEMS, held=0.2, seed=1)[1]}


def test_every_item_is_validated_on_once() -> None:
    folds = folds_by_group(ITEMS, folds=5, seed=0)
    assert sorted(item.name for _, held in folds for item in held) == list(range(100))
    for training, held in folds:
        assert {item.group for item in training}.isdisjoint(item.group for item in held)


@pytest.mark.parametrize("folds", [1, 18])
def test_an_impossible_number_of_folds_is_refused(folds: int) -> None:
    with pytest.raises(TrainingError, match="folds"):
        folds_by_group(ITEMS, folds=folds, seed=0)
