"""Other words for identifiers: the same ones for the same words within one scope, drawn by a key and kept nowhere.

A scope is a patient, or the notes that were opened together. Within it one name stays one name, one number stays one
number, and all dates move by one number of days, so that the time between them stays ("hiding in plain sight": Carrell
et al., J Am Med Inform Assoc 20, 2013). The key is derived from the installation's secret (HMAC, RFC 2104).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from faker import Faker
from faker.providers.person.en_US import Provider
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

from engine.deidentify.dates import shifted
from engine.deidentify.identifiers import Identifier, IdentifierKind

_WORD = re.compile(r"[^\W\d_]+")
_MOST_DAYS, _FEWEST_DAYS = 364, 30


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEPT = _words("""
    and of the at in for de la le van von der den el al bin jr sr ii iii md do rn np pa phd dr mr mrs ms st saint
    our lady mount
""")
_HOUSES = _words("""
    hospital medical center centre clinic clinics general memorial regional community university college school high
    middle elementary institute infirmary hospice nursing home health system children children's women's family
    practice associates group care urgent heart cancer eye surgical diagnostic imaging pediatrics orthopedic
    rehabilitation foundation house va district department insurance mutual pharmacy industries inc llc ltd plc
    company s
""")
_WAYS = _words("""
    street st avenue ave road rd lane ln drive dr boulevard blvd court ct terrace highway hwy parkway pkwy square
    way apt apartment suite unit box p o po north south east west n s e w
""")
_STATES = _words("""
    AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK
    OR PA RI SC SD TN TX UT VA VT WA WI WV WY
