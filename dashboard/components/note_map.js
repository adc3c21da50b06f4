// Draws a note and the map on its words. Text comes from files: it is only ever set as textContent.

const DEFAULT_THRESHOLD = 1; // the relevance of an average word, or sentence
const ABOVE = 10; // CSS pixels that are left above a place that is gone to
const LONGEST_SAID = 60; // signs of a sentence in the readout

const trimmed = (words) => (words.length > LONGEST_SAID ? `${words.slice(0, LONGEST_SAID)} …` : words);

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

/** What a note offers with a map and without: search, copy, what is denied or possible, and the list of keys. */
function tools(root, text, data, state) {
  const search = finder(root, text, state.search, (range) => {
    const [place, box] = [range.getBoundingClientRect(), text.getBoundingClientRect()];
    if (place.top < box.top || place.bottom > box.bottom) text.scrollTop += place.top - box.top - box.height / 3;
    const around = range.startContainer.parentElement;
    if (around !== text) around.scrollIntoView({ block: "nearest" });
  });
  const find = element("button", {
    type: "button", className: "toggle", textContent: tr("Find"), title: tr("Find words in the note. By key: /"),
    attributes: { "aria-keyshortcuts": "/" }, onclick: search.open,
  });
  const copy = copyButton(() => selectedOr(text), { title: tr("Copy what is selected, or the whole note. By key: C"), keys: "c" });
  const marks = element("button", {
    type: "button", className: "toggle marks", attributes: { "aria-keyshortcuts": "n" },
    title: tr("Dotted below: denied. Dashed below: only possible. Found by rules on words, not by the model. By key: N"),
    onclick: () => { state.marks = !state.marks; mark(); },
  }, element("span", { className: "denied", textContent: tr("denied") }), " ", element("span", { className: "possible", textContent: tr("possible") }));
  marks.hidden = !data.asserted.length;
  const panel = keysPanel({ mapped: data.map !== null, canStrike: data.canStrike, asserted: data.asserted.length > 0 });
  panel.hidden = !state.help;
  const help = element("button", {
    type: "button", className: "toggle", textContent: tr("Keys"), title: tr("The keys of the note (H or ?)"),
    onclick: () => { state.help = !state.help; panel.hidden = !state.help; help.setAttribute("aria-expanded", String(state.help)); },
  });
  help.setAttribute("aria-expanded", String(state.help));
  const mark = () => {
    text.classList.toggle("asserting", state.marks);
    marks.setAttribute("aria-pressed", String(state.marks));
  };
  mark();
  const keys = { "/": find, c: !copy.hidden && copy, n: !marks.hidden && marks, h: help, "?": help };
  return { row: element("span", { className: "tools" }, find, copy, marks, help), search: search.bar, panel, keys };
}

function toolbar(data, state, redraw, row) {
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
  const bar = element("div", { className: "toolbar" }, toggle, shown.sentences, shown.beside, strike, shown.faces, name, label, key, row, readout);
  return { bar, toggle, strike, slider, value, readout, from, name, key, ...shown };
}

function words(pieces, struck, marked, withheld, sources, pair, asserted) {
  return pieces.map(([text, relevance], piece) => {
    const said = asserted.get(piece);
    const drawn = (properties) => Object.assign(element("span", properties), { said });
    if (withheld.has(piece)) return drawn({ className: `withheld ${said?.kind ?? ""}`, textContent: text, title: tr("Not read by this model") });
    if (relevance === null && !sources.has(piece)) return said ? drawn({ className: said.kind, textContent: text }) : document.createTextNode(text);
    const word = drawn({ className: `word ${said?.kind ?? ""}`, textContent: text });
    word.dataset.piece = piece;
    word.values = [relevance, ...(pair?.map((values) => values[piece]) ?? [])];
    word.piece = piece;
    word.classList.toggle("struck", struck.has(piece));
    word.classList.toggle("marked", marked.has(piece));
    return word;
  });
}

