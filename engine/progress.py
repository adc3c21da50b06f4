"""How far long work is, on standard error: one line that changes on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time

_EVERY = 5.0  # seconds between lines where nobody sees them change
_FIRST = 1.0  # seconds after which the time that is left can be foreseen


class ProgressLines:
    """Tells how far one piece of work is.

    Parameters
    ----------
    what : str
        What is being done.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = self._told = time.monotonic()
        self._terminal = sys.stderr.isatty()

    def __call__(self, share: float) -> None:
        """Tell the share done, in [0, 1]; nothing is told of what ends before the first line is due."""
        now = time.monotonic()
        if now - self._told < (_FIRST if self._terminal else _EVERY) and not (share == 1 and self._told > self._began):
            return
        self._told = now
        ending = "\n" if share == 1 or not self._terminal else ""
        print(("\r" if self._terminal else "") + self._line(share, now), end=ending, file=sys.stderr, flush=True)

    def _line(self, share: float, now: float) -> str:
        spent = now - self._began
        left = f", about {spent * (1 - share) / share:.0f} s left" if share and spent >= _FIRST else ""
        return f"{self._what}: {share:.1%} after {spent:.0f} s{left}"
