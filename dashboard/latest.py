"""Results that are large, or quickly made anew: a session holds the latest of each kind, with what it was made for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dashboard.components.waiting import in_turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine import Found, Heads, ModalityShare, Mutations, SimilarCases, TwoLabels, Volume

_T = TypeVar("_T")


@dataclass
class Latest:
    """One slot for each kind of result.

    Parameters
    ----------
    on_screen, beside : tuple or None
        What the viewer shows, and what stands beside it, with the keys that they were made for.
    stood_up : tuple or None
        The volume of the series that is cut in another plane, with the key that it was made for.
    browsed : tuple or None
        The attention of every layer and head that is browsed, with the key that it was made for.
    substituted : tuple or None
        What other bases would change, with the key that it was made for.
    carried : tuple or None
        What image and words carried of an answer, with the key that it was found for.
    alike : tuple or None
        Past cases that are alike, with the key that they were found for.
    paired : tuple or None
        The maps of two labels, with the key that they were made for.
    outlined : tuple or None
        Where the lungs lie on a film, by name, with the key that they were estimated for.
    searched : tuple or None
        What the latest search in the library found, with the key that it was asked for.
    """

    on_screen: tuple[Any, Any] | None = None
    beside: tuple[Any, Any] | None = None
    stood_up: tuple[Hashable, Volume] | None = None
    browsed: tuple[Hashable, Heads] | None = None
    substituted: tuple[Hashable, Mutations] | None = None
    carried: tuple[Hashable, ModalityShare] | None = None
    alike: tuple[Hashable, SimilarCases] | None = None
    paired: tuple[Hashable, TwoLabels] | None = None
    outlined: tuple[Hashable, Mapping[str, NDArray[np.bool_]]] | None = None
    searched: tuple[Hashable, Found] | None = None

    def let_go_of_latest(self) -> None:
        """Forget what was made of cases; what was found in the library stays."""
        self.on_screen = self.beside = self.stood_up = self.browsed = None
        self.substituted = self.carried = self.alike = self.paired = self.outlined = None

    def shown(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what the viewer shows, made when the key changes; stacks are large."""
        return self._latest("on_screen", key, make)

    def shown_beside(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what the viewer shows beside it, made when the key changes."""
        return self._latest("beside", key, make)

    def volume(self, key: Hashable, make: Callable[[], Volume]) -> Volume:
        """Return the volume of a series, made when the key changes; volumes are large."""
        return self._latest("stood_up", key, make)

    def heads_of(self, key: Hashable, make: Callable[[], Heads]) -> Heads:
        """Return the attention of the part that is browsed, made when the key changes."""
        return self._latest("browsed", key, make)

    def mutated(self, key: Hashable, make: Callable[[], Mutations]) -> Mutations:
        """Return what other bases would change, made when the key changes."""
        return self._latest("substituted", key, make)

    def shared(self, key: Hashable, make: Callable[[], ModalityShare]) -> ModalityShare:
        """Return what image and words carried of an answer, found when the key changes."""
        return self._latest("carried", key, make)

    def past(self, key: Hashable, make: Callable[[], SimilarCases]) -> SimilarCases:
        """Return past cases that are alike, found when the key changes."""
        return self._latest("alike", key, make)

    def two_labels(self, key: Hashable, make: Callable[[], TwoLabels]) -> TwoLabels:
        """Return the maps of two labels, made when the key changes."""
        return self._latest("paired", key, make)

    def lungs_of(
        self, key: Hashable, make: Callable[[], Mapping[str, NDArray[np.bool_]]]
    ) -> Mapping[str, NDArray[np.bool_]]:
        """Return where the lungs lie on a film, estimated when the key changes."""
        return self._latest("outlined", key, make)

    def literature(self, key: Hashable, make: Callable[[], Found]) -> Found:
        """Return what a search in the library found, made when the key changes."""
        return self._latest("searched", key, make)

    def _latest(self, slot: str, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what a slot holds for a key, made when the key changes."""
        held: tuple[Hashable, _T] | None = getattr(self, slot)
        if held is None or held[0] != key:
            held = (key, in_turn(slot, make))
            setattr(self, slot, held)
        return held[1]
