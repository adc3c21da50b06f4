// Rectangles that Python knows, and the shape that is being placed: what the reader has taken away or marked, and the
// parts that an answer rests on.

const SVG = "http://www.w3.org/2000/svg";
const HANDLE_PX = 5;
const OUTLINES = { box: "polygon", rectangle: "polygon", ellipse: "ellipse", length: "polyline", angle: "polyline" };

function shape(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

const handle = (held) => shape("circle", { r: HANDLE_PX, class: held ? "held" : "" });

export class RegionLayer {
  /** @param grab called with a region, the rank of a corner or null, and the event, when the mouse takes hold of it */
  constructor(host, grab) {
    this.node = shape("svg", { class: "regions" });
    this.saved = shape("g");
    this.draft = shape("g", { class: "draft" });
    this.node.append(this.saved, this.draft);
    host.append(this.node);
    this.grab = grab;
    this.regions = [];
  }

  /** @param regions `{kind, name, frame, editable, box: [top, left, bottom, right]}` each, in image positions */
  set(regions) {
    this.regions = regions;
    this.saved.replaceChildren(...regions.map((region) => this.#group(region)));
  }

  /** The regions of a frame that the reader may change. */
  editable(frame) {
    return this.regions.filter((region) => region.frame === frame && region.editable);
  }

  /** Let the mouse take hold of regions, or not. */
  allow(editing) {
    this.node.classList.toggle("editing", editing);
  }

  #group(region) {
    const { editable } = region;
    const group = shape("g", { class: `${region.kind}${editable ? " editable" : ""}` });
    const text = shape("text");
    text.textContent = region.name;
    const outline = shape("polygon");
    const handles = editable ? [0, 1, 2, 3].map(() => handle(false)) : [];
    group.append(outline, text, ...handles);
    const grips = editable ? [[outline, null], ...handles.map((node, corner) => [node, corner])] : [];
    for (const [node, corner] of grips) {
      node.onpointerdown = (event) => event.button === 0 && this.grab(region, corner, event);
      node.onmousedown = (event) => event.button === 0 && event.stopPropagation(); // the tools below draw nothing new
    }
    return group;
  }

  /** @param draft the shape that is being placed, or null; what it takes the place of is hidden meanwhile */
  sketch(draft) {
    this.held = draft;
    this.draft.replaceChildren();
    if (!draft) return;
    const handles = draft.points.map((_, rank) => handle(draft.held === null || rank === draft.held));
    this.draft.append(shape(OUTLINES[draft.kind]), ...handles);
  }

  /** Put them where the image lies on the stage now. */
  draw(stage) {
    this.regions.forEach((region, rank) => {
      const group = this.saved.children[rank];
      const held = this.held?.source.region === region;
      group.style.display = region.frame === stage.frame && !held ? "" : "none";
      const [outline, text, ...handles] = group.children;
      const corners = cornersOn(stage, region.box);
      outline.setAttribute("points", corners.map((corner) => corner.join()).join(" "));
      text.setAttribute("x", Math.min(...corners.map(([x]) => x)) + 5);
      text.setAttribute("y", Math.min(...corners.map(([, y]) => y)) + 15);
      handles.forEach((node, corner) => put(node, corners[corner]));
    });
    if (this.held) this.#drawDraft(stage, this.held);
  }

  #drawDraft(stage, draft) {
    const [outline, ...handles] = this.draft.children;
    const corners = cornersOn(stage, draft.box);
    const points = draft.points.map(([x, y]) => stage.toCanvas(x, y));
    if (draft.kind === "ellipse") {
      const [x, y] = [0, 1].map((axis) => corners.map((corner) => corner[axis]));
      const [left, right, top, bottom] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
      put(outline, [(left + right) / 2, (top + bottom) / 2]);
      outline.setAttribute("rx", (right - left) / 2);
      outline.setAttribute("ry", (bottom - top) / 2);
    } else {
      const drawn = outline.tagName === "polygon" ? corners : points;
      outline.setAttribute("points", drawn.map((point) => point.join()).join(" "));
    }
    handles.forEach((node, rank) => put(node, points[rank]));
  }
}

function put(node, [x, y]) {
  node.setAttribute("cx", x);
  node.setAttribute("cy", y);
}

/** The corners of a box on the canvas, from its top left on, clockwise in the image. */
function cornersOn(stage, [top, left, bottom, right]) {
  return [[left, top], [right, top], [right, bottom], [left, bottom]].map(([x, y]) => stage.toCanvas(x, y));
}
