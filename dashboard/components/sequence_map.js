// Draws a window of bases: a logo of their relevance, the junction, and the effect of every substitution.

const SVG = "http://www.w3.org/2000/svg";
const COLUMN = 14; // width of a base, in units of the drawing
const UP = 92, DOWN = 56, LETTER = 22, CELL = 13; // heights: logo above and below its axis, bases, mutations
const LEFT = 46;
const INK = { A: "#3ecf8e", C: "#6cb8f0", G: "#f0b43c", T: "#f2795c" };
const LETTERS = ["A", "C", "G", "T"];

function draw(tag, attributes = {}, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function element(tag, properties = {}, ...children) {
  const { attributes = {}, ...rest } = properties;
  const made = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A letter stretched to a height; a capital of 10 units is 7.2 high.
function tall(letter, x, base, height, opacity) {
  const scale = Math.abs(height) / 7.2;
  const flip = height < 0 ? base - height : base;
  return draw("text", {
    transform: `translate(${x + COLUMN / 2} ${flip}) scale(1.5 ${scale})`,
    fill: INK[letter] ?? "#c3ccd4", "text-anchor": "middle", class: "tall", opacity,
  }, letter);
}

function logo(svg, data, state) {
  const { map, bases, relevance } = data;
  const down = map.signed ? DOWN : 0;
  svg.append(draw("line", { x1: LEFT, x2: LEFT + bases.length * COLUMN, y1: UP, y2: UP, class: "axis" }));
  svg.append(draw("text", { x: LEFT - 6, y: 10, class: "side" }, `${map.scale.toFixed(1)} ×`));
  svg.append(draw("text", { x: LEFT - 6, y: UP + 4, class: "side" }, "0"));
  if (map.signed) svg.append(draw("text", { x: LEFT - 6, y: UP + down, class: "side" }, `−${(map.scale * down / UP).toFixed(1)} ×`));
  relevance.forEach((value, rank) => {
    if (value === null || Math.abs(value) < state.threshold || value === 0) return;
    const height = Math.max(-down, Math.min(UP - 2, (value / map.scale) * UP));
    if (Math.abs(height) > 0.5) svg.append(tall(bases[rank], LEFT + rank * COLUMN, UP, height, 1));
  });
  return UP + down;
}

function row(svg, data, top) {
  const struck = new Set(data.struck), marked = new Set(data.marked);
  [...data.bases].forEach((own, rank) => {
    const place = data.places[rank], x = LEFT + rank * COLUMN;
    const letter = data.changed[place] ?? own;
    const read = data.map === null || data.relevance[rank] !== null;
    const base = draw("text", { x: x + COLUMN / 2, y: top + 16, fill: INK[letter] ?? "#c3ccd4", class: "base", opacity: read ? 1 : 0.35 }, letter);
    svg.append(base);
    if (letter !== own) svg.append(draw("rect", { x: x + 0.5, y: top + 2, width: COLUMN - 1, height: LETTER - 4, class: "changed" }));
    if (struck.has(place)) svg.append(draw("line", { x1: x + 2, x2: x + COLUMN - 2, y1: top + 11, y2: top + 11, class: "struck" }));
    if (marked.has(place)) svg.append(draw("rect", { x: x + 0.5, y: top + 2, width: COLUMN - 1, height: LETTER - 4, class: "marked" }));
    if ((place + 1) % 10 === 0) svg.append(draw("text", { x: x + COLUMN / 2, y: top + LETTER + 12, class: "tick" }, (place + 1).toLocaleString("en")));
  });
  return top + LETTER + 18;
}

function mutations(svg, data, top) {
  const { changes, colors } = data.mutations;
  LETTERS.forEach((letter, line) => {
    const y = top + line * CELL;
    svg.append(draw("text", { x: LEFT - 8, y: y + 10, class: "side", fill: INK[letter] }, `→ ${letter}`));
    changes.forEach((change, rank) => {
      if (change === null) return;
      const share = (Math.max(-1, Math.min(1, change[line] * 2)) + 1) / 2; // half the range fills the palette
      svg.append(draw("rect", {
        x: LEFT + rank * COLUMN + 0.5, y: y + 0.5, width: COLUMN - 1, height: CELL - 1,
        fill: data.bases[rank] === letter ? "transparent" : colors[Math.round(share * (colors.length - 1))],
        stroke: data.bases[rank] === letter ? "#56626d" : data.changed[data.places[rank]] === letter ? "#f0b95a" : "none",
        "stroke-width": data.changed[data.places[rank]] === letter ? 2 : 1,
      }));
    });
  });
  return top + 4 * CELL + 4;
}

function junction(svg, data, height) {
  const x = LEFT + data.site * COLUMN;
  svg.append(draw("line", { x1: x, x2: x, y1: 0, y2: height, class: "junction" }));
  if (!data.sides) return;
  svg.append(draw("text", { x: x - 6, y: 11, class: "side junction-name" }, `${data.sides[0]} ◂`));
  svg.append(draw("text", { x: x + 6, y: 11, class: "junction-name" }, `▸ ${data.sides[1]}`));
}

function toolbar(data, state, redraw) {
  const toggle = element("button", {
    type: "button", className: "toggle", textContent: state.on ? tr("Hide map") : tr("Show map"),
    attributes: { "aria-pressed": String(state.on), "aria-keyshortcuts": "o" },
    onclick: () => { state.on = !state.on; redraw(); },
  });
  const value = element("output", { className: "value", textContent: `${state.threshold.toFixed(2)} ×` });
  const slider = element("input", {
    type: "range", min: "0", max: String(data.map?.scale ?? 1), step: "0.05", value: String(state.threshold), disabled: !state.on,
    oninput: (event) => { state.threshold = Number(event.target.value); redraw(true); },
  });
  const name = element("span", { className: "name", textContent: data.map ? tr("{title}, × average base", { title: data.map.title }) : "" });
  const strand = element("span", { className: "name strand", textContent: data.strand ?? "", hidden: !data.strand });
  const label = element("label", {}, element("span", { textContent: tr("Letters from") }), slider, value);
  const effect = element("span", { className: "legend", hidden: !data.mutations || !state.on });
  if (data.mutations) {
    const bar = element("span", { className: "bar" });
    bar.style.background = `linear-gradient(to right, ${data.mutations.colors.join(", ")})`;
    effect.append(tr("Substitutions: P({label}) −0.5", { label: data.mutations.label }), bar, "+0.5");
  }
  return { bar: element("div", { className: "toolbar" }, toggle, name, strand, label, effect), toggle, value };
}

function said(data, rank) {
  if (rank === null) return "";
  const letter = data.bases[rank], value = data.relevance[rank], change = data.mutations?.changes[rank], instead = data.changed[data.places[rank]];
  const parts = [tr("base {place}: {letter}", { place: (data.places[rank] + 1).toLocaleString("en"), letter })];
  if (instead) parts.push(tr("{letter} is put here", { letter: instead }));
  if (data.map) parts.push(value === null ? tr("not read") : tr("relevance {value} ×", { value: value.toFixed(2) }));
  if (change) {
    const signed = (number) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;
    parts.push(LETTERS.filter((other) => other !== letter).map((other) => `→ ${other} ${signed(change[LETTERS.indexOf(other)])}`).join("  "));
  }
  return parts.join(" · ");
}

export default function ({ data, parentElement, setStateValue }) {
  learn(data.words);
  const root = parentElement.querySelector(".sequence-map");
  const state = (root.attendingState ??= { on: false, threshold: 0, at: null });
  const readout = element("div", { className: "readout", attributes: { "aria-live": "polite" } });
  const count = data.bases.length;

  const edit = (rank, letter = null) => {
    if (!data.canEdit || rank === null) return;
    const place = data.places[rank];
    const asked = letter === data.bases[rank] ? data.changed[place] : letter; // its own base: put back what was changed
    // The time tells one click from an equal one before it.
    if (asked !== undefined) setStateValue("edited", { base: place, letter: asked, clicked: Date.now() });
  };

  function redraw(keepBar = false) {
    const svg = draw("svg", { role: "application", tabindex: 0, "aria-label": tr("Bases around the site; arrow keys move, Enter takes a base away, A, C, G and T put that base in its place") });
    let top = state.on && data.map ? logo(svg, data, state) : 16;
    top = row(svg, data, top);
    const cells = top + 2;
    if (state.on && data.mutations) top = mutations(svg, data, cells);
    junction(svg, data, top);
    svg.setAttribute("viewBox", `0 0 ${LEFT + count * COLUMN + 8} ${top + 4}`);
    const cursor = draw("rect", { width: COLUMN, height: top, class: "cursor", visibility: "hidden" });
    svg.append(cursor);
    const point = (rank) => {
      state.at = rank;
      cursor.setAttribute("visibility", rank === null ? "hidden" : "visible");
      if (rank !== null) cursor.setAttribute("x", LEFT + rank * COLUMN);
      readout.textContent = said(data, rank) || hint;
    };
    const rankAt = (event) => {
      const box = svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * (LEFT + count * COLUMN + 8);
      const rank = Math.floor((x - LEFT) / COLUMN);
      return rank >= 0 && rank < count ? rank : null;
    };
    /** The base of the row of substitutions under the pointer; null elsewhere. */
    const letterAt = (event) => {
      if (!state.on || !data.mutations) return null;
      const { y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return LETTERS[Math.floor((y - cells) / CELL)] ?? null;
    };
    const hint = data.canEdit ? tr("Point at a base to read it; click it to take it away or to put it back; click another base below it to put that there.") : tr("Point at a base to read it.");
    svg.onpointermove = (event) => point(rankAt(event));
    svg.onpointerleave = () => point(null);
    svg.onclick = (event) => edit(rankAt(event), letterAt(event));
    svg.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) { point(Math.max(0, Math.min(count - 1, (state.at ?? data.site - step) + step))); event.preventDefault(); }
      if (event.key === "Enter") edit(state.at);
      if (event.key.toLowerCase() === "o") controls.toggle.click();
      const letter = event.key.toUpperCase();
      if (!LETTERS.includes(letter)) return;
      event.stopPropagation(); // the page has keys of its own
      edit(state.at, letter);
    };
    const focused = root.contains(document.activeElement) || root.getRootNode().activeElement?.closest?.(".sequence-map") === root;
    if (keepBar) {
      controls.value.textContent = `${state.threshold.toFixed(2)} ×`;
      root.querySelector("svg").replaceWith(svg);
    } else {
      controls = toolbar(data, state, redraw);
      controls.bar.hidden = data.map === null;
      root.replaceChildren(controls.bar, svg, readout);
      if (focused) svg.focus();
    }
    point(focused ? state.at : null);
    root.dataset.overlay = state.on ? "on" : "off";
  }

  let controls;
  state.threshold = Math.min(state.threshold, data.map?.scale ?? 0);
  redraw();
  root.dataset.ready = "1";
}
