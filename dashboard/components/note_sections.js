// The sections of a note as bars beside it, for one label or for two. Text comes from files: it is only ever set as textContent.

const LETTERS = ["A", "B"]; // of two labels, so that nothing hangs on a colour

const width = (value, axis, signed) => `${(Math.min(value / axis, 1) * (signed ? 50 : 100)).toFixed(2)}%`;

/** A bar: what speaks for a label to the right of nought, what speaks against it to the left. */
function track(parts, axis, signed, kind) {
  const filled = parts.map(([side, value]) => {
    const part = element("i", { className: side });
    part.style.width = width(value, axis, signed);
    return part;
  });
  return element("span", { className: `track ${kind} ${signed ? "signed" : ""}` }, ...filled);
}

/** The bars of one section, and below them its length on the same axis: a long section is not an important one. */
function sectionBars({ bars, extent }, axis, signed) {
  const paired = bars.length > 1;
  const column = (className, words) => (paired ? [element("span", { className, textContent: words })] : []);
  const weights = bars.map(({ pro, con, said }, rank) =>
    element("span", { className: "weight" }, ...column("letter", LETTERS[rank]), track([["con", con], ["pro", pro]], axis, signed, ""), ...column("figure", said)));
  const long = element("span", { className: "weight" }, ...column("letter", ""), track([["extent", extent]], axis, signed, "long"), ...column("figure", ""));
  return [...weights, long];
}

function tellingWords(telling, goToPiece) {
  return telling.map(({ title, words }) => {
    const links = words.map(({ piece, text, said }) =>
      element("button", { type: "button", className: "telling", textContent: text, title: said, onclick: () => goToPiece(piece) }),
    );
    return element("p", { className: "tellings" }, element("span", { className: "name", textContent: title }), " ", ...links.flatMap((link) => [link, " "]));
  });
}

/** The panel; `goToSection(rank)` and `goToPiece(piece)` lead to a place in the text. */
function sectionPanel(sections, goToSection, goToPiece) {
  const { rows, axis, signed, labels, telling, said, hint } = sections;
  const paired = labels.length > 1;
  const buttons = rows.map((row, rank) =>
    element(
      "button",
      { type: "button", className: "part", title: row.headings, attributes: { "aria-pressed": "false" }, onclick: () => goToSection(rank) },
      element("span", { className: "called" }, element("span", { className: "name", textContent: row.name }), element("span", { textContent: paired ? "" : row.bars[0].said })),
      ...sectionBars(row, axis, signed),
      element("span", { className: "foot", textContent: [row.length, row.headings].filter(Boolean).join(" · ") }),
    ),
  );
  const list = element("ol", {
    attributes: { "aria-label": tr("Sections of the note") },
    onkeydown: (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const next = buttons[buttons.indexOf(event.target) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    },
  }, ...buttons.map((button) => element("li", {}, button)));
  const names = paired
    ? [element("div", { className: "pair" }, ...labels.map((label, rank) => element("span", {}, element("span", { className: "letter", textContent: LETTERS[rank] }), ` ${label}`)))]
    : [];
  const hints = hint ? [element("p", { className: "about", textContent: hint })] : [];
  return element("div", { className: "sections" }, ...names, element("p", { className: "about", textContent: said }), list, ...tellingWords(telling, goToPiece), ...hints);
}
