// The line in which the other pane's picture cuts this one.

import { lineOf } from "./planes.js";

const SVG = "http://www.w3.org/2000/svg";

export class CutLine {
  constructor(host) {
    this.node = document.createElementNS(SVG, "svg");
    this.node.setAttribute("class", "cut-line");
    this.line = document.createElementNS(SVG, "line");
    this.node.append(this.line);
    host.append(this.node);
  }

  /** @param other the stage that shows another plane of the same volume; null where there is none */
  draw(stage, other) {
    this.node.style.display = other ? "" : "none";
    if (!other) return;
    const [from, to] = lineOf(other.stack, other.frame, stage.stack).map(([x, y]) => stage.toCanvas(x, y));
    Object.entries({ x1: from[0], y1: from[1], x2: to[0], y2: to[1] }).forEach(([name, value]) => {
      this.line.setAttribute(name, value);
    });
  }
}
