"""A reader study in tables and plots: each figure with its interval and what is behind it, or that it is too little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import streamlit as st

from dashboard.components.facts import table
from dashboard.components.plot import FIRST, QUIET, SECOND, quiet_figure, show_figure
from engine import FEWEST_CASES, FEWEST_READERS, Estimate, RaterAgreement, ReaderStudy, mark, spoken, tr, trn

_ALONE, _WITH, _MODEL = mark("Reader alone"), mark("Reader with the model"), mark("Model alone")
_COLORS = {_ALONE: FIRST, _WITH: SECOND, _MODEL: QUIET}
_BETWEEN = 0.16  # of the distance of two figures on the axis
_BECAME = (
    (mark("stayed right"), "kept_right", "#2f6f9e"),
    (mark("switched to right"), "to_right", FIRST),
    (mark("switched to wrong"), "to_wrong", SECOND),
    (mark("stayed wrong"), "kept_wrong", "#8a5a2b"),
)


def reader_study_figures(study: ReaderStudy, *, key: str) -> None:
    """Show one endpoint's figures; what was not read or not answered is left out."""
    _counts(study)
    if any(one.alone.value is not None for one in study.comparisons):
        left, right = st.columns(2, gap="large")
        with left:
            _paired(study, key)
        with right:
            _switched(study, key)
        _compared(study)
    else:
        st.info(tr("No reading began without the model: there is no reader alone to compare with. Set “Read first”."))
    left, right = st.columns(2, gap="large")
    with left:
        _agreement(study.agreements, key)
    with right:
        _timed(study, key)
    if study.subgroups:
        _parts(study)


def in_words(figure: Estimate | None) -> str:
    """Write a figure with its interval, or why it has none.

    Examples
    --------
    >>> in_words(Estimate(0.812, 0.7, 0.9, 60, 3, 20)), in_words(Estimate(0.8, None, None, 4, 2, 2)), in_words(None)
    ('0.81 (0.70 to 0.90)', '0.80 (no interval)', '–')
    """
    if figure is None or figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return _minus(tr("{value:.2f} (no interval)", value=figure.value))
    return _minus(tr("{value:.2f} ({low:.2f} to {high:.2f})", value=figure.value, low=figure.low, high=figure.high))


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _counts(study: ReaderStudy) -> None:
    used = study.readings.used
    cases, readers = len({one.case_id for one in used}), len({one.reader for one in used})
    left = "; ".join(f"{count} {spoken(why)}" for why, count in study.readings.left_out.items())
    said = tr(
        "**{readings}** of {cases} ({positive} positive) by {readers}.",
        readings=trn("{n:,} reading", "{n:,} readings", len(used)),
        cases=trn("{n:,} case", "{n:,} cases", cases),
        positive=len({one.case_id for one in used if one.truth}),
        readers=trn("{n:,} reader", "{n:,} readers", readers),
    )
    st.markdown(said + (tr(" Left out: {left}.", left=left) if left else ""))


def _paired(study: ReaderStudy, key: str) -> None:
    figure = quiet_figure(tr("Do readers do better with the model?"), across="", up="", height=340)
    names = [one.name for one in study.comparisons]
    places = range(len(names))
    said: Mapping[str, Sequence[Estimate]] = {
        _ALONE: [one.alone for one in study.comparisons],
        _WITH: [one.final for one in study.comparisons],
        _MODEL: [study.model[name] for name in names],
    }
    for place, one in zip(places, study.comparisons, strict=True):
        if one.alone.value is not None and one.final.value is not None:
            figure.add_scatter(
                x=[place - _BETWEEN, place],
                y=[one.alone.value, one.final.value],
                mode="lines",
                line={"color": QUIET, "width": 1},
                hoverinfo="skip",
                showlegend=False,
            )
    for rank, (name, figures) in enumerate(said.items()):
        across = [place + (rank - 1) * _BETWEEN for place in places]
        figure.add_trace(_dots(name, across, figures))
    figure.update_xaxes(tickvals=list(places), ticktext=[_figure(name) for name in names])
    figure.update_yaxes(range=[-0.04, 1.06])
    show_figure(figure, key=f"{key}-paired")
    st.caption(tr("{over} Lines join the same readings before and after the answer.", over=_over(study)))


def _figure(name: str) -> str:
    """A figure's name as it begins a line."""
    said = spoken(name)
    return said.capitalize() if said.islower() else said


def _dots(name: str, across: Sequence[float], figures: Sequence[Estimate]) -> go.Scatter:
    """Points with their intervals; one without has none."""
    return go.Scatter(
        x=list(across),
        y=[one.value for one in figures],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [_arm(one.value, one.high) for one in figures],
            "arrayminus": [_arm(one.low, one.value) for one in figures],
            "width": 4,
        },
        name=tr(name),
        mode="markers",
        marker={"color": _COLORS[name], "size": 10},
        customdata=[f"{in_words(one)}, {one.behind}" for one in figures],
        hovertemplate="%{customdata}",
    )


def _arm(low: float | None, high: float | None) -> float:
    return 0.0 if low is None or high is None else max(high - low, 0.0)


def _over(study: ReaderStudy) -> str:
    """What the intervals speak of."""
    readers = len({one.reader for one in study.readings.used if one.alone is not None})
    if readers < FEWEST_READERS:
        said = trn(
            "Means over {n:,} reader; 95 % intervals are over cases alone and hold for these readers, for fewer than "
            "{fewest} took part.",
            "Means over {n:,} readers; 95 % intervals are over cases alone and hold for these readers, for fewer than "
            "{fewest} took part.",
            readers,
            fewest=FEWEST_READERS,
        )
    else:
        said = trn(
            "Means over {n:,} reader; 95 % intervals by a bootstrap over readers and cases, which errs on the wide "
            "side.",
            "Means over {n:,} readers; 95 % intervals by a bootstrap over readers and cases, which errs on the wide "
            "side.",
            readers,
        )
    none = tr("No interval below {fewest} cases, or where all resamples are alike.", fewest=FEWEST_CASES)
    return f"{said} {none}"


