"""Where a model's answers hold and where they fail, and what the choices in its making were worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import plotly.graph_objects as go
import streamlit as st

from dashboard.components.facts import table
from dashboard.components.figure_names import figure_in_words
from dashboard.components.plot import FIRST, QUIET, SECOND, ink, line_with_band, quiet_figure, show_figure
from engine import FEWEST_CASES, Card, Metric, spoken, tr

_SCALE = ((0.0, "rgba(47,111,158,0)"), (1.0, "rgba(47,111,158,0.75)"))


def in_words(figure: Metric) -> str:
    """Write a figure with its interval, or that it has none.

    Examples
    --------
    >>> in_words(Metric(0.9, 0.8512, 0.95, 40)), in_words(Metric(1.0, None, None, 2))
    ('0.900 (0.851 to 0.950)', '1.000 (no interval)')
    """
    if figure.low is None or figure.high is None:
        return tr("{value:.3f} (no interval)", value=figure.value)
    return tr("{value:.3f} ({low:.3f} to {high:.3f})", value=figure.value, low=figure.low, high=figure.high)


def why_no_interval(figures: Iterable[Metric]) -> None:
    """Say when a figure has no interval, where one of these has none."""
    if any(figure.low is None for figure in figures):
        st.caption(
            tr(
                "No interval: fewer than {fewest} cases with the label or without it, or a sample without a single "
                "exception, which cannot tell how rare exceptions are.",
                fewest=FEWEST_CASES,
            )
        )


def report(card: Card, positive: Sequence[str], *, key: str) -> None:
    """Show all that the card reports; what was not measured is left out."""
    found = card.report
    left, right = st.columns(2, gap="large")
    if found.reliability:
        with left:
            _reliability(card, key)
    if found.decisions:
        with right:
            _decisions(card, positive, key)
    if found.confusion:
        with left:
            _confusion(card, key)
    if found.subgroups:
        with right:
            _subgroups(card)
    if card.ablations:
        _ablations(card, key)
    if found.mistakes:
        _mistakes(card)


def _reliability(card: Card, key: str) -> None:
    figure = quiet_figure(
        tr("Do its probabilities come true?"), across=tr("What it said"), up=tr("How often it was so")
    )
    figure.add_scatter(
        x=[0, 1], y=[0, 1], name=tr("If they always did"), line={"color": QUIET, "dash": "dot"}, mode="lines"
    )
    rows = card.report.reliability
    found = [row.found for row in rows]
    ends = [(one.low, one.high) for one in found]
    line_with_band(figure, tr("This model"), [row.said for row in rows], [one.value for one in found], ends, FIRST)
    figure.update_traces(customdata=[one.n for one in found], selector={"name": tr("This model")})
    figure.update_traces(hovertemplate=tr("said %{x:.2f}, came true %{y:.2f}, n = %{customdata}"))
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 1])
    show_figure(figure, key=f"{key}-reliability")
    total = sum(one.n for one in found)
    st.caption(
        tr(
            "Below the dotted line it is too sure. {total:,} answers in bins of 0.1; bands are 95 % intervals.",
            total=total,
        )
    )


def _decisions(card: Card, positive: Sequence[str], key: str) -> None:
    figure = quiet_figure(
        tr("Does acting on it help?"), across=tr("Act from this probability on"), up=tr("Net benefit a case")
    )
    rows = card.report.decisions
    across = [row.threshold for row in rows]
    for name, figures, color in (
        (tr("Act on the model"), [row.model for row in rows], FIRST),
        (tr("Act on everybody"), [row.everybody for row in rows], SECOND),
    ):
        ends = [(one.low, one.high) for one in figures]
        line_with_band(figure, name, across, [one.value for one in figures], ends, color)
    figure.add_scatter(x=[0, 1], y=[0, 0], name=tr("Act on nobody"), line={"color": QUIET, "dash": "dot"}, mode="lines")
    most = max(row.model.value for row in rows)
    figure.update_yaxes(range=[-0.25 * most - 0.01, 1.15 * most + 0.01])
    show_figure(figure, key=f"{key}-decisions")
    st.caption(
        tr(
            "For {labels}, n = {n:,}: true alarms less false ones, each false one weighed by the odds of the threshold "
            "(Vickers & Elkin 2006). Where it lies above both other lines, acting on it helps.",
            labels=tr(" or ").join(map(spoken, positive)),
            n=rows[0].model.n,
        )
    )


def _confusion(card: Card, key: str) -> None:
    rows, labels = card.report.confusion, [spoken(label) for label in card.labels]
    figure = quiet_figure(tr("What is called what?"), across=tr("Called"), up=tr("It is"), height=320)
    figure.add_trace(
        go.Heatmap(
            z=[[cell.value for cell in row] for row in rows],
            x=labels,
            y=labels,
            text=[[f"{cell.value:.2f}" for cell in row] for row in rows],
            customdata=[[f"{in_words(cell)}, n = {cell.n:,}" for cell in row] for row in rows],
            texttemplate="%{text}",
            textfont={"color": ink()},
            hovertemplate=tr("%{y}, called %{x}: %{customdata}<extra></extra>"),
            colorscale=_SCALE,
            zmin=0,
            zmax=1,
            showscale=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    show_figure(figure, key=f"{key}-confusion")
    counts = tr(", ").join(f"{label} {row[0].n:,}" for label, row in zip(labels, rows, strict=True))
    st.caption(tr("Shares of each row; n: {counts}.", counts=counts))


def _subgroups(card: Card) -> None:
    st.markdown(tr("**By subgroup**"))
    groups = card.report.subgroups
    names = list(dict.fromkeys(name for group in groups for name in group.figures))
    rows = [
        (
            f"{spoken(group.trait)}: {spoken(group.value)}",
            *(in_words(group.figures[name]) if name in group.figures else "–" for name in names),
            f"{next(iter(group.figures.values())).n:,}" if group.figures else "–",
        )
        for group in groups
    ]
    head = (tr("Subgroup"), *(figure_in_words(name.replace("_", " ")) for name in names), "n")
    table(head, rows, label=tr("Figures of {title} by subgroup", title=spoken(card.title)))
    why_no_interval([figure for group in groups for figure in group.figures.values()])
    st.caption(tr("Cases of which nothing is said are compared with every subgroup of that kind."))


def _ablations(card: Card, key: str) -> None:
    reference, *others = card.ablations
    st.markdown(tr("**What the choices in its making were worth**"))
    leads = [one.figures["lead in macro_auroc"] for one in others]
    names = [f"{spoken(one.part)}: {spoken(one.variant)}" for one in others]
    figure = quiet_figure(
        tr("Lead over the reference"), across=tr("Difference in macro AUROC"), up="", height=60 * len(others) + 90
    )
    figure.add_scatter(
        x=[one.value for one in leads],
        y=names,
        error_x={"array": _reach(leads, up=True), "arrayminus": _reach(leads, up=False), "color": FIRST},
        mode="markers",
        marker={"color": FIRST, "size": 9},
        customdata=list(map(in_words, leads)),
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": QUIET, "dash": "dot"})
    figure.update_yaxes(autorange="reversed")
    show_figure(figure, key=f"{key}-ablations")
    rows = [
        (
            name,
            in_words(one.figures["macro_auroc"]),
            in_words(one.figures["auroc"]) if "auroc" in one.figures else "–",
            in_words(one.figures["accuracy"]),
            in_words(one.figures["lead in macro_auroc"]) if one.part else "–",
        )
        for name, one in zip((spoken(reference.variant), *names), card.ablations, strict=True)
    ]
    head = (tr("Choice"), *map(figure_in_words, ("macro AUROC", "AUROC", "accuracy")), tr("Lead over the reference"))
    table(head, rows, label=tr("Choices in the making of {title}", title=spoken(card.title)))
    told = card.training["ablations"]
    st.caption(
        tr(
            "Each is a short training of its own ({epochs} epochs on {images:,} images, one seed, answers only), the "
            "same but for that choice; n = {n:,} validation cases. They compare choices, and say nothing of how good "
            "the model itself is.",
            epochs=told["epochs"],
            images=told["images"],
            n=reference.figures["macro_auroc"].n,
        )
    )


def _reach(figures: Sequence[Metric], *, up: bool) -> list[float]:
    """How far the interval of each figure reaches to one side; 0 where it has none."""
    ends = [figure.high if up else figure.low for figure in figures]
    return [0.0 if end is None else abs(end - figure.value) for end, figure in zip(ends, figures, strict=True)]


def _mistakes(card: Card) -> None:
    with st.expander(tr("Its {n} worst mistakes in validation", n=len(card.report.mistakes))):
        rows = [
            (
                one.case_id,
                tr(", ").join(map(spoken, one.truth)) or tr("none"),
                f"{spoken(one.said)} {one.probability:.2f}",
            )
            for one in card.report.mistakes
        ]
        table(
            (tr("Case of the data set"), tr("It is"), tr("It said")),
            rows,
            label=tr("Worst mistakes of {title}", title=spoken(card.title)),
        )
        st.caption(tr("The images and notes themselves are in the data set and are not shown here."))