/** How the note speaks of a word, or of words of a sentence: nothing where it simply says so. */
function spokenOf(unit) {
  if (!unit.classList.contains("sentence")) {
    if (!unit.said) return "";
    return unit.said.kind === "denied" ? tr(", denied by “{cue}”", unit.said) : tr(", only possible by “{cue}”", unit.said);
  }
  const scopes = new Map();
  for (const { said, textContent } of unit.querySelectorAll(".denied, .possible")) scopes.set(said, (scopes.get(said) ?? "") + textContent);
  const parts = [...scopes].map(([{ kind }, held]) => {
    const words = trimmed(held);
    return kind === "denied" ? tr(", denied: {words}", { words }) : tr(", only possible: {words}", { words });
  });
  return parts.join("");
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
  const asserted = new Map(data.asserted.flatMap((said) => Array.from({ length: said.end - said.first }, (_, rank) => [said.first + rank, said])));
  const drawn = words(pieces, new Set(struck), new Set(marked), new Set(withheld), sources, map?.pair, asserted);
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

/** What the reader has chosen; it outlives a new map, and is kept on the element that Streamlit keeps. */
const chosen = () => ({
  on: false, striking: false, sections: true, bySentence: null, thresholds: [DEFAULT_THRESHOLD, DEFAULT_THRESHOLD], face: 0,
  at: 0, walking: false, here: null, pointed: null, marks: true, help: false, search: { open: false, words: "", at: 0 },
});

export default function ({ data, parentElement, setStateValue }) {
  learn(data.words);
  const root = parentElement.querySelector(".note-map");
  const { map, height, draft } = data;
  const state = (root.attendingState ??= chosen());
  const text = noteText(data);
  root.style.maxHeight = `var(--attending-pane, ${height}px)`;
  const drawn = (restore) => (draft ? [draftPanel(draft, text, restore)] : []);
  const resumed = held(root, map);
  const before = root.querySelector(".text");
  const scrolled = before?.scrollTop ?? 0;
  const focused = before !== null && root.getRootNode().activeElement === before;

  const offered = tools(root, text, data, state);
  root.onkeydown = (event) => pressed(event, offered.keys);

  if (map === null) {
    const untinted = () => text.querySelectorAll("[data-piece]").forEach((word) => tint(word, 0));
    root.replaceChildren(...drawn(untinted), element("div", { className: "toolbar" }, offered.row), offered.search, offered.panel, text);
  } else {
    const resume = mapped(root, text, data, state, drawn, setStateValue, offered);
    if (focused) resume();
  }
  text.scrollTop = scrolled;
  resumed();
  if (focused) text.focus({ preventScroll: true });
  root.dataset.ready = "1";
}

/** A key that does what a button does, wherever in the note's pane the reader is but in a field. */
function pressed(event, keys) {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  const button = !ctrlKey && !metaKey && !altKey && !target.matches("input, select") && keys[key.toLowerCase()];
  if (!button) return;
  event.preventDefault();
  event.stopPropagation(); // the page has keys of its own
  button.click();
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
function mapped(root, text, data, state, drawn, setStateValue, offered) {
  const { map, canStrike, sections } = data;
  state.bySentence ??= map.sentences.first;
  state.thresholds = [map.scale, map.sentences.scale].map((scale, rank) => Math.min(state.thresholds[rank], scale));
  state.face = state.face < map.faces.length ? state.face : 0;
  if (state.pieces !== data.pieces.length) Object.assign(state, { pieces: data.pieces.length, pointed: null, walking: false }); // cut anew
  const controls = toolbar(data, state, redraw, offered.row);
  const panel = sections === null ? element("div") : sectionPanel(sections, goToSection, goToPiece);
  root.replaceChildren(...drawn(() => shade(text, map, state)), controls.bar, offered.search, offered.panel, element("div", { className: "body" }, text, panel));
  const all = { words: [...text.querySelectorAll(".word")], sentences: [...text.querySelectorAll(".sentence")].filter(({ values }) => values[0] !== null) };
  const units = () => (state.bySentence ? all.sentences : all.words);
  const unitAt = (target) => target.closest(state.bySentence ? ".sentence" : ".word");
  text.onpointerover = ({ target }) => {
    const unit = unitAt(target);
    controls.readout.textContent = !unit ? "" : state.on ? said(unit) : state.marks && spokenOf(unit) ? `${named(unit)}${spokenOf(unit)}` : "";
  };
  text.onclick = ({ target, shiftKey }) => {
    const unit = unitAt(target);
    const rank = units().indexOf(unit);
    if (state.striking && unit) strike(unit, shiftKey);
    else if (rank >= 0) goTo(rank, false);
  };
  const buttons = { o: controls.toggle, w: controls.sentences, b: controls.beside, s: canStrike && controls.strike };
  text.onkeydown = (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    pressed(event, buttons);
    if (!units().length) return;
    const walking = state.walking || state.striking;
    const next = walking ? nextWord(units(), state.at, key) : nextWord(units(), 0, key) !== undefined ? started(key) : undefined;
    if (next !== undefined) goTo(next);
    else if (state.striking && key === "Enter") strike(units()[state.at], shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  /** Where a walk begins: at the end that is asked for, or in sight. */
  function started(key) {
    return key === "Home" || key === "End" ? nextWord(units(), 0, key) : firstInSight(units(), text);
  }

  function strike(unit, sentence) {
    const word = state.bySentence ? unit.querySelector(".word") : unit;
    // The time tells one strike from an equal one before it.
    if (word) setStateValue("struck", { piece: word.piece, sentence: sentence || state.bySentence, clicked: Date.now() });
  }
  function named(unit) {
    return state.bySentence ? trimmed(unit.textContent) : unit.textContent;
  }
  function said(unit) {
    const away = unit.classList.contains("struck") ? tr(", struck out") : "";
    const values = map.faces.length > 1 ? unit.values.slice(1).map((value, rank) => `${LETTERS[rank]} ${(value ?? 0).toFixed(2)}`).join(", ") + "; " : "";
    const spoken = state.marks ? spokenOf(unit) : "";
    return `${named(unit)}${away}${spoken}: ${values}${valueOf(unit, state).toFixed(2)} ${scaleOf(map, state).unit}`;
  }
  function goTo(rank, moving = true) {
    units()[state.at]?.classList.remove("at");
    state.walking = true;
    const unit = units()[(state.at = rank)];
    unit.classList.add("at");
    if (!moving) return;
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
    // With a map shown, arrows go to this pane rather than to a screen reader's own reading of the page.
    text.setAttribute("role", state.striking || state.on ? "application" : "document");
    text.setAttribute("aria-label", state.striking ? tr("Note. Arrow keys go from word to word, Enter takes one away or puts it back, with shift its sentence.") : tr("Note. Arrow keys go from word to word, H lists all keys."));
    for (const one of text.querySelectorAll(".at")) one.classList.remove("at");
    state.at = Math.min(state.at, Math.max(units().length - 1, 0));
    units()[state.at]?.classList.toggle("at", state.striking || state.walking);
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
  return () => { if ((state.striking || state.walking) && units().length) goTo(state.at); };
}
