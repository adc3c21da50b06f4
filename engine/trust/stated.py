"""What an image file says of itself that puts it outside of a model's domain: ages, parts of the body, directions."""

from __future__ import annotations

import re

from engine.case import Image
from engine.models.card import DataFacts
from engine.words import mark, recorded

LATERAL = frozenset({"LL", "RL", "LATERAL"})  # View Position (0018,5101), PS3.3 C.8.7.1

_PARTS = """
ABDOMEN ABDOMENPELVIS ADRENAL ANKLE AORTA ARM AXILLA BACK BILEDUCT BLADDER BRAIN BREAST BRONCHUS BUTTOCK CALCANEUS
CALF CAROTID CEREBELLUM CHEST CHESTABDOMEN CHESTABDPELVIS CLAVICLE COCCYX COLON CSPINE CTSPINE DUODENUM EAR ELBOW
ESOPHAGUS EXTREMITY EYE FACE FEMUR FINGER FOOT FOREARM GALLBLADDER HAND HEAD HEART HIP HUMERUS IAC ILEUM ILIUM JAW
JEJUNUM KIDNEY KNEE LARYNX LEG LIVER LSPINE LSSPINE LUNG MANDIBLE MAXILLA MEDIASTINUM MOUTH NECK NOSE ORBIT OVARY
PANCREAS PAROTID PATELLA PELVIS PENIS PHARYNX PROSTATE RECTUM RIB SCAPULA SCROTUM SHOULDER SINUS SKULL SPINE SPLEEN
SSPINE STERNUM STOMACH TESTIS THIGH THUMB THYMUS THYROID TIBIA TLSPINE TMJ TOE TONGUE TRACHEA TSPINE URETER URETHRA
UTERUS VAGINA WRIST ZYGOMA
"""
PARTS = frozenset(_PARTS.split())
"""Words of Body Part Examined (0018,0015) that are known, most of them defined terms of PS3.16 Annex L."""

_AGE = re.compile(r"(\d{3})([DWMY])")  # an Age String, PS3.5 6.2
_IN_A_YEAR = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}
_AXES = {"L": "LR", "R": "LR", "A": "AP", "P": "AP", "H": "HF", "F": "HF"}
_FROM_THE_SIDE = mark("The file says that it is a view from the side.")


def stated_reasons(image: Image, facts: DataFacts) -> list[str]:
    """What the file itself says that puts it outside; what it leaves empty, or says in words of its own, is no reason.

    Parameters
    ----------
    facts : DataFacts
        Of the training set: its ages, parts of the body and directions, as far as they are known.
    """
    if image.view.upper() in LATERAL:
        return [recorded(_FROM_THE_SIDE)]
    reason = _part_reason(image, facts.parts) or _direction_reason(image, facts.orientation)
    return [reason] if reason else _age_reasons(image, facts.ages)


def _part_reason(image: Image, parts: tuple[str, ...]) -> str:
    """Why the part of the body that the file states is not the model's; empty where it is, and where none is known."""
    words = re.findall(r"[A-Z]+", image.tags.get("BodyPartExamined", "").upper())
    others = [word for word in words if word in PARTS]
    if not parts or not others or any(part in word for part in parts for word in words):
        return ""
    return recorded("The file says that it shows another part of the body: {part}.", part=others[0])


def _direction_reason(image: Image, usual: tuple[str, str] | None) -> str:
    """Why an image lies otherwise than the model's, as its file states it (Patient Orientation, PS3.3 C.7.6.1.1.1)."""
    if usual is None or image.orientation is None:
        return ""
    right, bottom = (letters[0] for letters in image.orientation)
    if (right, bottom) == usual:
        return ""
    axes = (_AXES[right], _AXES[bottom])
    if "LR" not in axes:
        return recorded(_FROM_THE_SIDE)
    if "HF" not in axes:
        return recorded("The file says that it is a slice across the body.")
    if axes[0] != "LR":
        return recorded("The file says that it lies turned on its side.")
    if bottom != usual[1]:
        return recorded("The file says that it lies upside down.")
    return recorded("The file says that it lies mirrored, left for right.")


def _age_reasons(image: Image, ages: tuple[float, float] | None) -> list[str]:
    """Whether the patient is of another age, in whole years, than those of the training set."""
    match = _AGE.search(image.tags.get("PatientAge", ""))
    if match is None or ages is None:
        return []
    years = int(match[1]) / _IN_A_YEAR[match[2]]
    if ages[0] <= years < ages[1] + 1:
        return []
    outside = mark(
        "The file says that the patient is outside the ages that the model knows, {youngest:g} to {oldest:g} years."
    )
    return [recorded(outside, youngest=ages[0], oldest=ages[1])]
