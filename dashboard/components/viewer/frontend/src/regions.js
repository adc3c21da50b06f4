// Rectangles that Python knows: what the reader has taken away, and the parts that an answer rests on.

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export class RegionLayer {
  constructor(host) {
    this.node = shape("svg", { class: "regions" });
    host.append(this.node);
    this.regions = [];
  }

  /** @param regions `{kind, name, frame, box: [top, left, bottom, right]}` each, in image positions */
  set(regions) {
    this.regions = regions;
    this.node.replaceChildren(
      ...regions.map(({ kind, name }) => {
        const group = shape("g", { class: kind });
        const text = shape("text", {});
        text.textContent = name;
        group.append(shape("polygon", {}), text);
        return group;
      }),
    );
  }

  /** Put them where the image lies on the stage now. */
  draw(stage) {
    this.regions.forEach(({ frame, box: [top, left, bottom, right] }, rank) => {
      const group = this.node.children[rank];
      group.style.display = frame === stage.frame ? "" : "none";
      const corners = [[left, top], [right, top], [right, bottom], [left, bottom]].map(([x, y]) => stage.toCanvas(x, y));
      const [outline, text] = group.children;
      outline.setAttribute("points", corners.map((corner) => corner.join()).join(" "));
      text.setAttribute("x", Math.min(...corners.map(([x]) => x)) + 5);
      text.setAttribute("y", Math.min(...corners.map(([, y]) => y)) + 15);
    });
  }
}
