// Words and the image that they were read with: a word in focus shows where it looked, a region that is chosen shows which words looked there.
// They are typed by anybody: they are only ever set as textContent.

const STEP = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** What the reader has chosen; it outlives a new drawing, and is kept on the element that Streamlit keeps. */
const chosen = () => ({ shown: false, taking: false, region: null });

/** The patches between two corners, ends included. */
const between = ([row, column], [otherRow, otherColumn]) => ({
  top: Math.min(row, otherRow), left: Math.min(column, otherColumn), bottom: Math.max(row, otherRow), right: Math.max(column, otherColumn),
});

const limited = (value, length) => Math.min(length - 1, Math.max(0, value));

/** Lay an element over a part of the image, its edges in shares of the image. */
function lay(node, [top, left, bottom, right]) {
  const percent = (share) => `${100 * share}%`;
  Object.assign(node.style, { top: percent(top), left: percent(left), height: percent(bottom - top), width: percent(right - left) });
  return node;
}

/** The words as buttons between what stands between them. */
function spelt(data) {
  const words = [];
  const struck = new Set(data.taken.words);
  const children = data.pieces.map(([text, rank]) => {
    if (rank === null) return text;
    const label = tr("{word}: {share} % of its attention on the image", { word: text, share: Math.round(100 * data.onImage[rank]) });
    const gone = struck.has(rank);
    words[rank] = element("button", { type: "button", className: gone ? "word struck" : "word", textContent: text, title: gone ? `${label}${tr(", struck out")}` : label });
    return words[rank];
  });
  return { words, children };
}

