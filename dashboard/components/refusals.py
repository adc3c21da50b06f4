"""The files that could not be read, each named with its reason and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.components.facts import table
from dashboard.components.markup import node, show
from engine import Refusal


def refusals(refused: Sequence[Refusal]) -> None:
    """Show every refused file; silent where there is none."""
    if not refused:
        return
    n = len(refused)
    show(node("div", f"{n} {'file was' if n == 1 else 'files were'} not opened.", class_="at-problem", role="alert"))
    rows = [(refusal.name, refusal.error.happened, refusal.error.advice) for refusal in refused]
    table(("File", "What is wrong", "What to do"), rows, label="Files that were not opened")
