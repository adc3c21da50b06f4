"""Text that would run or fetch if a page took it for more than text; and a watch over pages that show it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

EVIL = "evil.invalid"
"""A host that nothing may ask."""

SHORT = f"<img src=//{EVIL}/a onerror=alert(1)>"
"""For where 64 characters are kept."""

MARKDOWN = f"![x](http://{EVIL}/b)<svg onload=alert(2)>"

PAYLOADS = (
    SHORT,
    MARKDOWN,
    "<script>alert(3)</script>",
    '"><img src=x onerror=alert(4)>',
    "</textarea></title></style><script>alert(5)</script>",
    '<iframe src="javascript:alert(6)"></iframe>',
    f"<style>@import url(http://{EVIL}/c)</style><link rel=stylesheet href=http://{EVIL}/d>",
    "[press](javascript:alert(7)) <a href=javascript:alert(8)>press</a>",
    f'<math><mtext><table><mglyph><style><img src=http://{EVIL}/e onerror="alert(9)">',
    r"$\href{javascript:alert(10)}{x}$ :material/bolt: :red[red] {{7*7}} ${alert(11)}",
    f'<object data="http://{EVIL}/f"></object><base href="http://{EVIL}/">',
    '=HYPERLINK("http://evil.invalid","x")',
)
"""Each a way in that a careless page leaves open."""

FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1")
"""How cells begin that a spreadsheet takes for formulas."""

_INTRUDERS = f"""() => {{
  const found = [];
  const walk = (root) => {{
    for (const node of root.querySelectorAll("*")) {{
      if (node.shadowRoot) walk(node.shadowRoot);
      const outer = node.tagName + " " + [...node.attributes].map((one) => one.name + "=" + one.value).join(" ");
      const runs = [...node.attributes].some((one) => /^on/i.test(one.name) && /alert/.test(one.value));
      const fetches = /\\b(src|href|data|srcset|action)=\\S*({EVIL}|javascript:)/i.test(outer);
      const script = node.tagName === "SCRIPT" && /alert/.test(node.textContent);
      if (runs || fetches || script) found.push(outer.slice(0, 200));
    }}
  }};
  walk(document);
  return found;
}}"""


def watch(page: Page) -> Callable[[str], None]:
    """Watch a page; gives what fails where it asked another host, opened a dialog, or holds an element of a payload."""
    dialogs: list[str] = []
    elsewhere: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda asked: elsewhere.append(asked.url) if EVIL in asked.url.split("?")[0] else None)

    def check(where: str) -> None:
        assert dialogs == [], where
        assert elsewhere == [], where
        assert page.evaluate(_INTRUDERS) == [], where
        assert page.title().startswith("Attending") or where.endswith("report"), where

    return check
