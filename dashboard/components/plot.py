"""Curves in the colours of the reading room: one quiet figure for every page that draws figures over figures."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

FIRST, SECOND, QUIET = "#3f8fc5", "#b87a14", "#7f8a94"
"""At least 3 : 1 (WCAG 2.2, 1.4.11) against the grounds of both themes, so that no figure asks which one there is."""
LINE = "rgba(127,138,148,0.3)"
_CLEAR = "rgba(0,0,0,0)"


def quiet_figure(title: str, *, across: str, up: str, height: int = 300) -> go.Figure:
    """Make an empty figure with named axes."""
    figure = go.Figure()
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=height,
        margin={"l": 10, "r": 10, "t": 44, "b": 10},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        legend={"orientation": "h", "y": -0.3},
        xaxis={"title": across, "gridcolor": LINE, "zerolinecolor": LINE},
        yaxis={"title": up, "gridcolor": LINE, "zerolinecolor": LINE},
    )
    return figure


def ink() -> str:
    """The colour of words over a figure's own colours, which plotly would choose for white paper."""
    return "#1b1f23" if st.context.theme.type == "light" else "#e8ebee"


def line_with_band(
    figure: go.Figure,
    name: str,
    across: Sequence[float],
    values: Sequence[float],
    ends: Sequence[tuple[float | None, float | None]],
    color: str,
) -> None:
    """Draw a line and, where they are known, its 95 % intervals as an area."""
    known = [
        (x, low, high) for x, (low, high) in zip(across, ends, strict=True) if low is not None and high is not None
    ]
    if known:
        places, lows, highs = zip(*known, strict=True)
        red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
        figure.add_scatter(
            x=[*places, *places[::-1]],
            y=[*highs, *lows[::-1]],
            fill="toself",
            fillcolor=f"rgba({red},{green},{blue},0.18)",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        x=list(across), y=list(values), name=name, mode="lines+markers", line={"color": color, "width": 2}
    )


def show_figure(figure: go.Figure, *, key: str) -> None:
    """Put a figure on the page, without the toolbar of the plotting library."""
    st.plotly_chart(figure, config={"displayModeBar": False}, key=key)
