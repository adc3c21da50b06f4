"""What comes of measuring a trained model on validation cases, whatever it reads."""

from __future__ import annotations

from dataclasses import dataclass

from engine.models.card import Metric, Report, TrustParameters


@dataclass(frozen=True)
class Assessment:
    """What trust needs, fitted on all validation cases, and how good the model is, cross-fitted on halves of them."""

    trust: TrustParameters
    metrics: dict[str, Metric]
    report: Report
