// Draws a note and the map on its words. Text comes from files: it is only ever set as textContent.

const DEFAULT_THRESHOLD = 1; // the relevance of an average word

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { attributes = {}, ...rest } = properties;
  Object.assign(made, rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function legend(map) {
  const stops = map.colors.map(([background]) => background).join(", ");
  const bar = element("span", { className: "bar" });
  bar.style.background = `linear-gradient(to right, ${stops})`;
  const end = map.scale.toFixed(1);
  const low = element("span", { textContent: map.signed ? tr("against ≤ −{end}", { end }) : "0" });
  const top = element("span", { textContent: map.signed ? tr("≥ {end} {unit} for", { end, unit: map.unit }) : `≥ ${end} ${map.unit}` });
  return element("span", { className: "legend", title: map.title }, low, bar, top);
}

function toolbar(map, state, redraw, canStrike) {
  const toggle = element("button", {
    type: "button",
    className: "toggle",
    attributes: { "aria-pressed": String(state.on), "aria-keyshortcuts": "o" },
    onclick: () => { state.on = !state.on; redraw(); },
  });
  const value = element("output", { className: "value" });
  const slider = element("input", {
    type: "range", min: "0", max: String(map.scale), step: "0.05", value: String(state.threshold),
    oninput: (event) => { state.threshold = Number(event.target.value); redraw(); },
  });
  const label = element("label", {}, element("span", { textContent: tr("Shade words from") }), slider, value);
  const readout = element("span", { className: "readout", attributes: { "aria-live": "polite" } });
  const name = element("span", { className: "name", textContent: map.title });
  const strike = element("button", {
    type: "button",
    className: "toggle strike",
    textContent: tr("Strike words"),
    title: tr("Click a word to take it away, or to put it back; with shift: its sentence. By keys: S, arrows, Enter"),
    onclick: () => { state.striking = !state.striking; redraw(); },
  });
  strike.hidden = !canStrike;
  const bar = element("div", { className: "toolbar" }, toggle, strike, name, label, legend(map), readout);
  return { bar, toggle, strike, slider, value, readout };
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

function words(pieces, struck, marked, withheld, sources) {
  return pieces.map(([text, relevance], piece) => {
    if (withheld.has(piece)) return element("span", { className: "withheld", textContent: text, title: tr("Not read by this model") });
    if (relevance === null && !sources.has(piece)) return document.createTextNode(text);
    const word = element("span", { className: "word", textContent: text });
    word.dataset.piece = piece;
    word.relevance = relevance;
    word.piece = piece;
    word.classList.toggle("struck", struck.has(piece));
    word.classList.toggle("marked", marked.has(piece));
    return word;
  });
}

function shade(text, map, state) {
  for (const word of text.querySelectorAll(".word")) {
    const strength = map.signed ? Math.abs(word.relevance) : word.relevance;
    const shown = state.on && strength >= state.threshold && strength > 0;
    const share = Math.max(-1, Math.min(1, word.relevance / map.scale));
    const step = Math.round((map.signed ? (share + 1) / 2 : share) * (map.colors.length - 1));
    const [background, ink] = shown ? map.colors[step] : ["", ""];
    word.style.background = background;
    word.style.color = ink;
    word.classList.toggle("shaded", shown);
  }
}

/** What to say where no word reaches the bar, as when a film beside the note carries the answer; nothing where one does. */
function unreached(all, state, map) {
  if (all.some((word) => word.classList.contains("shaded"))) return "";
  const strongest = Math.max(0, ...all.map(({ relevance }) => (map.signed ? Math.abs(relevance) : relevance)));
  return tr("No word reaches {bar} ×: the strongest has {strongest} {unit}.", { bar: state.threshold.toFixed(2), strongest: strongest.toFixed(2), unit: map.unit });
}

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
  const copy = element("button", {
    type: "button", className: "toggle", textContent: tr("Copy"),
    onclick: async () => {
      await navigator.clipboard.writeText(draft.pieces.map((piece) => piece.text).join(""));
      copy.textContent = tr("Copied");
    },
  });
  copy.hidden = !navigator.clipboard; // browsers lend it to safe addresses only
  const warned = draft.warnings.map((words) => element("p", { className: "warned", textContent: words, attributes: { role: "alert" } }));
  const said = element("p", { className: "about", textContent: draft.said.join(" ") });
  const panel = element("div", { className: "draft" }, element("div", { className: "head" }, head, copy), written, readout, ...warned, said);
  show(null);
  return panel;
}

export default function ({ data, parentElement, setStateValue }) {
  learn(data.words);
  const root = parentElement.querySelector(".note-map");
  const { pieces, map, height, struck, marked, withheld, canStrike, draft } = data;
  // The reader's choices outlive a new map: they are kept on the element that Streamlit keeps.
  const state = (root.attendingState ??= { on: false, striking: false, threshold: DEFAULT_THRESHOLD, at: 0 });
  const sources = new Set((draft?.pieces ?? []).flatMap((part) => (part.from ?? []).map(([piece]) => piece)));
  const text = element("div", { className: "text", tabIndex: 0, attributes: { role: "document", "aria-label": tr("Note") } }, ...words(pieces, new Set(struck), new Set(marked), new Set(withheld), sources));
  root.style.maxHeight = `var(--attending-pane, ${height}px)`;
  const drawn = (restore) => (draft ? [draftPanel(draft, text, restore)] : []);
  const before = root.querySelector(".text");
  const scrolled = before?.scrollTop ?? 0;
  const focused = before !== null && root.getRootNode().activeElement === before;

  if (map === null) {
    root.replaceChildren(...drawn(() => text.querySelectorAll("[data-piece]").forEach((word) => tint(word, 0))), text);
  } else {
    state.threshold = Math.min(state.threshold, map.scale);
    const controls = toolbar(map, state, redraw, canStrike);
    root.replaceChildren(...drawn(() => shade(text, map, state)), controls.bar, text);
    text.onpointerover = ({ target }) => {
      const hit = state.on && target.classList.contains("word");
      controls.readout.textContent = hit ? `${target.textContent}: ${target.relevance.toFixed(2)} ${map.unit}` : "";
    };
    text.onclick = ({ target, shiftKey }) => {
      if (!state.striking || !target.classList.contains("word")) return;
      strike(target, shiftKey);
    };
    const all = [...text.querySelectorAll(".word")];
    state.at = Math.min(state.at, Math.max(all.length - 1, 0));
    text.onkeydown = (event) => {
      const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
      if (ctrlKey || metaKey || altKey) return;
      if (key.toLowerCase() === "o") controls.toggle.click();
      if (key.toLowerCase() === "s" && canStrike) controls.strike.click();
      if (!state.striking || !all.length) return;
      const next = nextWord(all, state.at, key);
      if (next !== undefined) goTo(next);
      else if (key === "Enter") strike(all[state.at], shiftKey);
      else return;
      event.preventDefault();
    };
    function strike(word, sentence) {
      // The time tells one strike from an equal one before it.
      setStateValue("struck", { piece: word.piece, sentence, clicked: Date.now() });
    }
    function goTo(rank) {
      all[state.at].classList.remove("at");
      all[(state.at = rank)].classList.add("at");
      all[rank].scrollIntoView({ block: "nearest" });
      const { textContent, relevance, classList } = all[rank];
      const away = classList.contains("struck") ? tr(", struck out") : "";
      controls.readout.textContent = `${textContent}${away}: ${relevance.toFixed(2)} ${map.unit}`;
    }
    function redraw() {
      controls.toggle.textContent = state.on ? tr("Hide map") : tr("Show map");
      controls.toggle.setAttribute("aria-pressed", String(state.on));
      controls.strike.setAttribute("aria-pressed", String(state.striking));
      text.classList.toggle("striking", state.striking);
      text.setAttribute("role", state.striking ? "application" : "document");
      text.setAttribute("aria-label", state.striking ? tr("Note. Arrow keys go from word to word, Enter takes one away or puts it back, with shift its sentence.") : tr("Note"));
      all[state.at]?.classList.toggle("at", state.striking);
      controls.slider.disabled = !state.on;
      controls.value.textContent = `${state.threshold.toFixed(2)} ×`;
      root.dataset.overlay = state.on ? "on" : "off";
      shade(text, map, state);
      controls.readout.textContent = state.on ? unreached(all, state, map) : "";
    }
    redraw();
    if (focused && state.striking && all.length) goTo(state.at);
  }
  text.scrollTop = scrolled;
  if (focused) text.focus({ preventScroll: true });
  root.dataset.ready = "1";
}
