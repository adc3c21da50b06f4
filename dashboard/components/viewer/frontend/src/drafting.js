// Placing, moving and sizing shapes by keys, and boxes by the mouse too (WCAG 2.2, 2.1.1).

import { Draft } from "./draft.js";
import { MEASURES } from "./engine.js";
import { tr } from "./words.js";

const STEP_PX = 2; // on the screen
const LARGER = 10;
const ARROWS = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] };
const how = () => tr("Arrows move it, with shift farther. M: one point, or the whole. Enter keeps it, Escape does not.");

/** Whether a tool draws something that keys can place. */
export const drawable = (tool) => tool === "box" || MEASURES.includes(tool);

/** The shape that is being placed on one pane, if any. */
export class Drafting {
  /**
   * @param pane {stage, tools, regions}
   * @param tell {say, onBox, onMoved}: words for screen readers, a new box, and a region with its new box or null
   */
  constructor(pane, tell) {
    this.pane = pane;
    this.tell = tell;
    this.draft = null;
  }

  /** Begin a new shape. */
  begin(kind) {
    this.#take(Draft.amid(kind, this.pane.stage));
  }

  /** Take up the next of what was drawn on this frame. */
  pick() {
    const { stage, tools, regions } = this.pane;
    const measures = tools.measured().filter(({ frame }) => frame === stage.frame);
    const boxes = regions.editable(stage.frame);
    const all = [...boxes.map(Draft.ofRegion), ...measures.map(Draft.of)];
    if (!all.length) {
      this.tell.say(tr("Nothing is drawn on this picture."));
      return;
    }
    const at = all.findIndex(({ source }) => this.#isHeld(source));
    this.#take(all[(at + 1) % all.length]);
  }

  #isHeld({ region, uid }) {
    const held = this.draft?.source;
    return Boolean(held) && (region ? held.region === region : held.uid === uid);
  }

  #take(draft) {
    this.#lay();
    this.draft = Object.assign(draft, { frame: this.pane.stage.frame });
    if (draft.source.uid) this.pane.tools.show(draft.source.uid, false);
    this.#show();
    this.tell.say(`${draft.words}. ${how()}${draft.source.region || draft.source.uid ? tr(" Delete removes it.") : ""}`);
  }

  /** Put down what is held without keeping how it was changed. */
  #lay() {
    if (this.draft?.source.uid) this.pane.tools.show(this.draft.source.uid, true);
    this.draft = null;
    this.#show();
  }

  #cancel() {
    this.#lay();
    this.tell.say(tr("Not kept."));
    return true;
  }

  /** Give a shape up that was left behind: another frame is shown, or another image. */
  settle() {
    if (this.draft && this.draft.frame !== this.pane.stage.frame) this.#cancel();
  }

  /** @returns {boolean} whether the key was meant for the shape */
  key({ key, shiftKey }) {
    const { draft } = this;
    if (!draft) return false;
    const name = key.toLowerCase();
    if (ARROWS[name]) this.#move(ARROWS[name].map((part) => part * STEP_PX * (shiftKey ? LARGER : 1)));
    else if (name === "m") draft.next();
    else if (name === "enter") return this.#keep();
    else if (name === "escape") return this.#cancel();
    else if (name === "delete" || name === "backspace") return this.#remove();
    else return false;
    this.#show();
    this.tell.say(draft.words);
    return true;
  }

  /** Move by CSS pixels, as the arrows point on the screen. */
  #move([right, down]) {
    const { stage } = this.pane;
    const [x0, y0] = stage.toImage([0, 0]);
    const [x1, y1] = stage.toImage([right, down]);
    const whole = (change) => Math.sign(change) * Math.max(Math.round(Math.abs(change)), 1);
    this.draft.by([x1 - x0, y1 - y0].map((change) => (Math.abs(change) < 1e-3 ? 0 : whole(change))), stage.stack);
  }

  #keep() {
    const { draft, pane } = this;
    if (draft.empty) {
      this.tell.say(tr("It has no size yet."));
      return true;
    }
    const { frame } = draft;
    this.draft = null;
    if (draft.source.region?.box.join() === draft.box.join()) this.#lay();
    else if (draft.source.region) this.tell.onMoved(draft.source.region, draft.box);
    else if (draft.kind === "box") this.tell.onBox(draft.box, frame);
    else pane.tools.put({ kind: draft.kind, frame, points: draft.kept, said: "" }, draft.source.uid);
    this.#show();
    this.tell.say(tr("Kept."));
    return true;
  }

  #remove() {
    const { region, uid } = this.draft.source;
    this.draft = null;
    if (region) this.tell.onMoved(region, null);
    else if (uid) this.pane.tools.remove(uid);
    this.#show();
    this.tell.say(tr("Removed."));
    return true;
  }

  #show() {
    this.pane.regions.sketch(this.draft);
    if (this.pane.stage?.preset) this.pane.regions.draw(this.pane.stage);
  }

  /** Let the mouse move a saved box, or one of its corners; `corner` is null for the whole. */
  drag(region, corner, event) {
    const { stage } = this.pane;
    const { left, top } = stage.element.getBoundingClientRect();
    const place = ({ clientX, clientY }) => stage.toImage([clientX - left, clientY - top]);
    this.#lay();
    this.draft = Object.assign(cornered(region, corner), { frame: region.frame });
    let last = place(event);
    const move = (moved) => {
      const next = place(moved);
      this.draft?.by([next[0] - last[0], next[1] - last[1]], stage.stack);
      last = next;
      this.#show();
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      if (this.draft?.empty) this.#cancel();
      else if (this.draft) this.#keep();
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end, { once: true });
    this.#show();
  }
}

/** A draft of a region of which one corner (from the top left on, clockwise) is held. */
function cornered(region, corner) {
  const draft = Draft.ofRegion(region);
  if (corner === null) return draft;
  const [top, left, bottom, right] = region.box;
  const corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
  draft.points = [corners[(corner + 2) % 4], corners[corner]];
  draft.held = 1;
  return draft;
}
