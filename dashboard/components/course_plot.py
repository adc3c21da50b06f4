"""A course in intensive care as small multiples over one axis of hours: values, normal ranges, risk, and the map.

Small multiples: Tufte, Envisioning Information, 1990; graphical summaries of patient status: Powsner & Tufte, Lancet
344, 1994. Names and numbers travel as data and are drawn with `textContent` only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from dashboard.components.note_map import palette, title
from dashboard.components.scripts import script, words_of
from dashboard.uninterrupted import uninterrupted
from engine import COURSE_HOURS, COURSE_VARIABLES, Course, Explanation, Period, Trajectory, spoken, tr

_HERE = Path(__file__).parent


def course_plot(
    course: Course,
    explanation: Explanation | None,
    *,
    key: str,
    height: int,
    risk: Trajectory | None = None,
    whole: Trajectory | None = None,
    muted: Sequence[Period] = (),
    marked: Sequence[Period] = (),
    on_mute: Callable[[Period], None] | None = None,
) -> None:
    """Show a course and, when the reader asks for it, the map on its values.

    Parameters
    ----------
    explanation : Explanation or None
        `observed` has one value for each observation, in multiples of an average one; None shows the plain course.
    height : int
        Height on the screen in CSS pixels; more rows scroll.
    risk : Trajectory or None
        Drawn above the values, over the same hours.
    whole : Trajectory or None
        The risk before anything was muted, drawn dashed beside the other, at the same hours.
    muted, marked : sequence of Period
        What the reader has taken away, and the part that an answer rests on.
    on_mute : callable, optional
        Called with the hour of a variable, the whole variable, or the hour of all variables that the reader mutes,
        before the page runs again.
    """
    data = {
        "rows": rows(course, explanation, muted=muted, marked=marked),
        "span": span(course, risk),
        "risk": asdict(replace(risk, label=spoken(risk.label))) if risk else None,
        "whole": whole.probability if whole else None,
        "map": _legend(explanation) if explanation else None,
        "height": height,
        "canMute": on_mute is not None,
        "words": words_of("course_plot.js"),
    }
    _component()(key=key, data=data, on_muted_change=uninterrupted(lambda: _tell(key, course, on_mute)))


def _tell(key: str, course: Course, on_mute: Callable[[Period], None] | None) -> None:
    """Hand on what was muted; a click on a course that was there before is dropped."""
    match (st.session_state.get(key) or {}).get("muted"):
        case {"value": int(value), "whole": bool(whole)} if 0 <= value < len(course.hours):
            place = period_of(course, value, whole=whole)
        case {"hour": int(hour)} if 0 < hour <= COURSE_HOURS:
            place = hour_before(hour)
        case _:
            return
    if on_mute is not None:
        on_mute(place)


def period_of(course: Course, value: int, *, whole: bool) -> Period:
    """Return the hour of a variable in which a value lies, which is what models read as one, or all its hours.

    The last hour that models read holds a value at its very end too.
    """
    variable, hour = course.variables[value], float(course.hours[value])
    if whole:
        return Period(0.0, math.inf, variable)
    return replace(hour_before(COURSE_HOURS if hour == COURSE_HOURS else math.floor(hour) + 1), variable=variable)


def hour_before(hour: int) -> Period:
    """Return the hour of all variables that ends at one of the risk's hours; the last holds its very end too."""
    return Period(float(hour - 1), math.nextafter(hour, math.inf) if hour == COURSE_HOURS else float(hour))


def rows(
    course: Course, explanation: Explanation | None, *, muted: Sequence[Period] = (), marked: Sequence[Period] = ()
) -> list[dict[str, Any]]:
    """Sort a course into rows as the browser draws them, those that occur, in the order of a chart.

    Returns
    -------
    list of dict
        Each with the variable's name, unit and ranges; ``values`` holds for every observation its rank in the course,
        hour, value, relevance (or None), and whether it is muted and marked.
    """
    struck, ringed = held(course, muted), held(course, marked)
    relevance = _relevance(course, explanation)
    found: dict[str, list[tuple[int, float, float, float | None, bool, bool]]] = {}
    values = zip(course.hours.tolist(), course.variables, course.values.tolist(), strict=True)
    for rank, (hour, name, value) in enumerate(values):
        found.setdefault(name, []).append((rank, hour, value, relevance[rank], bool(struck[rank]), bool(ringed[rank])))
    return [
        {
            "name": name,
            "title": spoken(variable.title),
            "unit": variable.unit,
            "digits": variable.decimals,
            "normal": variable.normal,
            "flag": variable.possible == (0, 1) and not variable.unit,
            "values": found[name],
        }
        for name, variable in COURSE_VARIABLES.items()
        if name in found
    ]


def held(course: Course, places: Sequence[Period]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which observations lie in some periods, ``(N,)``."""
    names = np.asarray(course.variables)
    inside = np.zeros(len(course.hours), np.bool_)
    for place in places:
        when = (course.hours >= place.start) & (course.hours < place.end)
        inside |= when if place.variable is None else when & (names == place.variable)
    return inside


def span(course: Course, risk: Trajectory | None) -> float:
    """Hours of the axis: whole ones, and at least one."""
    last = max([*course.hours[-1:].tolist(), *(risk.hours[-1:] if risk else ()), 1])
    return float(math.ceil(last))


def _relevance(course: Course, explanation: Explanation | None) -> list[float | None]:
    if explanation is None or explanation.observed is None:
        return [None] * len(course.hours)
    return [float(value) if math.isfinite(value) else None for value in explanation.observed]


def _legend(explanation: Explanation) -> dict[str, Any]:
    return {
        "scale": explanation.scale,
        "signed": explanation.signed,
        "colors": palette(signed=explanation.signed),
        "title": title(explanation),
        "unit": tr("× average value"),
    }


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_course_plot",
        html='<div class="course-plot"></div>',
        css=(_HERE / "course_plot.css").read_text("utf-8"),
        js=script("course_plot.js"),
    )
