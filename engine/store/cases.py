"""Cases that are kept: their place in the worklist, and their content in the files beside the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.case import Case
from engine.errors import NotKept, StoreUnavailable
from engine.io.pseudonyms import Pseudonyms
from engine.store.blobs import Blobs
from engine.store.chain import Action, append
from engine.store.database import Database
from engine.store.records import pack_case, unpack_case
from engine.store.schema import CaseRow
from engine.store.worklist import Line, Page, Query, read_line, read_order, read_page
from engine.words import tr


class Cases:
    """The kept cases.

    Parameters
    ----------
    secret : bytes
        Under which patients, studies and series are hashed, so that a key tells nothing outside this installation.
    """

    def __init__(self, database: Database, blobs: Blobs, secret: bytes) -> None:
        self._database = database
        self._blobs = blobs
        self._pseudonyms = Pseudonyms(secret)
        self._sweep()

    def add(
        self,
        case: Case,
        line: Line,
        *,
        actor: str,
        names: str | None = None,
        pixels: Mapping[str, str | int] | None = None,
    ) -> bool:
        """Keep a case for good; False where it was kept before: then neither it nor the chain of events changes.

        Parameters
        ----------
        line : Line
            What the worklist shows of it; its title must name nobody.
        names : str or None
            What became of the names in its note, for the chain of events; None where nothing was asked.
        pixels : mapping or None
            What was decided about text that is burned into its pixels, for the chain; None where nothing was asked.

        Raises
        ------
        StoreUnavailable
            If the disk or the database refuses: then nothing is kept.
        """
        with self._database.reading() as session:
            if session.get(CaseRow, case.case_id):
                return False
        case = self.known_here(case)
        content = pack_case(replace(case, title=line.title))
        blob = self._blobs.put(content)
        with self._database.writing() as session:
            if session.get(CaseRow, case.case_id):
                return False
            if not self._blobs.has(blob):  # somebody who took the same case away was faster
                self._blobs.put(content)
            session.add(_row(line, blob=blob, patient=_patient(case)))
            said = {} if names is None else {"names": names}
            append(session, actor, Action.CASE_ADDED, case.case_id, kind=line.kind, blob=blob, **said)
            if pixels is not None:
                append(session, actor, Action.PIXELS_CHECKED, case.case_id, **pixels)
        return True

    def add_samples(self, lines: Iterable[Line]) -> None:
        """Put samples on the worklist whose content ships with the package; those that are there stay as they are."""
        offered = list(lines)
        with self._database.reading() as session:
            there = set(session.scalars(select(CaseRow.case_id).where(CaseRow.synthetic)))
        if there.issuperset(line.case_id for line in offered):
            return
        with self._database.writing() as session:
            for line in reversed(offered):  # the first is the newest, and stands on top
                if not session.get(CaseRow, line.case_id):
                    session.add(_row(line, blob=None, patient=None))

    def read(self, case_id: str) -> Case:
        """Read a kept case back.

        Raises
        ------
        NotKept
            If its content is not kept here: of samples the package keeps it.
        StoreDamaged
            If its file cannot be read.
        """
        with self._database.reading() as session:
            row = session.get(CaseRow, case_id)
            blob = row.blob if row else None
        if blob is None:
            raise NotKept(tr("This case is not in the store."), tr("It may have been removed: open its files again."))
        return self.known_here(unpack_case(self._blobs.get(blob)))

    def known_here(self, case: Case) -> Case:
        """The case under the keys of patient, study and series that this installation gives, kept or not."""
        return self._pseudonyms.case(case)

    def page(self, query: Query) -> Page:
        """Read one page of the worklist, as one reader sees it."""
        with self._database.reading() as session:
            return read_page(session, query)

    def order(self, query: Query) -> tuple[str, ...]:
        """Read the ids of all cases of a query in their order, whatever its page."""
        with self._database.reading() as session:
            return read_order(session, query)

    def line(self, case_id: str, reader: str = "") -> Line | None:
        """Read one line of the worklist; None where there is none."""
        with self._database.reading() as session:
            return read_line(session, case_id, reader)

    def next_waiting(self) -> str | None:
        """Find the case that has waited longest for the models; None where none waits."""
        oldest = select(CaseRow.case_id).where(CaseRow.waiting).order_by(CaseRow.added_at, CaseRow.case_id).limit(1)
        with self._database.reading() as session:
            return session.scalar(oldest)

    def waiting(self) -> int:
        """Count the cases that wait for the models."""
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(CaseRow).where(CaseRow.waiting)) or 0

    def asked(self, case_id: str, tasks: Iterable[str]) -> None:
        """Say that the models were asked about a case, and which of them answer for it."""
        with self._database.writing() as session:
            row = session.get(CaseRow, case_id)
            if row is not None:
                row.waiting, row.tasks = False, " ".join(tasks)

    def remove(self, case_id: str, *, actor: str) -> None:
        """Take a case away with its file, answers and reviews; the chain keeps that it was there, and stays whole.

        Raises
        ------
        NotKept
            If it is not kept here.
        StoreUnavailable
            If the disk refuses; where the case is removed but not all of its content, the words say so.
        """
        with self._database.writing() as session:
            gone = self._take(session, [case_id], actor)
        self._forget(gone)

    def remove_patient_of(self, case_id: str, *, actor: str) -> int:
        """Take every case away that is of the same patient as this one; return how many they were.

        Raises
        ------
        NotKept
            If the case is not kept here.
        """
        with self._database.writing() as session:
            patient = session.scalar(select(CaseRow.patient).where(CaseRow.case_id == case_id))
            same = session.scalars(select(CaseRow.case_id).where(CaseRow.patient == patient)).all() if patient else []
            cases = list(same) or [case_id]
            gone = self._take(session, cases, actor)
        self._forget(gone)
        return len(cases)

    def same_patient(self, case_id: str) -> tuple[str, ...]:
        """Read the ids of the other cases of the same patient, oldest first; none where the patient is not known."""
        with self._database.reading() as session:
            patient = session.scalar(select(CaseRow.patient).where(CaseRow.case_id == case_id))
            if patient is None:
                return ()
            others = select(CaseRow.case_id).where(CaseRow.patient == patient, CaseRow.case_id != case_id)
            return tuple(session.scalars(others.order_by(CaseRow.added_at, CaseRow.case_id)))

    def older_than(self, moment: datetime) -> tuple[str, ...]:
        """Read the ids of the cases that were added before a moment, oldest first; samples are not among them."""
        with self._database.reading() as session:
            return _older(session, moment)

    def retire(self, moment: datetime, *, actor: str, kept_days: int) -> int:
        """Take every case away that was added before a moment, all or none; return how many they were.

        Parameters
        ----------
        kept_days : int
            The retention period, which the chain gives as the reason.
        """
        if not self.older_than(moment):
            return 0
        with self._database.writing() as session:
            cases = _older(session, moment)
            gone = self._take(session, cases, actor, kept_days=kept_days)
        self._forget(gone)
        return len(cases)

    def _take(self, session: Session, cases: Sequence[str], actor: str, **why: int) -> list[str]:
        """Delete rows, and with them by their foreign keys answers and reviews; return the files to take away."""
        blobs: list[str] = []
        for case_id in cases:
            row = session.get(CaseRow, case_id)
            if row is None:
                raise NotKept(tr("This case is not in the store."), tr("It may have been removed already."))
            blobs += [row.blob] if row.blob else []
            session.execute(delete(CaseRow).where(CaseRow.case_id == case_id))
            append(session, actor, Action.CASE_REMOVED, case_id, **why)
        return blobs

    def _forget(self, blobs: Iterable[str]) -> None:
        """Take files away that nothing refers to any more, and what the database still remembers of their cases."""
        try:
            with self._database.writing() as session:  # nobody adds the same case meanwhile
                for blob in blobs:
                    if session.scalar(select(CaseRow.case_id).where(CaseRow.blob == blob)) is None:
                        self._blobs.remove(blob)
            self._database.forget()
        except StoreUnavailable as error:
            raise StoreUnavailable(
                tr("It is removed, but parts of it are still on the disk. {fault}", fault=error.happened),
                tr("Mend that and start Attending again, an hour later or more: it then takes them away."),
            ) from error

    def _sweep(self) -> None:
        """Take files away that no case refers to: a process was killed between the file and its line."""
        with self._database.writing() as session:  # nobody begins to refer to one meanwhile
            self._blobs.sweep(frozenset(session.scalars(select(CaseRow.blob).where(CaseRow.blob.is_not(None)))))


def _patient(case: Case) -> str | None:
    patients = {image.placement.patient for image in case.images} - {""}
    return patients.pop() if len(patients) == 1 else None


def _older(session: Session, moment: datetime) -> tuple[str, ...]:
    older = select(CaseRow.case_id).where(CaseRow.added_at < moment, CaseRow.synthetic.is_(False))
    return tuple(session.scalars(older.order_by(CaseRow.added_at, CaseRow.case_id)))


def _row(line: Line, *, blob: str | None, patient: str | None) -> CaseRow:
    return CaseRow(
        case_id=line.case_id,
        title=line.title,
        kind=line.kind,
        modality=line.modality,
        tasks=" ".join(line.tasks),
        headline=line.headline,
        priority=line.priority,
        patient=patient,
        blob=blob,
        synthetic=line.synthetic,
        added_at=datetime.now(UTC),
    )
