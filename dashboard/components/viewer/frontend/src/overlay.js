// The heat map: colour by value, one opacity for all, nothing where the model saw nothing or below the threshold.

import { palette } from "./palettes.js";

/** Where on its colour map a value lies, 0 to 1; a signed map has its zero in the middle. */
function position(value, signed) {
  const shown = Math.max(-1, Math.min(value, 1));
  return signed ? (shown + 1) / 2 : shown;
}

export class OverlayLayer {
  constructor(host) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "overlay";
    host.append(this.canvas);
    this.colored = document.createElement("canvas");
    this.map = null;
  }

  /** @param name of a colour map */
  recolor(name, threshold) {
    this.colors = palette((this.map.palette = name));
    this.paint(threshold);
  }

  /** @param map the overlay as sent by Python, with its `values`, or null */
  set(map) {
    this.map = map;
    if (!map) return;
    this.colors = palette(map.palette);
    this.colored.width = map.columns;
    this.colored.height = map.rows;
    this.paint(map.threshold);
  }

  /** Colour the map's grid; values are never stretched to the image's own maximum. */
  paint(threshold) {
    const { values, columns, rows, scale, signed } = this.map;
    const picture = new ImageData(columns, rows);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i];
      const strength = signed ? Math.abs(value) : value;
      if (!(strength >= threshold && strength > 0)) continue; // also leaves NaN transparent
      const entry = 3 * Math.round(255 * position(value / scale, signed));
      picture.data.set(this.colors.subarray(entry, entry + 3), 4 * i);
      picture.data[4 * i + 3] = 255;
    }
    this.colored.getContext("2d").putImageData(picture, 0, 0);
    this.outline = outlineOf(picture);
  }

  /** Draw on the grid of the image as it lies on the stage now. */
  draw(stage, { visible, opacity, look }) {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = stage.element;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    if (!visible || !this.map || this.map.frame !== stage.frame) return;
    const { columns, rows } = stage.stack;
    const [x, y] = stage.toCanvas(0, 0);
    const [rightX, rightY] = stage.toCanvas(columns, 0);
    const [downX, downY] = stage.toCanvas(0, rows);
    const across = [(rightX - x) / this.map.columns, (rightY - y) / this.map.columns];
    const down = [(downX - x) / this.map.rows, (downY - y) / this.map.rows];
    const context = this.canvas.getContext("2d");
    context.setTransform(...[...across, ...down, x, y].map((value) => value * ratio));
    context.globalAlpha = opacity;
    if (look !== "Contour") context.drawImage(this.colored, 0, 0);
    if (look !== "Heat") this.#trace(context);
  }

  /** Lines of one width on the screen, whatever the zoom, light on dark so that they show on any grey. */
  #trace(context) {
    const lines = new Path2D();
    lines.addPath(this.outline, context.getTransform());
    context.resetTransform();
    context.globalAlpha = 1;
    for (const [color, width] of [["#000", 3], ["#ffe08a", 1.5]]) {
      context.strokeStyle = color;
      context.lineWidth = width * (window.devicePixelRatio || 1);
      context.stroke(lines);
    }
  }

  /** Relevance at an image position, or null where there is none. */
  valueAt(stage, column, row) {
    if (!this.map || this.map.frame !== stage.frame) return null;
    const x = Math.floor(((column + 0.5) / stage.stack.columns) * this.map.columns);
    const y = Math.floor(((row + 0.5) / stage.stack.rows) * this.map.rows);
    const value = this.map.values[y * this.map.columns + x];
    return Number.isNaN(value) ? null : value;
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