""")


class Surrogates:
    """Makes other words for identifiers.

    Parameters
    ----------
    secret : bytes
        Of this installation.
    scope : str
        Whose notes they are; other words and another shift of dates come out for another scope.
    """

    def __init__(self, secret: bytes, scope: str) -> None:
        self._key = hmac.new(secret, f"surrogates of {scope}".encode(), hashlib.sha256).digest()
        self._taken: dict[str, str] = {}
        drawn = self._number("days", "", 2 * (_MOST_DAYS - _FEWEST_DAYS + 1))
        days = drawn // 2 + _FEWEST_DAYS
        self._days = days if drawn % 2 else -days

    def replace(self, text: str, found: Iterable[Identifier]) -> str:
        """Put other words in the place of identifiers that do not overlap; all else stays as it is."""
        places = [RecognizerResult(one.kind.name, one.start, one.end, 1.0) for one in found]
        operators = {
            kind.name: OperatorConfig("custom", {"lambda": lambda words, kind=kind: self.instead_of(words, kind)})
            for kind in IdentifierKind
        }
        engine = AnonymizerEngine()  # type: ignore[no-untyped-call]
        return str(engine.anonymize(text, places, operators).text)

    def instead_of(self, words: str, kind: IdentifierKind) -> str:
        """The other words for one identifier, in its own shape."""
        match kind:
            case IdentifierKind.NAME:
                return _WORD.sub(lambda word: self._name(word[0]), self._figures(words))
            case IdentifierKind.DATE:
                return shifted(words, self._days)
            case IdentifierKind.PLACE:
                return ",".join(self._place(part) for part in words.split(","))
            case IdentifierKind.ORGANISATION:
                return self._house(words)
            case IdentifierKind.ID:
                return self._shaped(words)
            case IdentifierKind.CONTACT:
                return self._contact(words)
            case IdentifierKind.AGE:
                return re.sub(r"\d+", "over 89", words) if re.search(r"\d", words) else "over 89"

    def _name(self, word: str) -> str:
        """One word of a name; a single letter becomes the letter with which names of that letter begin."""
        plain = word.casefold()
        if plain in _KEPT:
            return word
        letter = self._letter(plain[0])
        if len(word) == 1:
            return _cased(letter, word)
        return _cased(self._drawn(plain, _pool(plain, letter)), word)

    def _drawn(self, plain: str, names: Sequence[str]) -> str:
        """A name out of some; another one for each word as long as there are enough."""
        first = self._number("name", plain, len(names))
        for step in range(len(names)):
            name = names[(first + step) % len(names)]
            if name.casefold() != plain and self._taken.setdefault(name, plain) == plain:
                return name
        return names[first]

    def _letter(self, letter: str) -> str:
        letters = sorted(_names()["last"])
        return letters[self._number("letter", letter, len(letters))]

    def _place(self, part: str) -> str:
        """A part of an address between commas: figures and the names of streets change, or the name of a town."""
        if re.search(r"\d", part):
            return _WORD.sub(lambda word: self._of_street(word[0]), self._figures(part))
        words = part.strip()
        if not words or words.upper() in _STATES:
            return part
        return part.replace(words, _cased(self._town(words), words))

    def _of_street(self, word: str) -> str:
        return word if word.casefold() in _WAYS or word.upper() in _STATES or len(word) == 1 else self._name(word)

    def _town(self, words: str) -> str:
        faker = Faker("en_US")
        faker.seed_instance(self._number("town", words.casefold(), 2**31))
        return str(faker.city())

    def _house(self, words: str) -> str:
        """An organisation: what it is stays, what it is called changes."""
        changed = _WORD.sub(
            lambda word: word[0] if word[0].casefold() in _HOUSES else self._name(word[0]), self._figures(words)
        )
        return changed if changed != words else f"{self._name('Northern')} {words}"

    def _contact(self, words: str) -> str:
        if "@" in words:
            name = self._name(_WORD.search(words)[0] if _WORD.search(words) else "someone")  # type: ignore[index]
            return f"{name.lower()}{self._number('mail', words.casefold(), 90) + 10}@example.org"
        if re.match(r"(?i)https?:|www\.", words) or re.search(r"[a-z]{2}", words.casefold().replace("ext", "")):
            return f"www.example.org/{self._number('page', words.casefold(), 10**6):06d}"
        if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", words):
            return f"192.0.2.{self._number('address', words, 254) + 1}"  # for documentation: RFC 5737
        return self._called(words)

    def _called(self, words: str) -> str:
        """A telephone number: in North America one that is nobody's (555-0100 to 0199), elsewhere other figures."""
        plain = "".join(sign for sign in words if sign.isdecimal())
        changed = self._shaped(plain)
        if (len(plain) >= 10 and not words.startswith("+")) or words.startswith("+1"):
            first = plain.startswith("1")
            changed = plain[:first] + changed[first : first + 3] + "55501" + changed[first + 8 :]
        signs = iter(changed)
        return "".join(next(signs) if sign.isdecimal() else sign for sign in words)

    def _shaped(self, words: str) -> str:
        """Other figures and letters, each of its kind; what separates them does not count."""
        plain = "".join(sign for sign in words.casefold() if sign.isalnum())
        signs = iter(self._stream(plain))
        return "".join(_like(sign, next(signs)) if sign.isalnum() else sign for sign in words)

    def _figures(self, words: str) -> str:
        return re.sub(r"\d+", lambda match: self._shaped(match[0]), words)

    def _stream(self, plain: str) -> bytes:
        """Enough chance for each sign of a text."""
        blocks = (self._digest("signs", f"{block}:{plain}") for block in range(len(plain) // 32 + 2))
        return b"".join(blocks)

    def _number(self, use: str, words: str, count: int) -> int:
        """A number in [0, count)."""
        return int.from_bytes(self._digest(use, words)[:8], "big") % count

    def _digest(self, use: str, words: str) -> bytes:
        return hmac.new(self._key, f"{use}\0{words}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _like(sign: str, chance: int) -> str:
    """Another figure for a figure, another letter for a letter; what is not 0 does not become 0."""
    if sign.isdecimal():
        return str((int(sign) + 1 + chance % 9) % 10) if sign == "0" else str(1 + (int(sign) - 1 + 1 + chance % 8) % 9)
    letter = chr(ord("A") + chance % 26)
    return letter if sign.isupper() else letter.lower()


def _cased(name: str, like: str) -> str:
    """A name in the case of another word."""
    if like.isupper() and (len(like) > 1 or len(name) == 1):
        return name.upper()
    return name.lower() if like.islower() else name


@cache
def _names() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Names of Faker by their use and first letter, for letters that have enough of them."""
    lists = {"last": Provider.last_names, "female": Provider.first_names_female, "male": Provider.first_names_male}
    letters = list("ABCDEFGHJKLMNPRSTW")
    return {
        use: {
            letter: tuple(sorted({name for name in names if name.startswith(letter) and name.isalpha()}))
            for letter in letters
        }
        for use, names in lists.items()
    }


@cache
def _uses() -> Mapping[str, str]:
    """Of which use a word is, as far as Faker knows: names of both sexes count as family names do."""
    female, male = (
        {name.casefold() for name in names} for names in (Provider.first_names_female, Provider.first_names_male)
    )
    last = {name.casefold() for name in Provider.last_names}
    return dict.fromkeys(female - male - last, "female") | dict.fromkeys(male - female - last, "male")


def _pool(plain: str, letter: str) -> tuple[str, ...]:
    """The names from which one is drawn for a word."""
    return _names()[_uses().get(plain, "last")][letter]
