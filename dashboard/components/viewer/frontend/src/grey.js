// Draws a grey frame where there is no graphics card, as large as it is seen instead of as large as it is.
//
// Cornerstone windows every pixel of a frame for each step of a drag. A frame that is shown at a quarter of its size is
// reduced once, by the mean of two by two pixels as often as it loses nothing on the screen, and only that is windowed.

const WHITE = 255;
const OPAQUE = 0xff000000;
const reductions = new WeakMap(); // image -> its reductions, the frame itself first

/** The frame in half of its width and height: the mean of every two by two pixels, of fewer at the edge. */
function halve({ pixels, width, height }) {
  const [columns, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const halved = new pixels.constructor(columns * rows);
  for (let row = 0; row < rows; row += 1) {
    const upper = 2 * row * width;
    const lower = Math.min(2 * row + 1, height - 1) * width;
    for (let column = 0; column < columns; column += 1) {
      const left = 2 * column;
      const right = Math.min(left + 1, width - 1);
      const sum = pixels[upper + left] + pixels[upper + right] + pixels[lower + left] + pixels[lower + right];
      halved[row * columns + column] = Math.round(sum / 4);
    }
  }
  return { pixels: halved, width: columns, height: rows };
}

/** A frame reduced by `level` halvings; made when it is first seen so, kept as long as the frame. */
function reduced(image, level) {
  if (!reductions.has(image)) {
    reductions.set(image, [{ pixels: image.getPixelData(), width: image.width, height: image.height }]);
  }
  const made = reductions.get(image);
  while (made.length <= level) made.push(halve(made.at(-1)));
  return made[level];
}

/** How often a frame may be halved before it has fewer pixels than the screen shows of it. */
function levelAt([a, b, c, d]) {
  const zoom = Math.max(Math.hypot(a, b), Math.hypot(c, d)); // canvas pixels per image pixel
  return zoom < 1 ? Math.floor(Math.log2(1 / zoom)) : 0;
}

/** The colour of every pixel value from `low` to `high` (PS3.3 C.11.2.1.2.1), as ImageData holds them: opaque greys. */
function colors(low, high, { voi: { windowCenter, windowWidth }, invert }) {
  const greys = new Uint8ClampedArray(1);
  const table = new Uint32Array(high - low + 1);
  const slope = WHITE / Math.max(windowWidth - 1, Number.EPSILON);
  const first = (low - (windowCenter - 0.5)) * slope + WHITE / 2;
  for (let value = 0; value < table.length; value += 1) {
    greys[0] = first + value * slope; // clamped and rounded
    table[value] = OPAQUE + (invert ? WHITE - greys[0] : greys[0]) * 0x010101;
  }
  return table;
}

/** A canvas to window into, of a given size; the one before if it will do. */
function surface(before, { width, height }) {
  if (before?.canvas.width === width && before.canvas.height === height) return before;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { alpha: false });
  return { canvas, context, data: context.createImageData(width, height) };
}

/** Draw a frame's pixels through the window of a viewport, and put them into a canvas. */
function putWindowed({ context, data }, { pixels }, { minPixelValue: low, maxPixelValue: high }, viewport) {
  const table = colors(low, high, viewport);
  const drawn = new Uint32Array(data.data.buffer);
  for (let at = 0; at < drawn.length; at += 1) drawn[at] = table[pixels[at] - low];
  context.putImageData(data, 0, 0);
}

/** Cornerstone's `render` of an image: draw it into the canvas of a viewport as the camera stands. */
export function drawGrey({ canvas, image, viewport, transform, renderingTools: kept }) {
  const matrix = transform.getMatrix();
  const level = levelAt(matrix);
  const seen = [image.imageId, level, viewport.voi.windowCenter, viewport.voi.windowWidth, viewport.invert].join();
  if (kept.seen !== seen) {
    const frame = reduced(image, level);
    kept.surface = surface(kept.surface, frame);
    kept.seen = seen;
    putWindowed(kept.surface, frame, image, viewport);
  }
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "black";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = !viewport.pixelReplication;
  context.setTransform(...matrix);
  const { width, height } = image;
  context.drawImage(kept.surface.canvas, 0, 0, width / 2 ** level, height / 2 ** level, 0, 0, width, height);
}
