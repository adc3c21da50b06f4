"""A model's card as the applied model card of the Coalition for Health AI (CHAI), schema v0.2, in JSON.

The names are those of the schema's elements (https://mc.chai.org/v0.2/schema.xsd). What our card does not say is
`NOT_STATED`: nothing is made up to fill a field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from engine.models.card import Card, Metric
from engine.wording import DISCLAIMER

NOT_STATED = "not stated"
SCHEMA = "https://mc.chai.org/v0.2/schema.xsd"

_OF_SAFETY = ("ece", "brier")
_INTERVALS = (
    "Values with 95 % intervals, null where the cases are too few or too much alike for one; n is the number of cases "
    "behind each."
)


def chai_json(card: Card) -> bytes:
    """Write a card as an applied model card, UTF-8."""
    return (json.dumps(chai_card(card), indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def chai_card(card: Card) -> dict[str, Any]:
    """Fill the sections of an applied model card, in the order of the schema."""
    limits = "\n".join(f"- {limit}" for limit in card.limits)
    return {
        "schema": SCHEMA,
        "BasicInfo": {"ModelName": card.title, "ModelDeveloper": NOT_STATED, "DeveloperContact": NOT_STATED},
        "ReleaseInfo": {
            "ReleaseStage": DISCLAIMER,
            "ReleaseDate": NOT_STATED,
            "ReleaseVersion": f"attending {version('attending')}, weights SHA-256 {_digest(card)}",
            "GlobalAvailability": NOT_STATED,
            "RegulatoryApproval": DISCLAIMER,
        },
        "ModelSummary": {"Summary": card.summary, "Keywords": [card.task, *card.labels]},
        "UsesAndDirections": {
            "IntendedUseAndWorkflow": card.intended_use,
            "PrimaryIntendedUsers": NOT_STATED,
            "HowToUse": NOT_STATED,
            "TargetedPatientPopulation": NOT_STATED,
            "CautionedOutOfScopeSettings": limits or NOT_STATED,
        },
        "Warnings": {
            "KnownRisksAndLimitations": limits or NOT_STATED,
            "KnownBiasesOrEthicalConsiderations": NOT_STATED,
            "ClinicalRiskLevel": NOT_STATED,
        },
        "TrustIngredients": _trust(card),
        "KeyMetrics": _key_metrics(card),
        "Resources": {"PeerReviewedPublications": NOT_STATED, "PatientConsentOrDisclosure": NOT_STATED},
        "Bibliography": NOT_STATED,
    }


def _trust(card: Card) -> dict[str, Any]:
    data = card.data
    return {
        "AISystemFacts": {
            "OutcomesAndOutputs": f"Calibrated probabilities of: {', '.join(card.labels)}",
            "ModelType": card.summary,
            "InputDataSource": data.name,
            "OutputAndInputDataTypes": NOT_STATED,
            "DevelopmentDataCharacterization": f"{data.name}, {data.n:,} cases, licence {data.licence}. {data.who}",
            "BiasMitigationApproaches": NOT_STATED,
            "OngoingMaintenance": NOT_STATED,
            "Security": f"Weights are loaded only where their SHA-256 is {_digest(card)}.",
        },
        "TransparencyInformation": {"FundingSource": NOT_STATED, "StakeholdersConsulted": NOT_STATED},
    }


def _key_metrics(card: Card) -> dict[str, Any]:
    """Figures in the schema's three baskets: how well, how evenly, how reliably."""
    safety = {name: one for name, one in card.metrics.items() if name in _OF_SAFETY}
    useful = {name: one for name, one in card.metrics.items() if name not in _OF_SAFETY}
    safety |= {f"{name}, cross-validated": one for name, one in card.cross_validated.items()}
    fair = {
        f"{name}, {group.trait}: {group.value}": one
        for group in card.report.subgroups
        for name, one in group.figures.items()
    }
    return {
        "UsefulnessUsabilityEfficacy": _basket(card, useful),
        "FairnessEquity": _basket(card, fair),
        "SafetyReliability": _basket(card, safety),
    }


def _basket(card: Card, figures: Mapping[str, Metric]) -> dict[str, Any]:
    results = [
        {"Label": name, "ValueJson": json.dumps({"value": one.value, "low": one.low, "high": one.high, "n": one.n})}
        for name, one in figures.items()
    ]
    measured = bool(results)
    return {
        "MetricGoal": NOT_STATED,
        "Results": results or [{"Label": NOT_STATED, "ValueJson": "null"}],
        "Interpretation": _INTERVALS if measured else NOT_STATED,
        "TestType": "Internal validation, on cases that were not trained on" if measured else NOT_STATED,
        "TestingDataDescription": card.data.who if measured else NOT_STATED,
        "ValidationProcessAndJustification": card.data.split if measured else NOT_STATED,
    }


def _digest(card: Card) -> str:
    return card.files.get("model.safetensors", NOT_STATED)
