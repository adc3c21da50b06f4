"""The applied model card has the schema's fields and nothing that our card does not say."""

from __future__ import annotations

import json
from dataclasses import replace

from engine.interop.chai_card import NOT_STATED, chai_card, chai_json
from engine.models.card import Card, Metric, Report, Subgroup

REQUIRED = {
    "BasicInfo": {"ModelName", "ModelDeveloper", "DeveloperContact"},
    "ReleaseInfo": {"ReleaseStage", "ReleaseDate", "ReleaseVersion", "GlobalAvailability"},
    "ModelSummary": {"Summary", "Keywords"},
    "UsesAndDirections": {
        *("IntendedUseAndWorkflow", "PrimaryIntendedUsers", "HowToUse"),
        *("TargetedPatientPopulation", "CautionedOutOfScopeSettings"),
    },
    "Warnings": {"KnownRisksAndLimitations", "KnownBiasesOrEthicalConsiderations", "ClinicalRiskLevel"},
    "TrustIngredients": {"AISystemFacts", "TransparencyInformation"},
    "KeyMetrics": {"UsefulnessUsabilityEfficacy", "FairnessEquity", "SafetyReliability"},
    "Resources": {"PeerReviewedPublications", "PatientConsentOrDisclosure"},
}
METRIC = {
    *("MetricGoal", "Results", "Interpretation", "TestType"),
    *("TestingDataDescription", "ValidationProcessAndJustification"),
}


def test_every_required_field_is_there(card: Card) -> None:
    made = json.loads(chai_json(card))
    for section, fields in REQUIRED.items():
        assert fields <= set(made[section]), section
    for basket in made["KeyMetrics"].values():
        assert set(basket) == METRIC
        assert basket["Results"]
    assert made["Bibliography"] == NOT_STATED


def test_what_the_card_says_is_said(card: Card) -> None:
    made = chai_card(card)
    assert made["UsesAndDirections"]["IntendedUseAndWorkflow"] == card.intended_use
    assert all(limit in made["Warnings"]["KnownRisksAndLimitations"] for limit in card.limits)
    assert card.files["model.safetensors"] in made["ReleaseInfo"]["ReleaseVersion"]
    useful = made["KeyMetrics"]["UsefulnessUsabilityEfficacy"]["Results"]
    assert useful == [{"Label": "auroc", "ValueJson": '{"value": 0.97, "low": 0.96, "high": 0.98, "n": 757}'}]


def test_nothing_is_made_up(card: Card) -> None:
    made = chai_card(card)
    assert made["BasicInfo"]["ModelDeveloper"] == NOT_STATED
    assert made["TrustIngredients"]["TransparencyInformation"]["FundingSource"] == NOT_STATED
    assert made["KeyMetrics"]["FairnessEquity"]["Results"] == [{"Label": NOT_STATED, "ValueJson": "null"}]
    assert made["KeyMetrics"]["FairnessEquity"]["TestType"] == NOT_STATED


def test_subgroups_are_of_fairness_and_calibration_of_safety(card: Card) -> None:
    figure = Metric(0.5, None, None, 10)
    rich = replace(
        card,
        metrics={**card.metrics, "ece": figure},
        report=Report(subgroups=(Subgroup("sex", "F", {"auroc": figure}),)),
    )
    made = chai_card(rich)["KeyMetrics"]
    assert made["FairnessEquity"]["Results"][0]["Label"] == "auroc, sex: F"
    assert [one["Label"] for one in made["SafetyReliability"]["Results"]] == ["ece"]
