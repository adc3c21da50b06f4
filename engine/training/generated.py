"""Questions whose answers are known because the picture is labelled: modality, part, plane and finding.

They teach a model to look before the few real questions do (Ren, Kiros & Zemel, NeurIPS 2015: questions made from
labels), and they check that another picture under the same question gets another answer.
"""

from __future__ import annotations

from dataclasses import dataclass

MODALITIES = {"x-ray": "an x-ray", "ct": "a CT", "mri": "an MRI", "ultrasound": "an ultrasound"}
PARTS = {"chest": "the chest", "brain": "the brain", "abdomen": "the abdomen", "breast": "the breast"}
PLANES = ("axial", "coronal", "sagittal", "pa", "ap")


@dataclass(frozen=True)
class Facts:
    """What is known of a picture; empty where it is not.

    Parameters
    ----------
    modality, part, plane : str
        Of `MODALITIES`, `PARTS` and `PLANES`.
    finding : str
        The label of its data set.
    """

    modality: str = ""
    part: str = ""
    plane: str = ""
    finding: str = ""


@dataclass(frozen=True)
class Asked:
    """A question with its answer; `about` names the fact that it asks for."""

    question: str
    answer: str
    about: str


def questions_on(facts: Facts) -> list[Asked]:
    """All questions that the facts of a picture answer, in a fixed order."""
    return [*_on_modality(facts), *_on_part(facts), *_on_plane(facts), *_on_finding(facts)]


def _on_modality(facts: Facts) -> list[Asked]:
    found = facts.modality
    if not found:
        return []
    plain = (
        "What modality is this?",
        "What imaging modality was used?",
        "How was this image taken?",
        "What type of image is this?",
        "What kind of scan is this?",
    )
    asked = [(question, found) for question in plain]
    asked += [(f"Is this {name}?", _yes(found == other)) for other, name in MODALITIES.items()]
    asked += [(f"Is this image {name}?", _yes(found == other)) for other, name in MODALITIES.items()]
    asked += [
        (f"Is this {MODALITIES[one]} or {MODALITIES[other]}?", found)
        for one in MODALITIES
        for other in MODALITIES
        if one != other and found in (one, other)
    ]
    return [Asked(question, answer, "modality") for question, answer in asked]


def _on_part(facts: Facts) -> list[Asked]:
    found = facts.part
    if not found:
        return []
    plain = (
        "What part of the body is shown?",
        "What organ is shown?",
        "What body part is imaged?",
        "What is seen in this image?",
    )
    asked = [(question, found) for question in plain]
    asked += [(f"Is this {name}?", _yes(found == other)) for other, name in PARTS.items()]
    asked += [(f"Is this an image of {name}?", _yes(found == other)) for other, name in PARTS.items()]
    asked += [
        (f"Is this {start} {one} or {start} {other}?", found)
        for one in PARTS
        for other in PARTS
        for start in ("a", "the")
        if one != other and found in (one, other)
    ]
    if facts.modality:
        asked.append(("Is this a chest x-ray?", _yes(found == "chest" and facts.modality == "x-ray")))
        asked.append(("Is this a head CT?", _yes(found == "brain" and facts.modality == "ct")))
    return [Asked(question, answer, "part") for question, answer in asked]


def _on_plane(facts: Facts) -> list[Asked]:
    found = facts.plane
    if not found:
        return []
    plain = ("In what plane is this image taken?", "What plane is this?", "Which plane is the image in?")
    asked = [(question, found) for question in plain]
    asked += [(f"Is this {'a' if plane[0] != 'a' else 'an'} {plane} image?", _yes(found == plane)) for plane in PLANES]
    return [Asked(question, answer, "plane") for question, answer in asked]


def _on_finding(facts: Facts) -> list[Asked]:
    normal = facts.finding == "normal"
    if facts.part == "chest" and facts.finding:
        asked = [
            ("Is there pneumonia?", _yes(not normal)),
            ("Does this film show pneumonia?", _yes(not normal)),
            ("Is there an infiltrate?", _yes(not normal)),
            ("Is this film normal?", _yes(normal)),
            ("Are the lungs clear?", _yes(normal)),
        ]
        kind = facts.finding.removesuffix(" pneumonia")
        kinds = ("Is the pneumonia bacterial or viral?", "What kind of pneumonia is this?")
        asked += [] if normal else [(question, kind) for question in kinds]
    elif facts.part == "breast" and facts.finding:
        asked = [
            ("Is there a lesion?", _yes(not normal)),
            ("Is there a mass in the breast?", _yes(not normal)),
            ("Is the breast normal?", _yes(normal)),
            ("Is there a malignant mass?", _yes(facts.finding == "malignant")),
        ]
        kinds = ("Is the lesion benign or malignant?", "Is the mass benign or malignant?")
        asked += [] if normal else [(question, facts.finding) for question in kinds]
    else:
        return []
    return [Asked(question, answer, "finding") for question, answer in asked]


def _yes(so: bool) -> str:
    return "yes" if so else "no"
