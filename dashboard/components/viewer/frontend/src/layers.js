// Maps laid over the image, each with its own colours, opacity and threshold: nothing is drawn where the model saw
// nothing, or below the threshold.

import { palette } from "./palettes.js";
import { tr } from "./words.js";

/** Where on its colour map a value lies, 0 to 1; a signed map has its zero in the middle. */
function position(value, signed) {
  const shown = Math.max(-1, Math.min(value, 1));
  return signed ? (shown + 1) / 2 : shown;
}

/** One map with the reader's settings. */
export class Layer {
  /**
   * @param map an overlay as sent by Python, with its `values`
   * @param before the layer that it takes the place of, whose settings it keeps as far as they mean the same
   */
  constructor(map, before) {
    const sameScale = before?.map.method === map.method;
    this.map = map;
    this.visible = before?.visible ?? map.shown;
    this.opacity = before?.opacity ?? 0.5;
    this.look = before?.look ?? (map.contour ? "Contour" : "Heat");
    this.threshold = sameScale ? before.threshold : map.threshold;
    this.palette = sameScale && before.map.signed === map.signed ? before.palette : map.palette;
    this.colored = Object.assign(document.createElement("canvas"), { width: map.columns, height: map.rows });
    this.paint();
  }

  get name() {
    return this.map.label ? tr("{method} for {label}", this.map) : this.map.method;
  }

  /** Change settings; colours are mixed anew where they must be. */
  change(settings) {
    Object.assign(this, settings);
    if ("threshold" in settings || "palette" in settings) this.paint();
  }

  /** Colour the map's grid; values are never stretched to the image's own maximum. */
  paint() {
    const { values, columns, rows, scale, signed } = this.map;
    const colors = palette(this.palette);
    const picture = new ImageData(columns, rows);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i];
      const strength = signed ? Math.abs(value) : value;
      if (!(strength >= this.threshold && strength > 0)) continue; // also leaves NaN transparent
      const entry = 3 * Math.round(255 * position(value / scale, signed));
      picture.data.set(colors.subarray(entry, entry + 3), 4 * i);
      picture.data[4 * i + 3] = 255;
    }
    this.colored.getContext("2d").putImageData(picture, 0, 0);
    this.outline = outlineOf(picture);
    this.line = `rgb(${colors.subarray(3 * 200, 3 * 201).join()})`;
  }

  /** Relevance at an image position of the map's own frame, or null where there is none. */
  valueAt(stack, column, row) {
    const x = Math.floor(((column + 0.5) / stack.columns) * this.map.columns);
    const y = Math.floor(((row + 0.5) / stack.rows) * this.map.rows);
    const value = this.map.values[y * this.map.columns + x];
    return value === undefined || Number.isNaN(value) ? null : value;
  }
}

/** All layers of one picture, drawn on one canvas: the first lies lowest. */
export class Layers {
  constructor(host) {
    this.canvas = Object.assign(document.createElement("canvas"), { className: "overlay" });
    host.append(this.canvas);
    this.all = [];
  }

  /** @param maps as sent by Python; layers of the same image keep their settings */
  set(maps, isNew) {
    const before = isNew ? [] : this.all;
    const alike = (map, rank) => before.find((one) => one.map.method === map.method) ?? before[rank];
    const taken = new Set();
    this.all = maps.map((map, rank) => {
      const found = alike(map, rank);
      const layer = new Layer(map, taken.has(found) ? undefined : found);
      taken.add(found);
      return layer;
    });
  }

  get visible() {
    return this.all.filter((layer) => layer.visible);
  }

  /** Whether a map is shown; an outline that is there from the beginning says what was found, not why. */
  get mapped() {
    return this.visible.some(({ map }) => !(map.contour && map.shown));
  }

  /** Hide all layers, or show those again that were hidden last; the first where no map was ever shown. */
  toggle() {
    const shown = this.visible;
    const back = this.all.filter((layer) => this.hidden?.includes(layer.map.method));
    const { mapped } = this;
    const next = mapped ? [] : back.length ? back : [...this.all.slice(0, 1), ...shown];
    this.hidden = mapped ? shown.map((layer) => layer.map.method) : [];
    for (const layer of this.all) layer.visible = next.includes(layer);
  }

  /** Draw on the grid of the image as it lies on the stage now. */
  draw(stage) {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = stage.element;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    for (const layer of this.visible) if (layer.map.frame === stage.frame) this.#lay(layer, stage, ratio);
  }

  #lay({ map, colored, opacity, look, outline, line }, stage, ratio) {
    const { columns, rows } = stage.stack;
    const [x, y] = stage.toCanvas(0, 0);
    const [rightX, rightY] = stage.toCanvas(columns, 0);
    const [downX, downY] = stage.toCanvas(0, rows);
    const across = [(rightX - x) / map.columns, (rightY - y) / map.columns];
    const down = [(downX - x) / map.rows, (downY - y) / map.rows];
    const context = this.canvas.getContext("2d");
    context.setTransform(...[...across, ...down, x, y].map((value) => value * ratio));
    context.globalAlpha = opacity;
    if (look !== "Contour") context.drawImage(colored, 0, 0);
    if (look !== "Heat") trace(context, outline, line, ratio);
    context.resetTransform();
  }
}

/** Lines of one width on the screen, whatever the zoom, light on dark so that they show on any grey. */
function trace(context, outline, line, ratio) {
  const lines = new Path2D();
  lines.addPath(outline, context.getTransform());
  context.resetTransform();
  context.globalAlpha = 1;
  for (const [color, width] of [["#000", 3.5], [line, 1.75]]) {
    context.strokeStyle = color;
    context.lineWidth = width * ratio;
    context.stroke(lines);
  }
}

/** The edges between cells that are coloured and cells that are not. */
function outlineOf({ data, width, height }) {
  const path = new Path2D();
  const shown = (x, y) => x >= 0 && y >= 0 && x < width && y < height && data[4 * (y * width + x) + 3] > 0;
  for (let y = 0; y <= height; y += 1) {
    for (let x = 0; x <= width; x += 1) {
      if (shown(x, y) !== shown(x - 1, y)) {
        path.moveTo(x, y);
        path.lineTo(x, y + 1);
      }
      if (shown(x, y) !== shown(x, y - 1)) {
        path.moveTo(x, y);
        path.lineTo(x + 1, y);
      }
    }
  }
  return path;
}