def _compared(study: ReaderStudy) -> None:
    rows = [
        (
            _figure(one.name),
            in_words(one.alone),
            in_words(one.final),
            in_words(one.gain),
            one.gain.behind,
            in_words(study.model[one.name]),
            in_words(study.model_first[one.name]),
        )
        for one in study.comparisons
    ]
    head = (
        tr("Figure"),
        tr(_ALONE),
        tr(_WITH),
        tr("Gain on the same readings"),
        tr("Behind it"),
        tr(_MODEL),
        tr("With the model, model first"),
    )
    table(head, rows, label=tr("Readers alone and with the model"))
    st.caption(
        tr(
            "AUROC orders calls by the reader's confidence, negative for a no. The last column is of other readings, "
            "in which the model spoke first; it is no fair comparison with the columns before it."
        )
    )


def _switched(study: ReaderStudy, key: str) -> None:
    figure = quiet_figure(tr("What became of the reader's own call?"), across="", up=tr("Readings"), height=340)
    names = [tr("Model right") if one.model_right else tr("Model wrong") for one in study.switches]
    for name, field, color in _BECAME:
        counts = [getattr(one, field) for one in study.switches]
        figure.add_bar(
            x=names,
            y=counts,
            name=tr(name),
            marker={"color": color},
            text=[count or "" for count in counts],
            textangle=0,
            textposition="inside",
            constraintext="none",
        )
    figure.update_layout(barmode="stack")
    show_figure(figure, key=f"{key}-switched")
    wrong = next(one for one in study.switches if not one.model_right)
    right = next(one for one in study.switches if one.model_right)
    st.caption(
        tr(
            "Over-reliance: {given_up} of {right} right calls were given up where the model was wrong. "
            "Advice not taken: {kept} of {wrong} wrong calls were kept where the model was right.",
            given_up=wrong.to_wrong,
            right=wrong.to_wrong + wrong.kept_right,
            kept=right.kept_wrong,
            wrong=right.kept_wrong + right.to_right,
        )
    )


def _agreement(agreements: Sequence[RaterAgreement], key: str) -> None:
    known = [one for one in agreements if one.alone is not None or one.final is not None]
    if not known:
        return
    figure = quiet_figure(
        tr("Do they agree beyond chance?"), across=tr("Kappa"), up="", height=max(300, 60 + 44 * len(known))
    )
    places = list(range(len(known)))
    for name, field, shift in ((_ALONE, "alone", 0.14), (_WITH, "final", -0.14)):
        figures = [getattr(one, field) for one in known]
        rows = [
            (place - shift, one) for place, one in zip(places, figures, strict=True) if one and one.value is not None
        ]
        figure.add_scatter(
            x=[one.value for _, one in rows],
            y=[place for place, _ in rows],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_arm(one.value, one.high) for _, one in rows],
                "arrayminus": [_arm(one.low, one.value) for _, one in rows],
                "width": 4,
            },
            name=tr(name),
            mode="markers",
            marker={"color": _COLORS[name], "size": 9},
            customdata=[tr("{figure}, {n} cases", figure=in_words(one), n=one.cases) for _, one in rows],
            hovertemplate="%{customdata}",
        )
    figure.update_yaxes(tickvals=places, ticktext=[one.named for one in known], range=[len(known) - 0.4, -0.6])
    figure.update_xaxes(range=[-1.06, 1.06])
    show_figure(figure, key=f"{key}-kappa")
    st.caption(
        tr("Cohen's kappa of two, Fleiss' of all readers; 95 % intervals over cases: they hold for these raters.")
    )


def _timed(study: ReaderStudy, key: str) -> None:
    if not study.times:
        return
    figure = quiet_figure(
        tr("How long does a case take?"), across="", up=tr("Seconds from opening to signing"), height=340
    )
    for one, color in zip(study.times, (FIRST, SECOND), strict=False):
        name = spoken(one.order).capitalize()
        figure.add_box(y=list(one.seconds), name=name, marker={"color": color}, boxpoints="outliers", showlegend=False)
    figure.update_yaxes(rangemode="tozero")
    show_figure(figure, key=f"{key}-times")
    said = [
        tr(
            "{order}: median {median:.0f} s (quartiles {first:.0f} to {third:.0f} s), n = {n}",
            order=spoken(one.order),
            median=one.quartiles[1],
            first=one.quartiles[0],
            third=one.quartiles[2],
            n=len(one.seconds),
        )
        for one in study.times
    ]
    words = "; ".join(said)
    st.caption(tr("{words}. Pauses count: the clock runs while the case is open.", words=words[:1].upper() + words[1:]))


def _parts(study: ReaderStudy) -> None:
    st.markdown(tr("**Right calls by subgroup**"))
    rows = [
        (
            f"{spoken(part.trait).capitalize()}: {spoken(part.value)}",
            in_words(part.correct.alone),
            in_words(part.correct.final),
            in_words(part.correct.gain),
            part.correct.gain.behind,
        )
        for part in study.subgroups
    ]
    table(
        (tr("Subgroup"), tr(_ALONE), tr(_WITH), tr("Gain"), tr("Behind it")), rows, label=tr("Right calls by subgroup")
    )
    st.caption(tr("A difference between subgroups was not tested: many are looked at, and some will differ by chance."))
