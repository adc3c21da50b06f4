"""Identifiers that belong to nobody, in the shapes in which they stand in notes: what a tagger learns from.

Names, places and firms come from Faker; how they are written down is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.deidentify import shapes
from engine.deidentify.identifiers import IdentifierKind

if TYPE_CHECKING:
    from faker import Faker


class Forge:
    """Makes identifiers, the same ones for the same generator.

    Parameters
    ----------
    generator : numpy.random.Generator
        All its chance.
    held : bool
        Write with the locales and shapes that training never sees.
    """

    def __init__(self, generator: np.random.Generator, *, held: bool = False) -> None:
        locales, weights = zip(*(shapes.HELD_LOCALES if held else shapes.TRAINING_LOCALES), strict=True)
        self._fakers = [_faker(locale) for locale in locales]
        self._shares = np.array(weights) / sum(weights)
        self._held = held
        self.generator = generator
        for faker in self._fakers:
            faker.seed_instance(int(generator.integers(2**31)))

    def one(self, *choices: str) -> str:
        """One of some texts."""
        return choices[int(self.generator.integers(len(choices)))]

    def chance(self, share: float) -> bool:
        """True with this probability."""
        return bool(self.generator.random() < share)

    def make(self, field: str) -> tuple[str, IdentifierKind | None]:
        """Write the text for a field of a template, and of which kind it is; None where it identifies nobody."""
        kind, write = FIELDS[field]
        return write(self), kind

    def faker(self) -> Faker:
        """One of the locales."""
        return self._fakers[int(self.generator.choice(len(self._fakers), p=self._shares))]

    def home(self) -> Faker:
        """The first locale, which most addresses follow."""
        return self._fakers[0]

    def first(self) -> str:
        """A given name."""
        if self.chance(0.12):
            return self.one(*(shapes.HELD_FIRSTS if self._held else shapes.FIRSTS))
        return str(self.faker().first_name())

    def last(self) -> str:
        """A family name, sometimes two."""
        if self.chance(0.12):
            return self.one(*(shapes.HELD_LASTS if self._held else shapes.LASTS))
        name = str(self.faker().last_name())
        return f"{name}-{self.faker().last_name()}" if self.chance(0.04) else name

    def name(self) -> str:
        """A whole name, as people write it."""
        faker = self.faker()
        first, last = (
            (self.first(), self.last()) if self.chance(0.3) else (str(faker.first_name()), str(faker.last_name()))
        )
        initial = self.one(*"ABCDEFGHJKLMNPRSTW")
        forms = [f"{first} {last}"] * 6 + [
            f"{first} {initial}. {last}", f"{first} {initial} {last}", f"{last}, {first}",
            f"{last}, {first} {initial}.",
            f"{first[0]}. {last}", f"{first[0]}.{initial}. {last}", f"{last.upper()}, {first.upper()}",
            f"{last.upper()} {first}", f"{first.upper()} {last.upper()}", f"{last}, {first[0]}.", f"{first[0]} {last}",
            f"{first} {faker.first_name()} {last}", f"{first} {last} Jr.", f"{last}^{first}",
            f"{first} {last}-{faker.last_name()}",
        ]  # fmt: skip
        return self.one(*forms)

    def initials(self) -> str:
        """Two or three letters."""
        letters = [self.one(*"ABCDEFGHJKLMNPRSTWZ") for _ in range(2 + self.chance(0.4))]
        return self.one("".join(letters), ".".join(letters) + ".", "".join(letters))

    def date(self) -> str:
        """A date in one of many shapes; at least its month or its day is said."""
        day = date(2026, 11, 1) - timedelta(
            days=int(self.generator.integers(1, 365 * (90 if self.chance(0.3) else 20)))
        )
        shape = self.one(*(shapes.HELD_DATES if self._held else shapes.DATES)).replace("%-dth", _ordinal(day.day))
        return day.strftime(shape)

    def full_date(self) -> str:
        """A date with its year, in figures or words."""
        while not (text := self.date())[-2:].isdigit() or len(text) < 6 or (text[0].isalpha() and text.count(" ") < 2):
            pass
        return text

    def month(self) -> str:
        """A month with or without its year."""
        day = date(2026, 11, 1) - timedelta(days=int(self.generator.integers(1, 365 * 20)))
        return day.strftime(self.one("%B", "%B %Y", "%B of %Y", "%b %Y"))

    def digits(self, *shapes: str) -> str:
        """Figures for ``#`` and capitals for ``?``."""
        text = self.one(*shapes)
        figures = (str(int(self.generator.integers(1 if place == 0 else 0, 10))) for place in range(len(text)))
        return "".join(
            figure if sign == "#" else self.one(*"ABCDEFGHJKLMNPRSTUVWXYZ") if sign == "?" else sign
            for sign, figure in zip(text, figures, strict=True)
        )

    def record(self) -> str:
        """A number of a record."""
        return self.digits(*(shapes.HELD_IDS if self._held else shapes.IDS))

    def accession(self) -> str:
        """A number of an examination or a specimen."""
        return self.digits(*(shapes.HELD_ACCESSIONS if self._held else shapes.ACCESSIONS))

    def phone(self) -> str:
        """A number to call."""
        return self.digits(*(shapes.HELD_PHONES if self._held else shapes.PHONES))

    def email(self) -> str:
        """An address to write to."""
        faker = self.faker()
        return str(faker.ascii_email() if self.chance(0.7) else faker.ascii_company_email())

    def url(self) -> str:
        """A page of the web."""
        faker = self.home()
        site = f"{faker.domain_word()}.{self.one('com', 'org', 'net', 'health', 'edu')}"
        return self.one(
            f"www.{site}",
            f"https://{site}/{faker.user_name()}",
            f"http://{site}/",
            f"{site}/patient/{self.digits('####')}",
        )

    def address(self) -> str:
        """Street, place and postcode in one line."""
        if self.chance(0.75):
            faker = self.home()
            flat = self.one(
                "",
                "",
                f", Apt {self.digits('#', '##', '#?')}",
                f", Suite {self.digits('###')}",
                f" #{self.digits('##')}",
            )
            place = f"{self.town()}, {faker.state_abbr()} {faker.postcode()}"
            return f"{self.street()}{flat}, {place}"
        return str(self.faker().address()).replace("\n", ", ")

    def street(self) -> str:
        """A street with its number."""
        faker = self.home() if self.chance(0.75) else self.faker()
        ways = "Street", "St.", "Ave", "Road", "Rd", "Lane", "Drive", "Blvd", "Court", "Way"
        ours = f"{self.digits('##', '###', '####')} {faker.last_name()} {self.one(*ways)}"
        return self.one(str(faker.street_address()), ours)

    def city(self) -> str:
        """A town."""
        faker = self.home() if self.chance(0.5) else self.faker()
        name = self.town()
        return f"{name}, {faker.state_abbr()}" if faker is self.home() and self.chance(0.3) else name

    def town(self) -> str:
        """A town, without its state."""
        if self.chance(0.4):
            return self.one(*(shapes.HELD_TOWNS if self._held else shapes.TOWNS))
        return str((self.home() if self.chance(0.5) else self.faker()).city())

    def hospital(self) -> str:
        """A hospital, practice or home."""
        shape = self.one(*(shapes.HELD_HOSPITALS if self._held else shapes.HOSPITALS))
        return shape.format(last=self.last(), other=self.last(), city=self.town(), saint=self.home().first_name())

    def firm(self) -> str:
        """An employer, a school or an insurer."""
        faker = self.home() if self.chance(0.7) else self.faker()
        if self._held:
            return self.one(
                str(faker.company()), f"{self.town()} Middle School", f"{self.last()} Mutual", f"{self.last()} College"
            )
        return self.one(
            str(faker.company()), str(faker.company()), f"{self.town()} High School", f"University of {self.town()}",
            f"{self.last()} Elementary School", f"{self.last()} Insurance", f"{self.last()} Pharmacy",
            f"{self.last()} Industries",
        )  # fmt: skip

    def figure(self, low: int, high: int) -> str:
        """A number in [low, high]."""
        return str(int(self.generator.integers(low, high + 1)))


