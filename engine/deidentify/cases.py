"""Cases whose notes name nobody any more: their note is the replaced one, and nothing leads back to the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from engine.case import Case
from engine.deidentify.identifiers import Identifier
from engine.deidentify.surrogates import Surrogates
from engine.io.group import case_key
from engine.store.folder import data_folder, installation_secret


def surrogates_of(cases: Iterable[Case]) -> Surrogates:
    """Other words for the identifiers of cases that belong together: of one patient, or opened at one time.

    Raises
    ------
    StoreUnavailable
        If this installation's secret cannot be read or made.
    """
    together = list(cases)
    patients = {image.placement.patient for case in together for image in case.images} - {""}
    notes = sorted(case.note.digest for case in together if case.note is not None)
    scope = patients.pop() if len(patients) == 1 else " ".join(notes)
    return Surrogates(installation_secret(data_folder()), scope)


def with_names_replaced(case: Case, found: Iterable[Identifier], surrogates: Surrogates) -> Case:
    """The same case with other words for what was found in its note.

    Its key, its title and the digest of its note follow from the new words: those of the old ones would tell whoever
    guesses a name that it is right.

    Raises
    ------
    ValueError
        If the case has no note.
    """
    if case.note is None:
        raise ValueError("the case has no note")
    text = surrogates.replace(case.note.text, found)
    note = replace(case.note, text=text, digest=hashlib.sha256(text.encode()).hexdigest(), name="")
    title = case.title if case.images else "Note"
    return replace(case, case_id=case_key(case.images, note), title=title, note=note)
