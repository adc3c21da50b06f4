"""A report drafted in Chinese: in Chinese wherever it is drawn, on paper as on the screen, with letters of its own."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pypdfium2
import pytest
from pypdf import PdfReader

from engine import shipped_card, speaking
from engine.case import Case
from engine.interop.illustration import ShownMap
from engine.interop.report import CaseReport, draft_report
from engine.interop.report_html import report_html
from engine.interop.report_pdf import report_pdf
from engine.measured import Faithfulness
from engine.results import Call, Finding
from engine.review import Answer, Judgement, Plausibility, Review, Stance

TASK = "chest-xray"
SENTENCE = re.compile(r"[A-Za-z']+ [A-Za-z']+ [A-Za-z']+")
UNCHECKED = "The picture is noise: neighbouring pixels have nothing in common."


@pytest.fixture
def chinese(case: Case, answer: Answer, review: Review, shown: ShownMap, faithful: Faithfulness) -> CaseReport:
    """The reading of the other tests, on the model that ships, by a reader who writes Chinese."""
    found = (Finding("bacterial pneumonia", 0.87, Call.RULED_IN), Finding("normal", 0.13, Call.RULED_OUT))
    outside = replace(answer, findings=found, in_domain=False, reasons=(UNCHECKED,))
    read = replace(
        review,
        comment="一周后复查。",
        measurements=(
            replace(review.measurements[0], said="35 mm² on the detector; mean 12, SD 3 HU; 1 to 9, n = 20"),
        ),
        plausible=Plausibility.PARTLY,
        judgements=(
            Judgement(TASK, "bacterial pneumonia", Stance.AGREE, 0.87),
            Judgement(TASK, "normal", Stance.REJECT, 0.13),
            Judgement(TASK, "胸腔积液", Stance.ADD),
        ),
    )
    sentence = "The answer hardly moves, whichever parts are removed first."
    map_shown = replace(
        shown,
        explanation=replace(shown.explanation, label="bacterial pneumonia"),
        faithfulness=replace(faithful, label="bacterial pneumonia", sentence=sentence),
    )
    with speaking("zh_CN"):
        return draft_report(
            case, [replace(answer, findings=found), outside], read, cards={TASK: shipped_card(TASK)}, maps=[map_shown]
        )


def test_no_sentence_of_the_page_is_english(chinese: CaseReport) -> None:
    page = report_html(chinese)
    assert '<html lang="zh-CN">' in page
    body = re.sub(r"<[^>]+>", "\n", page.partition("</style>")[2])
    assert SENTENCE.findall(body) == []
    assert SENTENCE.findall(" ".join(re.findall(r'alt="([^"]*)"', page))) == []
    assert "35 mm²（探测器平面）; 均值 12，标准差 3 HU; 1 至 9, n = 20" in body
    for said in ("借助模型的阅片报告", "细菌性肺炎", "补充胸腔积液，模型未提及。", "图像为噪声", "不是医疗器械"):
        assert said in body


def test_no_sentence_of_the_document_is_english(chinese: CaseReport) -> None:
    data = report_pdf(chinese)
    with pypdfium2.PdfDocument(data) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    assert all("供研究与教学使用，不是医疗器械。" in page for page in pages)
    assert f"第 1 页，共 {len(pages)} 页" in pages[0]
    assert SENTENCE.findall(" ".join(pages)) == []
    assert PdfReader(io.BytesIO(data)).trailer["/Root"]["/Lang"] == "zh-CN"


def test_its_letters_are_part_of_the_document(chinese: CaseReport) -> None:
    for page in PdfReader(io.BytesIO(report_pdf(chinese))).pages:
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
        drawn = [font for font in fonts if font["/Subtype"] == "/TrueType"]
        assert any("DroidSansFallback" in font["/BaseFont"] for font in drawn)
        assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in drawn)


def test_a_section_that_was_rewritten_says_so_in_chinese(chinese: CaseReport) -> None:
    changed = chinese.rewritten(chinese.sections[1].part, "未见异常。")
    assert "印象（已手工修改）" in report_html(changed)
    assert "签署后已修改 – 印象" in report_html(changed)
