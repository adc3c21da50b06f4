// Words and the image that they were read with: a word in focus shows where it looked, a patch that is chosen shows which words looked there.
// They are typed by anybody: they are only ever set as textContent.

const STEP = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export default function ({ data, parentElement }) {
  learn(data.words);
  const root = parentElement.querySelector(".question-map");
  const { rows, columns } = data.grid;
  const count = rows * columns;
  const looked = bytes(data.looked);
  const rests = bytes(data.rests);
  const hexes = (colors) => colors.map(([color]) => color);
  let patch = null; // the patch that is chosen
  let shown = false; // whether the map of the answer is on

  const heat = element("canvas", { className: "heat" });
  const mark = element("div", { className: "mark", hidden: true });
  const image = element(
    "div",
    { className: "image", tabIndex: 0, attributes: { role: "application", "aria-label": tr("Image: arrow keys choose a region, Escape leaves it") } },
    backdrop(data.image), heat, mark,
  );
  image.style.aspectRatio = `${data.image.columns} / ${data.image.rows}`;
  image.style.maxWidth = `calc(440px * ${data.image.columns / data.image.rows})`;
  const readout = element("div", { className: "readout", attributes: { "aria-live": "polite" } });
  const words = [];
  const children = data.pieces.map(([text, rank]) => {
    if (rank === null) return text;
    const label = tr("{word}: {share} % of its attention on the image", { word: text, share: Math.round(100 * data.onImage[rank]) });
    words[rank] = element("button", { type: "button", className: "word", textContent: text, title: label });
    words[rank].onpointerenter = words[rank].onfocus = () => fromWord(rank);
    words[rank].onpointerleave = words[rank].onblur = () => rest();
    return words[rank];
  });
  const toggle = element("button", { type: "button", className: "toggle", textContent: tr("Show what the answer rests on"), attributes: { "aria-pressed": "false" } });

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
    cover(looked.subarray(rank * count, (rank + 1) * count), data.colors);
    readout.textContent = tr("Where “{word}” looked: {share} % of its attention is on the image.", { word: words[rank].textContent, share: Math.round(100 * data.onImage[rank]) });
    root.dataset.from = words[rank].textContent;
  };
  const fromPatch = () => {
    const [row, column] = [Math.floor(patch / columns), patch % columns];
    Object.assign(mark.style, { left: `${(100 * column) / columns}%`, top: `${(100 * row) / rows}%`, width: `${100 / columns}%`, height: `${100 / rows}%` });
    const values = words.map((_, rank) => looked[rank * count + patch]);
    const most = values.indexOf(Math.max(...values));
    shade(values, data.colors);
    cover(null);
    readout.textContent = tr("Words that looked at row {row}, column {column}: most of all “{word}”.", { row: row + 1, column: column + 1, word: words[most].textContent });
    root.dataset.from = "patch";
  };
  const rest = () => {
    mark.hidden = patch === null;
    if (patch !== null) return fromPatch();
    shade(shown ? data.restsWords : null, data.restColors);
    cover(shown ? rests : null, data.restColors);
    readout.textContent = shown ? tr("{title}: one scale for words and image.", { title: data.title }) : tr("Point at a word to see where it looked; click a region to see its words.");
    root.dataset.from = shown ? "answer" : "";
  };
  const choose = (next) => {
    patch = next;
    rest();
  };
  image.onclick = ({ clientX, clientY }) => {
    const { left, top, width, height } = image.getBoundingClientRect();
    const at = (share, cells) => Math.min(cells - 1, Math.max(0, Math.floor(share * cells)));
    const next = at((clientY - top) / height, rows) * columns + at((clientX - left) / width, columns);
    choose(next === patch ? null : next);
  };
  image.onkeydown = (event) => {
    if (event.key === "Escape") choose(null);
    const step = STEP[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = patch === null ? [rows >> 1, columns >> 1] : [Math.floor(patch / columns) + step[0], (patch % columns) + step[1]];
    choose(Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column)));
  };
  toggle.onclick = () => {
    shown = !shown;
    toggle.setAttribute("aria-pressed", String(shown));
    choose(null);
  };
  root.replaceChildren(element("div", { className: "words", attributes: { "aria-label": tr("The words") } }, ...children), element("div", { className: "bar" }, toggle, readout), image);
  rest();
  root.dataset.ready = "1";
}