def _ordinal(day: int) -> str:
    """A day of the month as people say it.

    >>> [_ordinal(day) for day in (1, 2, 3, 11, 21, 30)]
    ['1st', '2nd', '3rd', '11th', '21st', '30th']
    """
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _faker(locale: str) -> Faker:
    from faker import Faker

    return Faker(locale)


_Write = Callable[[Forge], str]
FIELDS: dict[str, tuple[IdentifierKind | None, _Write]] = {
    "name": (IdentifierKind.NAME, Forge.name),
    "last": (IdentifierKind.NAME, Forge.last),
    "first": (IdentifierKind.NAME, Forge.first),
    "initials": (IdentifierKind.NAME, Forge.initials),
    "date": (IdentifierKind.DATE, Forge.date),
    "full_date": (IdentifierKind.DATE, Forge.full_date),
    "month": (IdentifierKind.DATE, Forge.month),
    "address": (IdentifierKind.PLACE, Forge.address),
    "street": (IdentifierKind.PLACE, Forge.street),
    "city": (IdentifierKind.PLACE, Forge.city),
    "zip": (IdentifierKind.PLACE, lambda forge: str(forge.home().postcode())),
    "hospital": (IdentifierKind.ORGANISATION, Forge.hospital),
    "firm": (IdentifierKind.ORGANISATION, Forge.firm),
    "record": (IdentifierKind.ID, Forge.record),
    "accession": (IdentifierKind.ID, Forge.accession),
    "ssn": (IdentifierKind.ID, lambda forge: forge.digits("###-##-####", "###-##-####", "#########")),
    "serial": (IdentifierKind.ID, lambda forge: forge.digits(*shapes.SERIALS)),
    "phone": (IdentifierKind.CONTACT, Forge.phone),
    "email": (IdentifierKind.CONTACT, Forge.email),
    "url": (IdentifierKind.CONTACT, Forge.url),
    "ip": (IdentifierKind.CONTACT, lambda forge: str(forge.home().ipv4())),
    "old": (IdentifierKind.AGE, lambda forge: forge.figure(90, 108)),
    "age": (None, lambda forge: forge.figure(1, 89)),
    "year": (None, lambda forge: forge.figure(1960, 2025)),
    "eponym": (None, lambda forge: forge.one(*(shapes.HELD_EPONYMS if forge._held else shapes.EPONYMS))),
    "drug": (None, lambda forge: forge.one(*shapes.DRUGS)),
    "dose": (None, lambda forge: forge.one(*shapes.DOSES)),
    "pressure": (None, lambda forge: f"{forge.figure(85, 190)}/{forge.figure(45, 105)}"),
    "level": (None, lambda forge: forge.one("L4-L5", "C5-C6", "L5-S1", "T11-12", "C3 to C7")),
    "time": (None, lambda forge: forge.digits("1#:3# a.m.", "0#:4# PM", "1#:2#")),
    "few": (None, lambda forge: forge.figure(2, 12)),
    "relative": (None, lambda forge: forge.one(*shapes.RELATIVES)),
}  # fmt: skip
"""What a template may name: the kind of identifier (None: it identifies nobody) and how it is written."""
