"""Compile the catalogues for `make words` (Babel, whose own command takes a per cent sign for a format and fails)."""

from __future__ import annotations

from pathlib import Path

from babel.messages import mofile, pofile

LOCALES = Path("engine/locales")


def compile_words(folder: Path = LOCALES) -> None:
    """Write a `.mo` beside every `.po`."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as words, source.with_suffix(".mo").open("wb") as compiled:
            mofile.write_mo(compiled, pofile.read_po(words, locale=source.parts[-3]))


if __name__ == "__main__":
    compile_words()
