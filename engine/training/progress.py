"""How far an epoch has come: a bar on a terminal, four plain lines elsewhere."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Tell = Callable[[float], None]

_LINES = 4  # an epoch, where there is no terminal

logger = logging.getLogger(__name__)


@contextmanager
def epoch_progress(title: str, steps: int) -> Iterator[Tell]:
    """Watch one epoch.

    Yields
    ------
    callable
        To be called with the mean loss so far after each of the `steps`.
    """
    if sys.stderr.isatty():
        with tqdm(total=steps, desc=title, leave=False, file=sys.stderr) as bar:
            yield lambda loss: _advance(bar, loss)
    else:
        yield _lines(title, steps)


def _advance(bar: tqdm[None], loss: float) -> None:
    bar.set_postfix_str(f"loss {loss:.4f}", refresh=False)
    bar.update()


def _lines(title: str, steps: int) -> Tell:
    """Log about every quarter of the epoch."""
    every, done = max(1, steps // _LINES), 0

    def tell(loss: float) -> None:
        nonlocal done
        done += 1
        if done % every == 0:
            logger.info("%s, step %d of %d: loss %.4f", title, done, steps, loss)

    return tell
