"""What a draft says beside its findings: inventions, denials and omissions, by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drafts import Check, CheckKind
from engine.io.chest_findings import CHEST_FINDINGS, check, mentions

SOURCE = "Heart is enlarged. No pneumothorax. Small left pleural effusion with atelectasis."


def _said(draft: str, source: str = SOURCE) -> list[tuple[CheckKind, str]]:
    return [(one.kind, one.finding) for one in check(draft, source)]


def test_a_finding_that_is_denied_is_named_with_both_places() -> None:
    (found, *_) = check("Small pneumothorax.", SOURCE)
    assert found.kind is CheckKind.DENIED
    assert found.draft is not None
    assert found.source is not None
    assert "Small pneumothorax."[slice(*found.draft)] == "pneumothorax"
    assert SOURCE[slice(*found.source)] == "pneumothorax"


def test_a_finding_from_nowhere_is_named() -> None:
    assert (CheckKind.NOT_THERE, "fracture") in _said("Rib fracture.")


def test_a_draft_that_reassures_leaves_out_what_is_there() -> None:
    assert [name for kind, name in _said("No acute disease.") if kind is CheckKind.LEFT_OUT] == [
        "large heart",
        "pleural effusion",
        "atelectasis",
    ]


def test_a_draft_that_agrees_has_nothing_against_it() -> None:
    assert _said("Cardiomegaly. Left effusion and atelectasis. No pneumothorax.") == []


@pytest.mark.parametrize(
    ("text", "name", "stated"),
    [
        ("Heart size is normal.", "large heart", None),
        ("The cardiac silhouette is mildly enlarged.", "large heart", True),
        ("No focal consolidation, pleural effusion, or pneumothorax.", "pneumothorax", False),
        ("No effusion. There is an effusion on the left.", "pleural effusion", True),
        ("Possible pneumonia.", "pneumonia", True),
        ("Lungs are clear without infiltrate.", "airspace disease", False),
    ],
)
def test_sentences_state_or_deny(text: str, name: str, stated: bool | None) -> None:
    found = mentions(text).get(name)
    assert (found[0].stated if found else None) is stated


@pytest.mark.parametrize(
    ("draft", "source", "kind"),
    [
        ("Pneumonia.", "Possible pneumonia.", CheckKind.ONLY_POSSIBLE),
        ("Pneumonia.", "Pneumonia cannot be excluded.", CheckKind.ONLY_POSSIBLE),
        ("Possible pneumonia.", "Possible pneumonia.", None),
        ("Possible pneumonia.", "Pneumonia.", None),
        ("Pneumonia.", "The pneumonia has resolved.", CheckKind.RESOLVED),
        ("Pneumonia.", "Pneumonia is no longer seen.", CheckKind.RESOLVED),
        ("Pneumonia.", "The pneumonia has partially resolved.", None),
        ("Resolved pneumonia.", "The pneumonia has resolved.", None),
        ("Right pleural effusion.", "Left pleural effusion.", CheckKind.OTHER_SIDE),
        ("Bilateral effusions.", "Left pleural effusion.", CheckKind.OTHER_SIDE),
        ("Left effusion.", "Left and right pleural effusions.", None),
        ("Right atelectasis.", "Left effusion with atelectasis in the right base.", None),
        ("Left effusion.", "Pleural effusion, greater on the right.", None),
        ("Large left effusion.", "Small left pleural effusion.", CheckKind.OTHER_SIZE),
        ("Large left effusion.", "Small right and large left pleural effusion.", None),
        ("Small left effusion.", "Small left effusion. Large right effusion.", None),
        ("Large left effusion.", "Small left effusion. Large right effusion.", CheckKind.OTHER_SIZE),
        ("Mild cardiomegaly.", "The heart is enlarged.", None),
        ("Moderate cardiomegaly.", "The heart is mildly enlarged.", CheckKind.OTHER_SIZE),
    ],
)
def test_assertion_side_and_size_are_held_against_the_findings(draft: str, source: str, kind: CheckKind | None) -> None:
    found = [one.kind for one in check(draft, source) if one.kind is not CheckKind.LEFT_OUT]
    assert found == ([kind] if kind else [])


def test_names_are_single() -> None:
    names = [finding.name for finding in CHEST_FINDINGS]
    assert len(set(names)) == len(names)


@given(st.text(max_size=80), st.text(max_size=80))
def test_places_lie_inside_their_texts(draft: str, source: str) -> None:
    for one in check(draft, source):
        assert isinstance(one, Check)
        for place, text in ((one.draft, draft), (one.source, source)):
            assert place is None or 0 <= place[0] < place[1] <= len(text)
