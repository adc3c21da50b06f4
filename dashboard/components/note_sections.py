"""The sections of a note beside it, as bars: what each holds of the map that is shown, and how long it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine import Explanation, NoteSection, SectionShare, Span, TwoLabels, note_sections, section_shares, spoken, tr

_AXES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
_LEAST_SAID = 0.005  # a share that would read 0 %
_TELLING = 6  # words for either of two labels
_LEAST_LETTERS = 2  # of a word that is quoted
_HEADINGS = 3  # that are written beside a section's name


@dataclass(frozen=True)
class _Map:
    """One label's map, and what its shares are of."""

    spans: Sequence[Span]
    total: float | None = None


def sections_panel(
    text: str,
    explanation: Explanation,
    pair: TwoLabels | None,
    pieces_of: Callable[[int, int], tuple[int, int]],
) -> dict[str, Any] | None:
    """Describe the panel for the browser; None where a note has no two sections to compare.

    Parameters
    ----------
    pair : TwoLabels or None
        Two bars a section, and the words that tell the labels apart, instead of one.
    pieces_of : callable
        Characters [start, end) -> rank of the first piece that lies in them, and one past that of the last.
    """
    sections = note_sections(text)
    if len(sections) < 2 or not explanation.spans:
        return None
    maps = [_Map(pair.spans, pair.total), _Map(pair.other_spans, pair.total)] if pair else [_Map(explanation.spans)]
    shares = [section_shares(sections, one.spans, total=one.total) for one in maps]
    labels = [spoken(pair.label), spoken(pair.other)] if pair else [""]
    rows = []
    for section, held in zip(sections, zip(*shares, strict=True), strict=True):
        row = _row(section, held, labels, signed=explanation.signed)
        rows.append(row | {"pieces": pieces_of(section.start, section.end)})
    return {
        "rows": rows,
        "axis": _axis(shares),
        "signed": explanation.signed,
        "labels": labels,
        "telling": _telling(text, pair, pieces_of) if pair else [],
        "said": _about(pair),
        "hint": _hint(explanation, pair),
    }


def in_words(share: SectionShare, *, signed: bool) -> str:
    """Say what a section holds of a map.

    Examples
    --------
    >>> in_words(SectionShare(0.24, 0.03, 0.3), signed=True), in_words(SectionShare(0.24, 0.0, 0.3), signed=False)
    ('+24% −3%', '24%')
    """
    if not signed:
        return f"{share.speaks_for:.0%}"
    signs = [(share.speaks_for, "+"), (share.against, "−")]
    said = [f"{sign}{value:.0%}" for value, sign in signs if value >= _LEAST_SAID]
    return " ".join(said) or "0%"


def _row(section: NoteSection, held: Sequence[SectionShare], labels: Sequence[str], *, signed: bool) -> dict[str, Any]:
    first = held[0]
    name = spoken(section.kind) if section.headings else tr("before the first heading")
    unread = first.extent == 0
    length = (
        tr("{words} words, not read", words=section.words)
        if unread
        else tr("{share:.0%} of the words", share=first.extent)
    )
    if not unread and len(held) == 1:
        length += tr(", each {density:.1f} ×", density=first.density)
    bars = [
        {"pro": one.speaks_for, "con": one.against, "said": "–" if unread else in_words(one, signed=signed)}
        for one in held
    ]
    weights = tr(", ").join(f"{label} {bar['said']}".strip() for label, bar in zip(labels, bars, strict=True))
    return {
        "name": name[:1].upper() + name[1:],
        "headings": _headings(section.headings),
        "bars": bars,
        "extent": first.extent,
        "length": length,
        "said": tr("{section}: {weights}; {length}", section=name, weights=weights, length=length),
    }


def _headings(written: Sequence[str]) -> str:
    """The headings of a section as the note writes them, the first of them where there are many."""
    first = ", ".join(written[:_HEADINGS])
    return f"{first}, …" if len(written) > _HEADINGS else first


def _axis(shares: Sequence[Sequence[SectionShare]]) -> float:
    """Where the bars end: a round share that none goes beyond, the same for all bars and lengths."""
    longest = max(max(one.speaks_for, one.against, one.extent) for label in shares for one in label)
    return next((end for end in _AXES if end >= longest), 1.0)


def _about(pair: TwoLabels | None) -> str:
    if pair is None:
        return tr(
            "Share of the map's relevance in each section. Grey: its share of the words; ×: what they weigh beside an "
            "average word."
        )
    return tr(
        "Share of relevance in each section for both labels, of one whole: the map that has more. Grey: the section's "
        "share of the words."
    )


def _hint(explanation: Explanation, pair: TwoLabels | None) -> str:
    if pair is not None or explanation.label is None:
        return ""
    if explanation.rather_than is not None:
        return tr("This method takes too long to set two labels side by side: choose another one for that.")
    return tr("To set two labels side by side, choose one under “Rather than”.")


def _telling(text: str, pair: TwoLabels, pieces_of: Callable[[int, int], tuple[int, int]]) -> list[dict[str, Any]]:
    """The words for one label rather than the other, and the other way round, each word once."""
    found = []
    both = zip((pair.label, pair.other), (pair.other, pair.label), pair.telling(most=len(pair.spans)), strict=True)
    for label, other, ranks in both:
        words: dict[str, dict[str, Any]] = {}
        for rank in ranks:
            span, counterpart = pair.spans[rank], pair.other_spans[rank]
            word = text[span.start : span.end]
            if len(word) < _LEAST_LETTERS or not word.isalnum() or word.casefold() in words:
                continue
            said = tr("A {one:+.1f}, B {two:+.1f} × average word", one=span.relevance, two=counterpart.relevance)
            words[word.casefold()] = {"piece": pieces_of(span.start, span.end)[0], "text": word, "said": said}
            if len(words) == _TELLING:
                break
        title = tr("For {label} rather than {other}:", label=spoken(label), other=spoken(other))
        found.append({"title": title, "words": list(words.values())})
    return found
