// Attention by layer and head: small multiples of one patch or word, and a large view to point at another.
// The text of a note comes from a file: it is only ever set as textContent.

/** The image with its patches: hovering shows what the chosen head sees from there, a click asks all heads. */
function imageStage(data, show, ask) {
  const heat = element("canvas", { className: "heat" });
  const mark = element("div", { className: "mark" });
  const node = element("div", { className: "image" }, backdrop(data.image), heat, mark);
  const { rows, columns } = data.grid;
  node.style.aspectRatio = `${data.image.columns} / ${data.image.rows}`;
  node.style.maxWidth = `calc(560px * ${data.image.columns / data.image.rows})`;
  const tokenAt = ({ clientX, clientY }) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((clientY - top) / height) * rows)));
    const column = Math.min(columns - 1, Math.max(0, Math.floor(((clientX - left) / width) * columns)));
    return row * columns + column;
  };
  node.onpointermove = (event) => show(tokenAt(event));
  node.onpointerleave = () => show(data.query);
  node.onclick = (event) => ask(tokenAt(event));
  const draw = (token, values) => {
    paint(heat, values, columns, data.colors, 0.55);
    mark.hidden = token === null;
    mark.style.left = `${(100 * (token % columns)) / columns}%`;
    mark.style.top = `${(100 * Math.floor(token / columns)) / rows}%`;
    mark.style.width = `${100 / columns}%`;
    mark.style.height = `${100 / rows}%`;
  };
  return { node, draw };
}

/** The words of a window, or the values of a course: the same with words. */
function textStage(data, show, ask) {
  const words = data.pieces.map((text, rank) => {
    const word = element("span", { className: text === null ? "special" : "word", textContent: text ?? "·" });
    word.rank = rank;
    return word;
  });
  const children = words.flatMap((word, rank) => (data.joined[rank] ? [word] : [" ", word]));
  const node = element("div", { className: data.label ? "text values" : "text", tabIndex: 0, attributes: { "aria-label": data.label ?? tr("Words of the window") } }, ...children);
  node.onpointerover = ({ target }) => target.rank !== undefined && show(target.rank);
  node.onpointerleave = () => show(data.query);
  node.onclick = ({ target }) => target.rank !== undefined && ask(target.rank);
  const draw = (token, values) => {
    words.forEach((word, rank) => {
      const step = Math.round((values[rank] / LEVELS) * (data.colors.length - 1));
      word.style.background = data.colors[step];
      word.style.color = data.inks[step];
      word.classList.toggle("asked", rank === token);
    });
  };
  return { node, draw };
}

function multiples(data, choose) {
  const values = bytes(data.small);
  const size = values.length / (data.layers * data.heads);
  const cells = Array.from({ length: data.layers * data.heads }, (_, at) => {
    const [layer, head] = [Math.floor(at / data.heads), at % data.heads];
    const canvas = element("canvas", {});
    paint(canvas, values.subarray(at * size, (at + 1) * size), data.grid ? data.grid.columns : size, data.colors);
    if (data.image) canvas.style.aspectRatio = `${data.image.columns} / ${data.image.rows}`;
    const title = tr("Layer {layer}, head {head}: {facts}", { layer: layer + 1, head: head + 1, facts: data.facts[at] });
    const pressed = String(layer === data.layer && head === data.head);
    const attributes = { "aria-label": title, "aria-pressed": pressed };
    return element("button", { type: "button", title, attributes, onclick: () => choose(layer, head) }, canvas);
  });
  const names = Array.from({ length: data.layers }, (_, layer) => element("span", { textContent: tr("Layer {layer}", { layer: layer + 1 }) }));
  const grid = element("div", { className: data.image ? "multiples" : "multiples strips" });
  grid.style.gridTemplateColumns = `max-content repeat(${data.heads}, minmax(0, ${data.image ? "130px" : "1fr"}))`;
  names.forEach((name, layer) => grid.append(name, ...cells.slice(layer * data.heads, (layer + 1) * data.heads)));
  return grid;
}

export default function ({ data, parentElement, setStateValue }) {
  learn(data.words);
  const root = parentElement.querySelector(".head-browser");
  const matrix = bytes(data.matrix);
  const whole = bytes(data.answer);
  const count = whole.length;
  const ask = (changes) => setStateValue("asked", { query: data.query, layer: data.layer, head: data.head, ...changes });
  const show = (token) => stage.draw(token, token === null ? whole : matrix.subarray(token * count, (token + 1) * count));
  const makeStage = data.image ? imageStage : textStage;
  const stage = makeStage(data, show, (token) => ask({ query: token }));
  const answer = element("button", {
    type: "button", className: "answer", textContent: tr("From the answer"),
    attributes: { "aria-pressed": String(data.query === null) },
    onclick: () => ask({ query: null }),
  });
  const said = element("span", { textContent: tr("Layer {layer}, head {head}: {facts}", { layer: data.layer + 1, head: data.head + 1, facts: data.facts[data.layer * data.heads + data.head] }) });
  const bar = element("div", { className: "bar" }, answer, said);
  const large = element("div", { className: "large" }, bar, stage.node);
  root.classList.toggle("of-image", Boolean(data.image));
  root.replaceChildren(large, multiples(data, (layer, head) => ask({ layer, head })));
  show(data.query);
  root.dataset.ready = "1";
}