export default function ({ data, parentElement, setStateValue }) {
  learn(data.words);
  const root = parentElement.querySelector(".question-map");
  const state = (root.attendingState ??= chosen());
  const { rows, columns } = data.grid;
  const looked = bytes(data.looked);
  const rests = bytes(data.rests);
  const hexes = (colors) => colors.map(([color]) => color);
  const refocus = focusHeld(root);

  const heat = element("canvas", { className: "heat" });
  const mark = element("div", { className: "mark", hidden: true });
  const gone = data.taken.areas.map((edges, rank) => lay(element("div", { className: "gone", textContent: String(rank + 1) }), edges));
  const image = element(
    "div",
    { className: "image", tabIndex: 0, attributes: { role: "application", "aria-label": tr("Image: arrow keys choose a region, Escape leaves it") } },
    backdrop(data.image), heat, ...gone, mark,
  );
  image.style.aspectRatio = `${data.image.columns} / ${data.image.rows}`;
  image.style.maxWidth = `calc(440px * ${data.image.columns / data.image.rows})`;
  const readout = element("div", { className: "readout", attributes: { "aria-live": "polite" } });
  const { words, children } = spelt(data);
  const toggle = element("button", { type: "button", className: "toggle", textContent: tr("Show what the answer rests on"), onclick: () => { state.shown = !state.shown; choose(null); } });
  const take = element("button", {
    type: "button", className: "toggle take", textContent: tr("Take away"), hidden: !data.canTake,
    title: tr("Click a word or draw over a region to take it away, or click what is gone to put it back. By keys: arrows choose, Shift extends, Enter takes away"),
    onclick: () => { state.taking = !state.taking; rest(); },
  });

  const shade = (values, colors) =>
    words.forEach((word, rank) => {
      const [color, ink] = values ? colors[Math.round((values[rank] / LEVELS) * (colors.length - 1))] : ["", ""];
      word.style.background = color;
      word.style.color = ink;
    });
  const cover = (values, colors) => {
    heat.hidden = values === null;
    if (values) paint(heat, values, columns, hexes(colors), 0.5);
  };
  const fromWord = (rank) => {
    cover(looked.subarray(rank * rows * columns, (rank + 1) * rows * columns), data.colors);
    readout.textContent = tr("Where “{word}” looked: {share} % of its attention is on the image.", { word: words[rank].textContent, share: Math.round(100 * data.onImage[rank]) });
    root.dataset.from = words[rank].textContent;
  };
  /** How much a word looked at some patches, on average, on the scale of one patch. */
  const lookedAt = (rank, { top, left, bottom, right }) => {
    let sum = 0;
    for (let row = top; row <= bottom; row += 1) for (let column = left; column <= right; column += 1) sum += looked[(rank * rows + row) * columns + column];
    return sum / ((bottom - top + 1) * (right - left + 1));
  };
  const fromRegion = (region) => {
    const { top, left, bottom, right } = region;
    lay(mark, [top / rows, left / columns, (bottom + 1) / rows, (right + 1) / columns]);
    const values = words.map((_, rank) => lookedAt(rank, region));
    const word = words[values.indexOf(Math.max(...values))].textContent;
    shade(values, data.colors);
    cover(null);
    readout.textContent = top === bottom && left === right
      ? tr("Words that looked at row {row}, column {column}: most of all “{word}”.", { row: top + 1, column: left + 1, word })
      : tr("Words that looked at rows {top} to {bottom}, columns {left} to {right}: most of all “{word}”.", { top: top + 1, bottom: bottom + 1, left: left + 1, right: right + 1, word });
    root.dataset.from = "patch";
  };
  const said = () => {
    if (state.shown) return tr("{title}: one scale for words and image.", { title: data.title });
    return state.taking ? tr("Click a word or draw over a region to see the answer without it.") : tr("Point at a word to see where it looked; click a region to see its words.");
  };
  const rest = () => {
    toggle.setAttribute("aria-pressed", String(state.shown));
    take.setAttribute("aria-pressed", String(state.taking));
    image.classList.toggle("taking", state.taking);
    mark.hidden = state.region === null;
    if (state.region !== null) return fromRegion(between(...state.region));
    shade(state.shown ? data.restsWords : null, data.restColors);
    cover(state.shown ? rests : null, data.restColors);
    readout.textContent = said();
    root.dataset.from = state.shown ? "answer" : "";
  };
  const choose = (next) => {
    state.region = next;
    rest();
  };
  // The time tells one click from an equal one before it.
  const away = (what) => setStateValue("taken", { ...what, clicked: Date.now() });
  const awayRegion = () => {
    const { top, left, bottom, right } = between(...state.region);
    state.region = null;
    away({ patches: [top, left, bottom + 1, right + 1] });
  };

  words.forEach((word, rank) => {
    word.onpointerenter = word.onfocus = () => fromWord(rank);
    word.onpointerleave = word.onblur = rest;
    word.onclick = () => state.taking && away({ word: rank });
  });
  const patchAt = ({ clientX, clientY }) => {
    const { left, top, width, height } = image.getBoundingClientRect();
    return [limited(Math.floor(((clientY - top) / height) * rows), rows), limited(Math.floor(((clientX - left) / width) * columns), columns)];
  };
  let from = null; // where a region is being drawn from
  let leaves = false; // whether the patch under the pointer was the one that is chosen
  image.onpointerdown = (event) => {
    if (event.button !== 0) return;
    image.setPointerCapture(event.pointerId);
    from = patchAt(event);
    leaves = String(state.region) === String([from, from]);
    choose([from, from]);
  };
  image.onpointermove = (event) => {
    if (from) choose([from, patchAt(event)]);
  };
  image.onpointercancel = () => { from = null; };
  image.onpointerup = () => {
    if (!from) return;
    const one = String(state.region) === String([from, from]);
    from = null;
    if (state.taking) awayRegion();
    else if (one && leaves) choose(null);
  };
  image.onkeydown = (event) => {
    if (event.key === "Escape") choose(null);
    if (event.key === "Enter" && state.taking && state.region) awayRegion();
    const step = STEP[event.key];
    if (!step) return;
    event.preventDefault();
    const [first, last] = state.region ?? [null, [(rows >> 1) - step[0], (columns >> 1) - step[1]]];
    const next = [limited(last[0] + step[0], rows), limited(last[1] + step[1], columns)];
    choose([event.shiftKey && first ? first : next, next]);
  };
  root.replaceChildren(element("div", { className: "words", attributes: { "aria-label": tr("The words") } }, ...children), element("div", { className: "bar" }, toggle, take, readout), image);
  rest();
  refocus();
  root.dataset.ready = "1";
}

/** Hold the focus, which a new drawing of the same words would lose. */
function focusHeld(root) {
  const all = () => [...root.querySelectorAll("button, .image")];
  const before = all();
  const at = before.indexOf(root.getRootNode().activeElement);
  return () => {
    const after = all();
    if (at >= 0 && after.length === before.length) after[at].focus({ preventScroll: true });
  };
}
