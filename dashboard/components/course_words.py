"""A course in words: whom it is about, what stands out in it, and what was wrong with the record."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import streamlit as st

from dashboard.components.markup import literal, node, show
from engine import Course, CoursePattern, course_patterns, doubted_units, mark, spoken, tr, trn

_UNITS = {
    1: mark("coronary care"),
    2: mark("cardiac surgery recovery"),
    3: mark("medical intensive care"),
    4: mark("surgical intensive care"),
}
_GENDERS = {0: mark("female"), 1: mark("male")}


def about(course: Course) -> None:
    """Say in one line whom the course is about and how much there is of it."""
    show(node("div", about_line(course), class_="at-quiet"))


def about_line(course: Course) -> str:
    """Whom a course is about, as far as it is known, and how much was observed."""
    static = course.static
    facts = [
        tr("{age:.0f} years", age=static["Age"]) if "Age" in static else "",
        spoken(_GENDERS.get(int(static["Gender"]), "")) if "Gender" in static else "",
        f"{static['Height']:.0f} cm" if "Height" in static else "",
        f"{static['Weight']:.0f} kg" if "Weight" in static else "",
        spoken(_UNITS.get(int(static["ICUType"]), "")) if "ICUType" in static else "",
        tr("{n:,} values of {variables} variables", n=len(course.hours), variables=len(set(course.variables))),
    ]
    return " · ".join(fact for fact in facts if fact)


def patterns(course: Course, *, first: int = 8) -> None:
    """List what stands out in a course, by rules that anybody can check; beyond the first ones only on demand."""
    found = course_patterns(course)
    lines = [node("li", *_named(one)) for one in found]
    body = (
        node("ol", *lines[:first])
        if lines
        else node("div", tr("Nothing by the rules applied here."), class_="at-quiet")
    )
    title = node(
        "h4", tr("What stands out"), title=tr("By plain rules on the values and adult normal ranges; no model is asked")
    )
    show(node("section", title, body, class_="at-patterns"))
    if len(lines) > first:
        with st.expander(tr("{n} more", n=len(lines) - first)):
            show(node("section", node("ol", *lines[first:], start=str(first + 1)), class_="at-patterns"))


def _named(pattern: CoursePattern) -> tuple[Element | str, ...]:
    """The sentence of a pattern, its variable in bold where it begins with it."""
    words = spoken(pattern.words)
    name, _, rest = words.partition(" ")
    return (node("b", name), f" {rest}") if name == pattern.place.variable else (words,)


def record_notes(course: Course) -> None:
    """Show what was converted or left out while the course was read; a unit that may be wrong is not folded away."""
    if not course.warnings:
        return
    doubts = doubted_units(course.warnings)
    if doubts:
        st.warning("  \n".join(literal(spoken(doubt)) for doubt in doubts))
    words = trn(
        "The record: {n} note on what was left out or converted",
        "The record: {n} notes on what was left out or converted",
        len(course.warnings),
    )
    with st.expander(words):
        show(node("ul", *(node("li", spoken(warning)) for warning in course.warnings), class_="at-notes"))
