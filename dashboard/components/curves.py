"""Deletion and insertion curves with the bands of maps that know nothing, their areas, and what stands in for a part.

Curves: Petsiuk, Das & Saenko, RISE, BMVC 2018. Sufficiency and comprehensiveness: DeYoung et al., ERASER, ACL 2020.
"""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from dashboard.components.facts import facts
from dashboard.components.plot import FIRST, LINE, QUIET, SECOND
from engine import Band, Curve, Faithfulness, spoken, tr


def curves(found: Faithfulness) -> None:
    """Show the two curves beside one another, and the figures of the measurement."""
    going, coming = st.columns(2)
    many = spoken("patches" if found.unit == "patch" else f"{found.unit}s")
    known = {"many": many.capitalize(), "going": found.deletion.area, "coming": found.insertion.area}
    with going:
        title = tr("{many} go, the most relevant first: area {going:.2f}", **known)
        _plot(
            title,
            found,
            found.deletion,
            found.chance.deletion,
            found.blob.deletion,
            tr("% of the {many} gone", many=many),
        )
    with coming:
        title = tr("{many} come, the most relevant first: area {coming:.2f}", **known)
        _plot(
            title,
            found,
            found.insertion,
            found.chance.insertion,
            found.blob.insertion,
            tr("% of the {many} shown", many=many),
        )
    st.caption(
        tr(
            "{baseline} A map that marks what the answer rests on falls early on the left and rises early on the "
            "right. Bands: lowest to highest of {n} of each, measured at the dots.",
            baseline=spoken(found.baseline),
            n=len(found.chance.gaps),
        )
    )
    facts(_figures(found), label=tr("Figures of the measurement"))


def _figures(found: Faithfulness) -> dict[str, str]:
    return {
        tr("Gap of the areas"): tr(
            "{gap:+.3f} (insertion less deletion; 0 is a map that marks nothing)", gap=found.gap
        ),
        tr("Comprehensiveness"): tr(
            "{fall:+.3f} (fall without what is marked; high is good)",
            fall=found.comprehensiveness,
        ),
        tr("Sufficiency"): tr("{fall:+.3f} (fall with only what is marked; low is good)", fall=found.sufficiency),
        tr("Cost"): tr("{passes:.0f} passes of the model, {seconds:.1f} s", passes=found.passes, seconds=found.seconds),
    }


def _plot(title: str, found: Faithfulness, curve: Curve, chance: Band, blob: Band, across: str) -> None:
    figure = go.Figure()
    _band(figure, chance, spoken(found.chance.against).capitalize(), QUIET)
    _band(figure, blob, spoken(found.blob.against).capitalize(), SECOND)
    x = [100 * share for share in curve.shares]
    figure.add_scatter(x=x, y=curve.probabilities, name=tr("This map"), line={"color": FIRST, "width": 3})
    contrast = tr(" rather than {label}", label=spoken(found.rather_than)) if found.rather_than else ""
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=330,
        margin={"l": 10, "r": 10, "t": 44, "b": 10},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": -0.25},
        xaxis={"title": across, "gridcolor": LINE, "range": [0, 100]},
        yaxis={
            "title": tr("Probability of {label}{contrast}", label=spoken(found.label), contrast=contrast),
            "gridcolor": LINE,
            "range": [0, 1],
        },
    )
    st.plotly_chart(
        figure, config={"displayModeBar": False}, key=f"curves-{'gone' if curve is found.deletion else 'shown'}"
    )


def _band(figure: go.Figure, band: Band, name: str, color: str) -> None:
    """Lowest to highest of several curves as an area, their mean as a line."""
    x = [100 * share for share in band.shares]
    around = {"x": x + x[::-1], "y": [*band.high, *band.low[::-1]]}
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    quiet = {"showlegend": False, "hoverinfo": "skip", "line": {"width": 0}}
    figure.add_scatter(**around, mode="lines", fill="toself", fillcolor=f"rgba({red},{green},{blue},0.18)", **quiet)
    figure.add_scatter(x=x, y=band.mean, name=name, line={"color": color, "dash": "dot"})
