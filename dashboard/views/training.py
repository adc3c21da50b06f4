"""Training: the runs of this machine, how far each has come, and its curves while it goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from dashboard.components.facts import facts
from dashboard.components.plot import FIRST, SECOND, quiet_figure, show_figure
from dashboard.tongue import speaks
from engine import TrainingRun, mark, tr, training_runs

_EVERY = 5  # seconds between two looks
_QUIET = 15 * 60  # seconds without an epoch after which a run counts as stopped
_LOSSES = {"training_loss": (mark("In training"), FIRST), "validation_loss": (mark("In validation"), SECOND)}


def runs_folder() -> Path:
    """Where runs are looked for: the folder that ATTENDING_RUNS names, else ``runs``."""
    return Path(os.environ.get("ATTENDING_RUNS", "runs"))


def state_of(run: TrainingRun, now: float) -> str:
    """Say how far a run has come.

    Parameters
    ----------
    now : float
        Seconds since 1970.

    Examples
    --------
    >>> state_of(TrainingRun("r", 2, ({"epoch": 1, "seconds": 90.0},), 0.0), 10.0)
    'epoch 1 of 2 done, about 2 minutes left'
    >>> state_of(TrainingRun("r", 2, ({"epoch": 1, "seconds": 90.0},), 0.0), 5000.0)
    'stopped after epoch 1 of 2; the same command goes on'
    """
    done = len(run.curves)
    if done >= run.epochs:
        return tr("done, {done} epochs", done=done)
    pace = run.curves[-1]["seconds"] if run.curves else 0.0
    if now - run.changed > max(_QUIET, 3 * pace):
        return tr("stopped after epoch {done} of {epochs}; the same command goes on", done=done, epochs=run.epochs)
    if not run.curves:
        return tr("begun, {epochs} epochs to go", epochs=run.epochs)
    return tr(
        "epoch {done} of {epochs} done, about {minutes} minutes left",
        done=done,
        epochs=run.epochs,
        minutes=max(1, round(run.seconds_left / 60)),
    )


def _plot(run: TrainingRun, title: str, names: Iterable[str]) -> None:
    figure = quiet_figure(title, across=tr("Epoch"), up="")
    epochs = [row["epoch"] for row in run.curves]
    for name in names:
        words, color = _LOSSES.get(name, (name.removeprefix("validation_").replace("_", " "), None))
        values = [row[name] for row in run.curves]
        figure.add_scatter(x=epochs, y=values, name=tr(words), mode="lines+markers", line={"color": color, "width": 2})
    figure.update_layout(showlegend=True)
    show_figure(figure, key=f"{run.name}-{title}")


def _draw(run: TrainingRun) -> None:
    facts({tr("Run"): run.name, tr("State"): state_of(run, time.time())}, label=tr("The run"))
    if not run.curves:
        st.info(tr("Its first epoch is under way."))
        return
    st.progress(min(1.0, len(run.curves) / max(1, run.epochs)))
    others = [name for name in run.curves[-1] if name not in {"epoch", "seconds", *_LOSSES}]
    loss, rest = st.columns(2, gap="large")
    with loss:
        _plot(run, tr("Loss: less is better"), [name for name in _LOSSES if name in run.curves[-1]])
    if others:
        with rest:
            _plot(run, tr("In validation"), others)


@st.fragment(run_every=_EVERY)
@speaks
def _live(folder: Path) -> None:
    runs = training_runs(folder)
    if not runs:
        st.info(
            tr(
                "There are no runs in {folder}. Start the dashboard where they are, or set ATTENDING_RUNS.",
                folder=folder.resolve(),
            )
        )
        st.code("attending train chest-xray --data DIR --out runs/chest", language=None)
        return
    names = [run.name for run in runs]
    chosen = st.selectbox(tr("Run, the latest first"), names, key="run") if len(names) > 1 else names[0]
    _draw(next(run for run in runs if run.name == chosen))


def main() -> None:
    """Draw the page."""
    st.subheader(tr("Training"), anchor=False)
    _live(runs_folder())


main()
