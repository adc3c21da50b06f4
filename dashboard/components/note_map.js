// Draws a note and the map on its words. Text comes from files: it is only ever set as textContent.

const DEFAULT_THRESHOLD = 1; // the relevance of an average word, or sentence
const ABOVE = 10; // CSS pixels that are left above a place that is gone to
const LONGEST_SAID = 60; // signs of a sentence in the readout

const trimmed = (words) => (words.length > LONGEST_SAID ? `${words.slice(0, LONGEST_SAID)} …` : words);

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { attributes = {}, ...rest } = properties;
  Object.assign(made, rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** What is shaded, and by which scale: words in average words, sentences in average sentences. */
const scaleOf = (map, state) => (state.bySentence ? map.sentences : map);

function legend(map, { scale, unit }) {
  const stops = map.colors.map(([background]) => background).join(", ");
  const bar = element("span", { className: "bar" });
  bar.style.background = `linear-gradient(to right, ${stops})`;
  const end = scale.toFixed(1);
  const low = element("span", { textContent: map.signed ? tr("against ≤ −{end}", { end }) : "0" });
  const top = element("span", { textContent: map.signed ? tr("≥ {end} {unit} for", { end, unit }) : `≥ ${end} ${unit}` });
  return [low, bar, top];
}

/** Two buttons that say what is shaded and what stands beside it, and the choice of the map where two labels are compared. */
function views(data, state, redraw) {
  const { map, sections } = data;
  const sentences = element("button", {
    type: "button", className: "toggle", textContent: tr("By sentence"), attributes: { "aria-keyshortcuts": "w" },
    title: tr("Shade whole sentences by the sum of their words, or each word by itself. By key: W"),
    onclick: () => { state.bySentence = !state.bySentence; redraw(); },
  });
  const beside = element("button", {
    type: "button", className: "toggle", textContent: tr("Sections"), attributes: { "aria-keyshortcuts": "b" },
    disabled: sections === null,
    title: sections === null ? tr("No two sections were recognised in this note.") : tr("How the map is spread over the sections of the note. By key: B"),
    onclick: () => { state.sections = !state.sections; redraw(); },
  });
  const choice = element("select", { onchange: (event) => { state.face = Number(event.target.value); redraw(); } },
    ...map.faces.map((face, rank) => element("option", { value: String(rank), textContent: face })));
  const faces = element("label", {}, element("span", { textContent: tr("Shade") }), choice);
  faces.hidden = map.faces.length < 2;
  return { sentences, beside, faces, choice };
}

function toolbar(data, state, redraw) {
  const { map, canStrike } = data;
  const toggle = element("button", {
    type: "button",
    className: "toggle",
    attributes: { "aria-pressed": String(state.on), "aria-keyshortcuts": "o" },
    onclick: () => { state.on = !state.on; redraw(); },
  });
  const value = element("output", { className: "value" });
  const slider = element("input", {
    type: "range", min: "0", step: "0.05",
    oninput: (event) => { state.thresholds[Number(state.bySentence)] = Number(event.target.value); redraw(); },
  });
  const from = element("span");
  const label = element("label", {}, from, slider, value);
  const readout = element("span", { className: "readout", attributes: { "aria-live": "polite" } });
  const name = element("span", { className: "name" });
  const key = element("span", { className: "legend" });
  const shown = views(data, state, redraw);
  const strike = element("button", {
    type: "button",
    className: "toggle strike",
    textContent: tr("Strike words"),
    title: tr("Click a word to take it away, or to put it back; with shift: its sentence. By keys: S, arrows, Enter"),
    onclick: () => { state.striking = !state.striking; redraw(); },
  });
  strike.hidden = !canStrike;
  const bar = element("div", { className: "toolbar" }, toggle, shown.sentences, shown.beside, strike, shown.faces, name, label, key, readout);
  return { bar, toggle, strike, slider, value, readout, from, name, key, ...shown };
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/** The word on the line above or below that lies nearest; the same one where there is none. */
function onNextLine(words, at, direction) {
  const { left, top, height } = words[at].getBoundingClientRect();
  let found = at;
  for (let rank = at + direction; words[rank]; rank += direction) {
    const place = words[rank].getBoundingClientRect();
    const below = words[found].getBoundingClientRect();
    if (Math.abs(place.top - top) < height / 2) continue;
    if (found !== at && Math.abs(place.top - below.top) > height / 2) break;
    if (found === at || Math.abs(place.left - left) < Math.abs(below.left - left)) found = rank;
  }
  return found;
}

/** Where a key leads from one word; undefined where it leads nowhere. */
function nextWord(words, at, key) {
  if (key === "ArrowUp" || key === "ArrowDown") return onNextLine(words, at, key === "ArrowUp" ? -1 : 1);
  return key in STEPS ? Math.min(Math.max(at + STEPS[key], 0), words.length - 1) : undefined;
}

function words(pieces, struck, marked, withheld, sources, pair) {
  return pieces.map(([text, relevance], piece) => {
    if (withheld.has(piece)) return element("span", { className: "withheld", textContent: text, title: tr("Not read by this model") });
    if (relevance === null && !sources.has(piece)) return document.createTextNode(text);
    const word = element("span", { className: "word", textContent: text });
    word.dataset.piece = piece;
    word.values = [relevance, ...(pair?.map((values) => values[piece]) ?? [])];
    word.piece = piece;
    word.classList.toggle("struck", struck.has(piece));
    word.classList.toggle("marked", marked.has(piece));
    return word;
  });
}

const valueOf = (unit, state) => unit.values[state.face] ?? 0;

function shade(text, map, state) {
  const { scale } = scaleOf(map, state);
  const threshold = state.thresholds[Number(state.bySentence)];
  for (const unit of text.querySelectorAll(".word, .sentence")) {
    const value = unit.classList.contains("sentence") === state.bySentence ? valueOf(unit, state) : 0;
    const strength = map.signed ? Math.abs(value) : value;
    const shown = state.on && strength >= threshold && strength > 0;
    const share = Math.max(-1, Math.min(1, value / scale));
    const step = Math.round((map.signed ? (share + 1) / 2 : share) * (map.colors.length - 1));
    const [background, ink] = shown ? map.colors[step] : ["", ""];
    unit.style.background = background;
    unit.style.color = ink;
    unit.classList.toggle("shaded", shown);
  }
}

/** What to say where no word reaches the bar, as when a film beside the note carries the answer; nothing where one does. */
function unreached(all, state, map) {
  if (all.some((unit) => unit.classList.contains("shaded"))) return "";
  const { unit } = scaleOf(map, state);
  const strongest = Math.max(0, ...all.map((one) => (map.signed ? Math.abs(valueOf(one, state)) : valueOf(one, state)))).toFixed(2);
  const bar = state.thresholds[Number(state.bySentence)].toFixed(2);
  return state.bySentence
    ? tr("No sentence reaches {bar} ×: the strongest has {strongest} {unit}.", { bar, strongest, unit })
    : tr("No word reaches {bar} ×: the strongest has {strongest} {unit}.", { bar, strongest, unit });
}

/** The note as it is drawn: words within sentences within sections. */
function noteText(data) {
  const { pieces, map, struck, marked, withheld, draft } = data;
  const sources = new Set((draft?.pieces ?? []).flatMap((part) => (part.from ?? []).map(([piece]) => piece)));
  const drawn = words(pieces, new Set(struck), new Set(marked), new Set(withheld), sources, map?.pair);
  const text = element("div", { className: "text", tabIndex: 0, attributes: { role: "document", "aria-label": tr("Note") } }, ...drawn);
  if (map === null) return text;
  for (const [className, runs] of [["section", data.sections?.rows.map(({ pieces: run }) => run) ?? []], ["sentence", map.sentences.pieces]]) {
    for (const [rank, [first, end]] of runs.entries()) enclose(drawn.slice(first, end), element("span", { className }), rank);
  }
  for (const sentence of text.querySelectorAll(".sentence")) sentence.values = map.sentences.values[sentence.rank];
  return text;
}

function enclose(nodes, whole, rank) {
  if (!nodes.length) return;
  nodes[0].before(whole);
  whole.append(...nodes);
  whole.rank = rank;
}

export default function ({ data, parentElement, setStateValue }) {
  learn(data.words);
  const root = parentElement.querySelector(".note-map");
  const { map, height, draft } = data;
  // The reader's choices outlive a new map: they are kept on the element that Streamlit keeps.
  const state = (root.attendingState ??= { on: false, striking: false, sections: true, bySentence: null, thresholds: [DEFAULT_THRESHOLD, DEFAULT_THRESHOLD], face: 0, at: 0, here: null, pointed: null });
  const text = noteText(data);
  root.style.maxHeight = `var(--attending-pane, ${height}px)`;
  const drawn = (restore) => (draft ? [draftPanel(draft, text, restore)] : []);
  const resumed = held(root, map);
  const before = root.querySelector(".text");
  const scrolled = before?.scrollTop ?? 0;
  const focused = before !== null && root.getRootNode().activeElement === before;

  if (map === null) {
    root.replaceChildren(...drawn(() => text.querySelectorAll("[data-piece]").forEach((word) => tint(word, 0))), text);
  } else {
    const resume = mapped(root, text, data, state, drawn, setStateValue);
    if (focused) resume();
  }
  text.scrollTop = scrolled;
  resumed();
  if (focused) text.focus({ preventScroll: true });
  root.dataset.ready = "1";
}

const handles = (root) => [...root.querySelectorAll("button, input, select")];

/** Hold what a new drawing would lose: the focus, how far the sections were scrolled, and what was said of the same map. */
function held(root, map) {
  const before = handles(root);
  const at = before.indexOf(root.getRootNode().activeElement);
  const scrolled = root.querySelector(".sections")?.scrollTop ?? 0;
  const told = root.dataset.map === map?.title ? root.querySelector(".readout")?.textContent : "";
  return () => {
    const after = handles(root);
    if (at >= 0 && after.length === before.length) after[at].focus({ preventScroll: true });
    const panel = root.querySelector(".sections");
    if (panel) panel.scrollTop = scrolled;
    if (told) root.querySelector(".readout").textContent = told;
    root.dataset.map = map?.title ?? "";
  };
}

/** Draw a note with its map, and answer the reader's hand; gives what resumes where the keys had been. */
function mapped(root, text, data, state, drawn, setStateValue) {
  const { map, canStrike, sections } = data;
  state.bySentence ??= map.sentences.first;
  state.thresholds = [map.scale, map.sentences.scale].map((scale, rank) => Math.min(state.thresholds[rank], scale));
  state.face = state.face < map.faces.length ? state.face : 0;
  if (state.pieces !== data.pieces.length) Object.assign(state, { pieces: data.pieces.length, pointed: null }); // cut anew
  const controls = toolbar(data, state, redraw);
  const panel = sections === null ? element("div") : sectionPanel(sections, goToSection, goToPiece);
  root.replaceChildren(...drawn(() => shade(text, map, state)), controls.bar, element("div", { className: "body" }, text, panel));
  const all = { words: [...text.querySelectorAll(".word")], sentences: [...text.querySelectorAll(".sentence")].filter(({ values }) => values[0] !== null) };
  const units = () => (state.bySentence ? all.sentences : all.words);
  const unitAt = (target) => target.closest(state.bySentence ? ".sentence" : ".word");
  text.onpointerover = ({ target }) => {
    const unit = state.on && unitAt(target);
    controls.readout.textContent = unit ? said(unit) : "";
  };
  text.onclick = ({ target, shiftKey }) => {
    const unit = unitAt(target);
    if (state.striking && unit) strike(unit, shiftKey);
  };
  text.onkeydown = (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const button = { o: controls.toggle, w: controls.sentences, b: controls.beside, s: canStrike && controls.strike }[key.toLowerCase()];
    if (button) button.click();
    if (!state.striking || !units().length) return;
    const next = nextWord(units(), state.at, key);
    if (next !== undefined) goTo(next);
    else if (key === "Enter") strike(units()[state.at], shiftKey);
    else return;
    event.preventDefault();
  };

  function strike(unit, sentence) {
    const word = state.bySentence ? unit.querySelector(".word") : unit;
    // The time tells one strike from an equal one before it.
    if (word) setStateValue("struck", { piece: word.piece, sentence: sentence || state.bySentence, clicked: Date.now() });
  }
  function said(unit) {
    const away = unit.classList.contains("struck") ? tr(", struck out") : "";
    const values = map.faces.length > 1 ? unit.values.slice(1).map((value, rank) => `${LETTERS[rank]} ${(value ?? 0).toFixed(2)}`).join(", ") + "; " : "";
    const words = state.bySentence ? trimmed(unit.textContent) : unit.textContent;
    return `${words}${away}: ${values}${valueOf(unit, state).toFixed(2)} ${scaleOf(map, state).unit}`;
  }
  function goTo(rank) {
    units()[state.at]?.classList.remove("at");
    const unit = units()[(state.at = rank)];
    unit.classList.add("at");
    unit.scrollIntoView({ block: "nearest" });
    controls.readout.textContent = said(unit);
  }
  function goToSection(rank) {
    state.here = rank;
    marked();
    const place = text.querySelector(".section.here");
    if (!place) return;
    scrollTo(place);
    controls.readout.textContent = sections.rows[rank].said;
  }
  function marked() {
    for (const section of text.querySelectorAll(".section")) section.classList.toggle("here", section.rank === state.here);
    panel.querySelectorAll(".part").forEach((part, rank) => part.setAttribute("aria-pressed", String(rank === state.here)));
    for (const word of all.words) word.classList.toggle("pointed", word.piece === state.pointed);
  }
  function goToPiece(piece) {
    state.pointed = piece;
    marked();
    const word = text.querySelector(".pointed");
    if (!word) return;
    scrollTo(word);
    controls.readout.textContent = said(state.bySentence ? word.closest(".sentence") ?? word : word);
  }
  function scrollTo(place) {
    text.scrollTop += place.getClientRects()[0].top - text.getBoundingClientRect().top - ABOVE;
  }
  function redraw() {
    const { scale, unit, shading } = scaleOf(map, state);
    const threshold = state.thresholds[Number(state.bySentence)];
    controls.toggle.textContent = state.on ? tr("Hide map") : tr("Show map");
    for (const [button, pressed] of [[controls.toggle, state.on], [controls.sentences, state.bySentence], [controls.beside, state.sections && sections !== null], [controls.strike, state.striking]]) {
      button.setAttribute("aria-pressed", String(pressed));
    }
    text.classList.toggle("striking", state.striking);
    text.classList.toggle("by-sentence", state.bySentence);
    text.setAttribute("role", state.striking ? "application" : "document");
    text.setAttribute("aria-label", state.striking ? tr("Note. Arrow keys go from word to word, Enter takes one away or puts it back, with shift its sentence.") : tr("Note"));
    for (const one of text.querySelectorAll(".at")) one.classList.remove("at");
    state.at = Math.min(state.at, Math.max(units().length - 1, 0));
    units()[state.at]?.classList.toggle("at", state.striking);
    Object.assign(controls.slider, { max: String(scale), value: String(threshold), disabled: !state.on });
    controls.value.textContent = `${threshold.toFixed(2)} ×`;
    controls.from.textContent = shading;
    controls.choice.value = String(state.face);
    controls.name.textContent = map.faces.length > 1 ? map.method : map.title;
    controls.key.replaceChildren(...legend(map, { scale, unit }));
    controls.key.title = map.faces[state.face];
    panel.hidden = !(state.on && state.sections && sections !== null);
    root.dataset.overlay = state.on ? "on" : "off";
    shade(text, map, state);
    controls.readout.textContent = state.on ? unreached(units(), state, map) : "";
  }
  redraw();
  marked();
  return () => { if (state.striking && units().length) goTo(state.at); };
}
