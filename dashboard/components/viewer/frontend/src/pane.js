// One picture: its stage, with what is laid over it, drawn on it and written around it.

import { element } from "./dom.js";
import { CutLine } from "./cut_line.js";
import { Drafting } from "./drafting.js";
import { MEASURES, Tools } from "./engine.js";
import { valueAt } from "./images.js";
import { Layers } from "./layers.js";
import { Marks } from "./marks.js";
import { crosses, frameAt } from "./planes.js";
import { RegionLayer } from "./regions.js";
import { canBeShown, Stage } from "./stage.js";
import { tr } from "./words.js";

export class Pane {
  /**
   * @param host the element that the picture is put into; it has its size already
   * @param tell {rendered, active, box, moved, measured, say}: called with this pane and what happened on it
   */
  constructor(host, id, tell) {
    this.marks = new Marks();
    this.screen = element("div", { className: "stage", oncontextmenu: (event) => event.preventDefault() });
    this.node = element("div", { className: "screen" }, this.screen, this.marks.node);
    host.append(this.node);
    this.stage = new Stage(this.screen, id);
    const surface = this.screen.querySelector(".viewport-element");
    this.layers = new Layers(surface);
    this.regions = new RegionLayer(surface, (...held) => this.drafting.drag(...held));
    this.cutLine = new CutLine(surface);
    this.other = null; // the pane beside this one
    this.tools = new Tools(this.stage, (point) => this.#locate(point));
    const onBox = (box, frame) => tell.box(this, box, frame);
    this.drafting = new Drafting(this, { say: tell.say, onBox, onMoved: (region, box) => tell.moved(this, region, box) });
    this.keys = [];
    this.notice = "";
    this.titled = false; // whether the picture says what it is: where two stand side by side
    this.tools.onBox((box, frame) => this.mirrors || onBox(box, frame));
    this.tools.onMeasured((measures) => this.mirrors || tell.measured(this, measures));
    this.stage.onImages(() => this.mirrors || this.tools.carryOver());
    this.stage.onRendered(() => tell.rendered(this));
    for (const event of ["pointerdown", "wheel"]) {
      this.screen.addEventListener(event, () => tell.active(this), { capture: true, passive: true });
    }
    this.screen.addEventListener("pointermove", ({ clientX, clientY }) => {
      const { left, top } = this.screen.getBoundingClientRect();
      this.hover([clientX - left, clientY - top]);
    });
    this.screen.addEventListener("pointerleave", () => this.hover(null));
  }

  /** Names the pixels on the screen; another stack may be wanted and still be on its way. */
  get digest() {
    return this.stage.stack?.digest;
  }

  /**
   * Show what Python sent: a new image starts afresh, a new map keeps the view and the settings.
   *
   * @param mirrors whether another pane shows the same image: what is drawn on it is then that pane's to tell
   * @returns {boolean} false where another image has overtaken this one while its pixels were on their way
   */
  async show({ title, stack, overlays, regions, measures, keys }, mirrors = false) {
    const isNew = stack.digest !== this.wanted;
    this.wanted = stack.digest;
    if (isNew) await this.#open(stack, title, mirrors);
    if (this.wanted !== stack.digest || this.digest !== stack.digest) return false;
    this.mirrors = mirrors;
    this.title = title;
    this.marks.name(stack, title);
    this.layers.set(overlays, isNew);
    this.tools.clear(["box"], this.screen); // Python has it now
    if (isNew && !mirrors) this.#putBack(measures);
    this.keys = keys;
    this.regions.set(regions);
    this.relay();
    return true;
  }

  async #open(stack, title, mirrors) {
    this.marks.notice.textContent = tr("Receiving the image …");
    this.layers.set([], true);
    this.regions.set([]);
    this.marks.name(stack, title);
    await canBeShown(stack);
    if (this.wanted !== stack.digest) return;
    this.tools.tellNow();
    this.mirrors = mirrors;
    await this.stage.show(stack);
    this.notice = stack.notice;
  }

  /** Kept measurements come back when an image is opened; afterwards those on the screen are the newer ones. */
  #putBack(measures) {
    this.tools.clear(MEASURES, this.screen);
    this.tools.restore(measures);
  }

  /** Lay the maps over the image as the reader wants them now. */
  relay() {
    this.marks.showLayers(this.layers.visible, this.titled);
    this.update();
  }

  /** Draw everything that lies over the image anew. */
  update() {
    const { stage, marks } = this;
    if (!stage.preset) return;
    this.drafting.settle();
    this.layers.draw(stage);
    this.regions.draw(stage);
    this.cutLine.draw(stage, this.crossing?.stage);
    marks.update(stage, this.keys.includes(stage.frame));
    const elsewhere = this.layers.visible.find(({ map }) => map.frame !== stage.frame);
    marks.notice.textContent = elsewhere ? tr("The map belongs to frame {frame}.", { frame: elsewhere.map.frame + 1 }) : this.notice;
    this.hover(this.pointer);
  }

  /** The other pane where it shows another plane of the same volume, else null. */
  get crossing() {
    return this.other?.stage.preset && crosses(this.stage.stack, this.other.stage.stack) ? this.other : null;
  }

  /** Take the other pane to a place on this one's canvas. */
  #locate(point) {
    const { stage, crossing } = this;
    crossing?.stage.goTo(frameAt(stage.stack, stage.toImage(point), crossing.stage.stack));
  }

  /** Read out what lies under a point of the canvas. */
  hover(point) {
    this.pointer = point;
    const { stage, layers, marks } = this;
    if (!stage.stack || !point) {
      marks.read(stage.stack, null);
      return;
    }
    const [column, row] = stage.toImage(point).map(Math.floor);
    const value = valueAt(stage.stack, stage.frame, column, row);
    const here = layers.all.filter(({ map }) => map.frame === stage.frame);
    const relevances = here.map((layer) => [layer, layer.valueAt(stage.stack, column, row)]);
    marks.read(stage.stack, value === null ? null : { column, row, value, relevances });
  }

  clear(names) {
    this.tools.clear(names, this.screen);
    this.stage.viewport.render();
  }

  destroy() {
    this.tools.destroy();
    this.stage.destroy();
    this.node.remove();
  }
}
