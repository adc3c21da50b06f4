"""One model's reading of a case, as the Review page holds it while it draws."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.state import Question, View
from engine import Analysis, Explanation, Task, TwoLabels


@dataclass(frozen=True)
class Reading:
    """One model's answer to the case, and the map that the reader chose; of two labels that are compared, each map."""

    task: Task
    view: View
    analysis: Analysis
    question: Question | None = None
    explanation: Explanation | None = None
    pair: TwoLabels | None = None

    @property
    def label(self) -> str:
        """What the map speaks for; the model's first answer where it speaks for none."""
        spoken_for = self.explanation.label if self.explanation else None
        return spoken_for or self.analysis.findings[0].label
