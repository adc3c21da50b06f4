"""A whole report is drawn, figures and words; what was not measured is left out."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import numpy as np

    from dashboard.components.report import report
    from engine import Card
    from engine.evaluation.metrics import bootstrap_weights
    from engine.evaluation.report import Scored, report_one_label
    from engine.models.card import Ablation, DataFacts, Metric, TrustParameters

    generator = np.random.default_rng(0)
    probability = generator.dirichlet([1.0, 1.0], size=200)
    truth = np.array([generator.multinomial(1, row) for row in probability], dtype=bool)
    scored = Scored(
        case_ids=[f"case-{row}" for row in range(200)],
        labels=("normal", "<ill>"),
        positive=("<ill>",),
        truth=truth,
        probability=probability,
        weights=bootstrap_weights([str(row) for row in range(200)], repeats=50),
        flag=probability[:, 1] > 0.5,
        traits=[{"sex": "F" if row % 2 else "M"} for row in range(200)],
    )
    facts = DataFacts("", "", 200, "", "")
    whole = Card("t", "A card", ("normal", "<ill>"), "", "", (), facts, {}, TrustParameters((1.0,)))
    report(whole, ("<ill>",), key="empty")
    from dataclasses import replace

    area, lead = Metric(0.9, 0.8, 0.95, 200), Metric(-0.2, -0.3, None, 200)
    told = {"macro_auroc": area, "accuracy": area}
    choices = (Ablation("", "as it is", told), Ablation("stem", "<plain>", {**told, "lead in macro_auroc": lead}))
    run = {"ablations": {"epochs": 4, "images": 1000}}
    full = replace(whole, report=report_one_label(scored), ablations=choices, training=run)
    report(full, ("<ill>",), key="full")


def test_a_report_is_drawn_and_an_empty_one_is_not() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert len(charts) == 4
    assert any("Lead over the reference" in spec for spec in charts)
    assert any("Do its probabilities come true" in spec for spec in charts)
    assert any("Act on everybody" in spec for spec in charts)
    assert any("What is called what" in spec and '"color":"#e8ebee"' in spec for spec in charts)
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert "sex: F" in html
    assert html.count("case-") == 12
    assert "<ill>" not in html
    assert "<plain>" not in html
    assert any("4 epochs on 1,000 images" in caption.value for caption in app.caption)
