// The draft above a note. Text comes from files and models: it is only ever set as textContent.

const AMBER = [240, 185, 90];

function tint(word, strength) {
  word.style.background = strength ? `rgba(${AMBER.join(", ")}, ${0.25 + 0.75 * strength})` : "";
  word.style.color = strength ? (strength > 0.42 ? "#000000" : "light-dark(#000000, #ffffff)") : ""; // 4.5:1 on either side
}

// The draft above the note: hovering, focusing or pinning one of its words tints the words that it was written from.
function draftPanel(draft, text, restore) {
  const head = element("strong", { textContent: tr("Draft impression") });
  if (draft.reason) {
    return element("div", { className: "draft" }, element("p", {}, head, tr(" No draft. "), draft.reason));
  }
  const readout = element("div", { className: "origins", attributes: { "aria-live": "polite" } });
  const sources = new Map([...text.querySelectorAll("[data-piece]")].map((word) => [Number(word.dataset.piece), word]));
  let pinned = null;
  const show = (word) => {
    restore();
    for (const [piece, strength] of word?.origins ?? []) if (sources.has(piece)) tint(sources.get(piece), strength);
    for (const other of words) other.classList.toggle("asked", other === word);
    readout.textContent = word?.said ?? tr("Point at a word of the draft, or walk its words with the arrow keys, to see what it came from.");
  };
  const parts = draft.pieces.map((piece) => {
    if (!piece.from) return piece.text;
    const word = element("button", {
      type: "button", className: "drafted", textContent: piece.text, tabIndex: -1,
      onpointerenter: () => show(word),
      onfocus: () => show(word),
      onclick: () => { pinned = pinned === word ? null : word; for (const other of words) other.setAttribute("aria-pressed", String(other === pinned)); },
    });
    word.origins = piece.from;
    word.said = piece.said;
    word.classList.toggle("doubtful", piece.doubtful);
    word.setAttribute("aria-pressed", "false");
    return word;
  });
  const words = parts.filter((part) => part instanceof Element);
  if (words.length) words[0].tabIndex = 0;
  const written = element("p", {
    className: "written", attributes: { role: "group", "aria-label": tr("Draft impression, word by word") },
    onpointerleave: () => show(pinned),
    onfocusout: () => show(pinned),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const here = words.indexOf(event.target);
      if (!step || here < 0) return;
      event.preventDefault();
      const next = words[Math.max(0, Math.min(words.length - 1, here + step))];
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    },
  }, ...parts);
  const copy = copyButton(() => draft.pieces.map((piece) => piece.text).join(""));
  const warned = draft.warnings.map((words) => element("p", { className: "warned", textContent: words, attributes: { role: "alert" } }));
  const said = element("p", { className: "about", textContent: draft.said.join(" ") });
  const panel = element("div", { className: "draft" }, element("div", { className: "head" }, head, copy), written, readout, ...warned, said);
  show(null);
  return panel;
}
