// Draws a question and the abstracts that were found, and shows which words answer which. Text is only ever textContent.

const STRONGEST = 45; // per cent of the accent colour: words stay readable on it

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { attributes = {}, ...rest } = properties;
  Object.assign(made, rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function asked(question, choose) {
  const box = element("div", { className: "asked", attributes: { role: "group", "aria-label": tr("Words of the question") } });
  for (const [text, word] of question) {
    if (word === null) { box.append(text); continue; }
    box.append(element("button", {
      type: "button",
      className: "word",
      textContent: text,
      attributes: { "aria-pressed": "false", "data-word": String(word) },
      onpointerenter: () => choose(word),
      onfocus: () => choose(word),
    }));
  }
  box.onpointerleave = () => choose(null);
  box.onfocusout = ({ relatedTarget }) => { if (!box.contains(relatedTarget)) choose(null); };
  box.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const words = [...box.querySelectorAll(".word")];
    const next = words[words.indexOf(event.target) + step];
    if (next) { next.focus(); event.preventDefault(); }
  };
  return box;
}

function abstract(hit) {
  const text = element("p", { className: "abstract" });
  for (const [piece, word, inside] of hit.pieces) {
    const part = element("span", { textContent: piece, className: inside ? "sentence" : "" });
    if (word !== null) part.dataset.rank = String(word);
    text.append(part);
  }
  const said = element("span", { className: "said", attributes: { role: "status" } });
  const copy = element("button", {
    type: "button",
    className: "copy",
    textContent: tr("Copy citation"),
    onclick: () => navigator.clipboard.writeText(hit.citation).then(
      () => { said.textContent = tr("Copied."); },
      () => { said.textContent = hit.citation; }, // a browser that forbids it: the words themselves, to select
    ),
  });
  const head = element("div", { className: "head" },
    element("h4", { textContent: `${hit.rank}. ${hit.title}` }),
    element("span", { className: "similarity", textContent: tr("similarity {value}", { value: hit.similarity }), title: tr("Cosine of the two keys: 1 is the same direction") }));
  const foot = element("div", { className: "foot" }, element("span", { className: "source", textContent: hit.source }), copy, said);
  return element("article", { attributes: { "aria-label": hit.title } }, head, text, foot);
}

function shade(article, strengths) {
  for (const word of article.querySelectorAll("[data-rank]")) {
    const share = Math.max(0, (strengths?.[Number(word.dataset.rank)] ?? 0) / 100);
    word.style.background = share > 0.08 ? `color-mix(in srgb, var(--st-primary-color) ${Math.round(STRONGEST * share)}%, transparent)` : "";
    word.classList.toggle("lit", share > 0.5);
  }
}

export default function ({ data, parentElement }) {
  learn(data.words);
  const root = parentElement.querySelector(".word-match");
  const { question, hits } = data;
  const articles = hits.map(abstract);
  const line = element("div", { className: "line", attributes: { "aria-live": "polite" } });
  const names = new Map(question.filter(([, word]) => word !== null).map(([text, word]) => [word, text]));

  function choose(word) {
    articles.forEach((article, rank) => shade(article, word === null ? hits[rank].all : hits[rank].terms[String(word)]));
    for (const button of root.querySelectorAll(".asked .word")) button.setAttribute("aria-pressed", String(button.dataset.word === String(word)));
    line.textContent = word === null
      ? tr("Shaded: words that make each abstract like the question; underlined: the sentences that carry most of it.")
      : tr("Shaded: words that answer to “{word}”.", { word: names.get(word) });
    root.dataset.chosen = word === null ? "" : String(word);
  }

  root.replaceChildren(asked(question, choose), line, ...articles);
  choose(null);
  root.dataset.ready = "1";
}
