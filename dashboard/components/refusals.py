"""The files that could not be read, each named with its reason and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.components.facts import table
from dashboard.components.markup import node, show
from engine import Refusal, spoken, tr, trn


def refusals(refused: Sequence[Refusal]) -> None:
    """Show every refused file; silent where there is none."""
    if not refused:
        return
    words = trn("{n} file was not opened.", "{n} files were not opened.", len(refused))
    show(node("div", words, class_="at-problem", role="alert"))
    rows = [(refusal.name, spoken(refusal.error.happened), spoken(refusal.error.advice)) for refusal in refused]
    table((tr("File"), tr("What is wrong"), tr("What to do")), rows, label=tr("Files that were not opened"))
