"""Models: the card of each model in plain words, with its figures, their intervals, and where it fails."""

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import cache, state
from dashboard.components.facts import facts, table
from dashboard.components.figure_names import figure_in_words
from dashboard.components.frame import told
from dashboard.components.map_worth import map_worth, of_maps
from dashboard.components.report import in_words, report, why_no_interval
from dashboard.components.sanity import sanity
from dashboard.components.take_away import take_away
from engine import TASKS, Card, Metric, chai_json, spoken, tr

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
    st.markdown(tr("**Figures on cases that were not trained on**"))
    _table_of(
        card.title, {name: card.metrics[name] for name in card.metrics if ":" not in name and not _HIDDEN.search(name)}
    )
    if positive:
        labels = tr(" or ").join(map(spoken, positive))
        st.caption(tr("Figures of a yes or no, such as sensitivity and AUROC, are for: {labels}.", labels=labels))
    parts = {
        tr("By label"): {name: figure for name, figure in card.metrics.items() if ":" in name},
        tr("With parts of the input hidden"): {
            name: figure for name, figure in card.metrics.items() if _HIDDEN.search(name) and not of_maps(name)
        },
        tr("Cross-validated: trained anew, on other patients each time"): card.cross_validated,
        tr("Share of images called outside the domain, by kind"): card.domain,
    }
    for title, figures in parts.items():
        if figures:
            with st.expander(title):
                _table_of(card.title, figures)


def _table_of(title: str, figures: Mapping[str, Metric]) -> None:
    rows = [(figure_in_words(figure_name(name)), in_words(figure), _cases(figure)) for name, figure in figures.items()]
    table((tr("Figure"), tr("Value (95 % interval)"), "n"), rows, label=tr("Figures of {title}", title=spoken(title)))
    why_no_interval(figures.values())


def _cases(figure: Metric) -> str:
    if figure.positives is None:
        return f"{figure.n:,}"
    return tr("{n:,}, {positives:,} with the label", n=figure.n, positives=figure.positives)


def _about(task_name: str, card: Card) -> None:
    st.write(spoken(card.summary))
    facts(
        {
            tr("Answers"): tr(", ").join(map(spoken, card.labels)),
            tr("Intended use"): spoken(card.intended_use),
            tr("Data"): tr("{name}, {n:,} cases", name=card.data.name, n=card.data.n),
            tr("Whose data"): spoken(card.data.who),
            tr("Trained"): _training(card),
            tr("Split"): spoken(card.data.split),
            tr("Licence of the data"): card.data.licence,
            tr("Task name"): task_name,
            tr("SHA-256 of the weights"): card.files.get("model.safetensors", "–"),
        },
        label=tr("About {title}", title=spoken(card.title)),
    )
    st.markdown(tr("**Limits**"))
    st.markdown("\n".join(f"- {spoken(limit)}" for limit in card.limits))
    take_away(
        tr("Applied model card of CHAI, JSON"),
        lambda: chai_json(card),
        f"{task_name}-model-card.json",
        "application/json",
        key=f"chai-{task_name}",
        hint=tr("In the fields of the Coalition for Health AI; what this card does not say is “not stated”."),
    )


def _training(card: Card) -> str:
    run = card.training
    if "epochs" not in run:
        return "–"
    seconds = run.get("seconds", 0)
    return tr(
        "{epochs} epochs in {minutes:.0f} minutes, seed {seed}",
        epochs=run["epochs"],
        minutes=seconds / 60,
        seed=run.get("seed", "–"),
    )


def _calls(card: Card) -> str:
    """How often the calls left the truth possible, as it was measured."""
    whole, true, false = (card.metrics.get(f"conformal_coverage{part}") for part in ("", "_true", "_false"))
    aim = card.trust.coverage
    if whole is not None:
        said = tr(
            "left the truth possible in {figure} of {n:,} cases, aimed at: {aim:.0%}",
            figure=in_words(whole),
            n=whole.n,
            aim=aim,
        )
    elif true is not None and false is not None:
        said = tr(
            "over all labels of {n:,} cases, {true} of those that were true were not ruled out, and {false} of those "
            "that were not were not ruled in, aimed at: {aim:.0%} of each",
            n=true.n,
            true=in_words(true),
            false=in_words(false),
            aim=aim,
        )
    else:
        return tr("how often ruled in and ruled out are wrong was not measured")
    if not card.trust.shares_limits:
        return said
    return tr("{said}; rare labels share their limits, and for them it is aimed at on average only", said=said)


def _how_it_is_trusted(card: Card) -> None:
    trust = card.trust
    said = {tr("Calls"): _calls(card)}
    if trust.operating_point is not None:
        said[tr("Operating point")] = tr(
            "flagged from a summed probability of {point:.2f}", point=trust.operating_point
        )
    said[tr("Colour scales")] = tr(", ").join(
        tr("{method} 0 to {top:.1f}", method=method, top=top) for method, top in card.map_scales.items()
    )
    facts(said, label=tr("How {title} is to be read", title=spoken(card.title)))


def main() -> None:
    """Draw the page."""
    st.subheader(tr("Models"), anchor=False)
    desk = state.desk()
    tabs = st.tabs([spoken(task.title) for task in TASKS.values()], key="models", on_change="rerun")
    for tab, task in zip(tabs, TASKS.values(), strict=True):
        with tab, told():
            card = cache.card(task.name)
            st.markdown(f"**{spoken(card.title)}**")
            words, figures = st.columns([3, 2], gap="large")
            with words:
                _about(task.name, card)
            with figures:
                _figures(card, task.positive)
                map_worth(card, task.source)
                _how_it_is_trusted(card)
            if tab.open:
                sanity(desk, task.name)
            report(card, task.positive, key=task.name)


main()
