"""Models: the card of each model in plain words, with its figures, their intervals, and where it fails."""

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import cache, state
from dashboard.components.facts import facts, table
from dashboard.components.frame import told
from dashboard.components.report import in_words, report
from dashboard.components.sanity import sanity
from engine import TASKS, Card, Metric, chai_json

_HIDDEN = re.compile(r"@(?!\d+(?: |$))")  # "ece@25% of words", and not "recall@5"
_ACRONYMS = frozenset({"auroc", "auprc", "ece", "f1", "iou", "lrap", "lr", "tf-idf"})


def figure_name(name: str) -> str:
    """Write a figure's key as a reader would.

    Examples
    --------
    >>> figure_name("macro_auroc"), figure_name("ece@25% of words")
    ('macro AUROC', 'ECE at 25% of words')
    """
    words = name.replace("@", " at ").replace("_", " ").replace(":", ": ")
    return " ".join(word.upper() if word.strip(":") in _ACRONYMS else word for word in words.split(" "))


def _figures(card: Card, positive: Sequence[str]) -> None:
    """Show the overall figures, and fold away those of single labels and of cases with parts hidden."""
    st.markdown("**Figures on cases that were not trained on**")
    _table_of(
        card.title, {name: card.metrics[name] for name in card.metrics if ":" not in name and not _HIDDEN.search(name)}
    )
    if positive:
        st.caption(f"Figures of a yes or no, such as sensitivity and AUROC, are for: {' or '.join(positive)}.")
    parts = {
        "By label": {name: figure for name, figure in card.metrics.items() if ":" in name},
        "With parts of the input hidden": {
            name: figure for name, figure in card.metrics.items() if _HIDDEN.search(name)
        },
        "Cross-validated: trained anew, on other patients each time": card.cross_validated,
    }
    for title, figures in parts.items():
        if figures:
            with st.expander(title):
                _table_of(card.title, figures)


def _table_of(title: str, figures: Mapping[str, Metric]) -> None:
    rows = [(figure_name(name), in_words(figure), f"{figure.n:,}") for name, figure in figures.items()]
    table(("Figure", "Value (95 % interval)", "n"), rows, label=f"Figures of {title}")


def _about(task_name: str, card: Card) -> None:
    st.write(card.summary)
    facts(
        {
            "Answers": ", ".join(card.labels),
            "Intended use": card.intended_use,
            "Data": f"{card.data.name}, {card.data.n:,} cases",
            "Whose data": card.data.who,
            "Trained": _training(card),
            "Split": card.data.split,
            "Licence of the data": card.data.licence,
            "Task name": task_name,
            "SHA-256 of the weights": card.files.get("model.safetensors", "–"),
        },
        label=f"About {card.title}",
    )
    st.markdown("**Limits**")
    st.markdown("\n".join(f"- {limit}" for limit in card.limits))
    st.download_button(
        "Applied model card of CHAI, JSON",
        lambda: chai_json(card),
        f"{task_name}-model-card.json",
        "application/json",
        on_click="ignore",
        key=f"chai-{task_name}",
        help="In the fields of the Coalition for Health AI; what this card does not say is “not stated”.",
    )


def _training(card: Card) -> str:
    run = card.training
    if "epochs" not in run:
        return "–"
    seconds = run.get("seconds", 0)
    return f"{run['epochs']} epochs in {seconds / 60:.0f} minutes, seed {run.get('seed', '–')}"


def _how_it_is_trusted(card: Card) -> None:
    trust = card.trust
    said = {"Calls": f"ruled in and ruled out are wrong for at most {1 - trust.coverage:.0%} of the cases of a label"}
    if trust.operating_point is not None:
        said["Operating point"] = f"flagged from a summed probability of {trust.operating_point:.2f}"
    said["Colour scales"] = ", ".join(f"{method} 0 to {top:.1f}" for method, top in card.map_scales.items())
    facts(said, label=f"How {card.title} is to be read")


def main() -> None:
    """Draw the page."""
    st.subheader("Models", anchor=False)
    desk = state.desk()
    for tab, task in zip(st.tabs([task.title for task in TASKS.values()]), TASKS.values(), strict=True):
        with tab, told():
            card = cache.card(task.name)
            st.markdown(f"**{card.title}**")
            words, figures = st.columns([3, 2], gap="large")
            with words:
                _about(task.name, card)
            with figures:
                _figures(card, task.positive)
                _how_it_is_trusted(card)
            sanity(desk, task.name)
            report(card, task.positive, key=task.name)


main()
