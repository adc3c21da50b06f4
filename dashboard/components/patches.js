// What the components share that draw patches: elements, colours on a canvas, and the picture behind.

const bytes = (encoded) => Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
const LEVELS = 255;

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { attributes = {}, ...rest } = properties;
  Object.assign(made, rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Colour `values` (0 to 255) on a canvas of so many columns; a place without a value stays as it is. */
function paint(canvas, values, columns, colors, opacity = 1) {
  const rows = Math.ceil(values.length / columns);
  canvas.width = columns;
  canvas.height = rows;
  const picture = new ImageData(columns, rows);
  values.forEach((value, i) => {
    const color = colors[Math.round((value / LEVELS) * (colors.length - 1))];
    picture.data.set([1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)), 4 * i);
    picture.data[4 * i + 3] = LEVELS * opacity;
  });
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

function backdrop({ rows, columns, grey }) {
  const canvas = element("canvas", { className: "backdrop", width: columns, height: rows });
  const picture = new ImageData(columns, rows);
  bytes(grey).forEach((value, i) => picture.data.set([value, value, value, LEVELS], 4 * i));
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas;
}
