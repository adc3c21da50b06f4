// A shape that is being placed: moved as a whole or by one of its points, before it is kept. Image positions throughout.

import { number } from "./dom.js";
import { bounds } from "./measures.js";
import { tr } from "./words.js";

const SHARE = 5; // a new shape is as large as a fifth of what is on the screen
const names = () => ({ box: tr("Box"), rectangle: tr("Area"), ellipse: tr("Ellipse"), length: tr("Length"), angle: tr("Angle") });

export class Draft {
  /**
   * @param kind as of the tools
   * @param points two opposite corners, or the points of a length or an angle
   * @param source what it takes the place of when it is kept: `{region}` or `{uid}`
   */
  constructor(kind, points, source = {}) {
    this.kind = kind;
    this.points = points.map((point) => [...point]);
    this.source = source;
    this.held = null; // the rank of the point that moves; all of them where null
  }

  /** A new shape amid what is seen of the image. */
  static amid(kind, stage) {
    const { clientWidth: width, clientHeight: height } = stage.element;
    const half = Math.min(width, height) / (2 * SHARE);
    const at = (right, down) => stage.toImage([width / 2 + right * half, height / 2 + down * half]);
    if (kind === "length") return new Draft(kind, [at(-1, 0), at(1, 0)]);
    if (kind === "angle") return new Draft(kind, [at(-1, -1), at(-1, 1), at(1, 1)]);
    return new Draft(kind, [at(-1, -1), at(1, 1)]);
  }

  /** A measurement as its tool keeps it, by two corners where it has a shape. */
  static of({ uid, kind, points }) {
    if (kind === "length" || kind === "angle") return new Draft(kind, points, { uid });
    const { left, top, right, bottom } = bounds(points);
    return new Draft(kind, [[left, top], [right, bottom]], { uid });
  }

  static ofRegion(region) {
    const [top, left, bottom, right] = region.box;
    return new Draft("box", [[left, top], [right, bottom]], { region });
  }

  /** Let the next point move, or after the last the whole again. */
  next() {
    const after = this.held === null ? 0 : this.held + 1;
    this.held = after === this.points.length ? null : after;
  }

  /** Move what is held, as far as the image goes. */
  by([right, down], { columns, rows }) {
    const moved = this.held === null ? this.points : [this.points[this.held]];
    const { left, top, right: end, bottom } = bounds(moved);
    const across = Math.max(-left, Math.min(right, columns - end));
    const along = Math.max(-top, Math.min(down, rows - bottom));
    for (const point of moved) {
      point[0] += across;
      point[1] += along;
    }
  }

  /** [top, left, bottom, right]. */
  get box() {
    const { top, left, bottom, right } = bounds(this.points);
    return [top, left, bottom, right];
  }

  /** Whether there is anything of it. */
  get empty() {
    const { top, left, bottom, right } = bounds(this.points);
    const [width, height] = [right - left, bottom - top];
    return this.kind === "length" || this.kind === "angle" ? width + height === 0 : width * height === 0;
  }

  /** The points that the tool of its kind keeps. */
  get kept() {
    const [top, left, bottom, right] = this.box;
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    if (this.kind === "rectangle") return [[left, top], [right, top], [left, bottom], [right, bottom]];
    if (this.kind === "ellipse") return [[x, bottom], [x, top], [left, y], [right, y]];
    return this.points;
  }

  /** What moves and where it lies, to be spoken. */
  get words() {
    const [top, left, bottom, right] = this.box.map(Math.round).map(number);
    const held = this.held === null ? "" : tr(", point {rank} of {n}", { rank: this.held + 1, n: this.points.length });
    const name = names()[this.kind] + held;
    return tr("{name}: columns {left} to {right}, rows {top} to {bottom}", { name, left, right, top, bottom });
  }
}
