"""What a reader takes away from a case to see the answer without it, with every step to go back and forth."""

from __future__ import annotations

from engine import Period, Place, Stretch, Substitution


class Edits:
    """What the reader has taken away from one view, with every step to go back and forth."""

    def __init__(self) -> None:
        self._steps: list[tuple[Place, ...]] = [()]
        self._at = 0

    @property
    def places(self) -> tuple[Place, ...]:
        """What is taken away now, in the order of taking."""
        return self._steps[self._at]

    @property
    def begun(self) -> bool:
        """Whether anything was ever taken away."""
        return len(self._steps) > 1

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back to."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was undone."""
        return self._at < len(self._steps) - 1

    def take(self, place: Place) -> None:
        """Take a place away, with what was struck inside it; or put back what holds it already.

        A base is either struck or another: the latter of the two stays.
        """
        left = tuple(taken for taken in self.places if not _holds(taken, place))
        if len(left) < len(self.places):
            self._step(left)
        else:
            self._step((*(taken for taken in left if not _holds(place, taken) and not _same_base(place, taken)), place))

    def change(self, place: Place, instead: Place | None) -> None:
        """Take something else away instead, or nothing, where a place was taken away."""
        if place in self.places:
            self._step(tuple(p for one in self.places if (p := instead if one == place else one) is not None))

    def clear(self) -> None:
        """Put everything back."""
        self._step(())

    def undo(self) -> None:
        """Go back one step."""
        self._at = max(self._at - 1, 0)

    def redo(self) -> None:
        """Go forth one step."""
        self._at = min(self._at + 1, len(self._steps) - 1)

    def _step(self, places: tuple[Place, ...]) -> None:
        self._steps = [*self._steps[: self._at + 1], places]
        self._at += 1


def _same_base(place: Place, other: Place) -> bool:
    """Whether two places are one base, of which one of them puts another there."""
    if not isinstance(place, Substitution | Stretch) or not isinstance(other, Substitution | Stretch):
        return False
    return place.start == other.start and (isinstance(place, Substitution) or isinstance(other, Substitution))


def _holds(outer: Place, inner: Place) -> bool:
    """Whether a stretch or a period lies within another; boxes may overlap as the reader likes."""
    if isinstance(outer, Stretch) and isinstance(inner, Stretch):
        return outer.start <= inner.start and inner.end <= outer.end
    if isinstance(outer, Period) and isinstance(inner, Period):
        alike = outer.variable in (None, inner.variable)
        return alike and outer.start <= inner.start and inner.end <= outer.end
    return outer == inner
