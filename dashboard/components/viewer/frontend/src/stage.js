// One viewport: which frame is shown, through which window, at which zoom, and where an image pixel lies on it.

import { Enums, getShouldUseCPURendering } from "@cornerstonejs/core";
import { startEngine } from "./engine.js";
import { imageIdsOf, scaleOf } from "./images.js";
import { pixelsOf, whenArrived } from "./pixels.js";

const { Events } = Enums;
const LONGEST_ZOOM = 64; // screen pixels per image pixel
const SHORTEST_ZOOM = 0.02;
const [STILL_PX, STILL_SHARE] = [0.01, 1e-6]; // what no eye tells from standing still

/** The frame that a stack is shown from: its first, of a cut through a volume the middle. */
const firstSeen = (stack) => (stack.axes ? Math.floor(stack.frames / 2) : 0);

/** @returns {Promise} when the frame that a stack is shown from has arrived */
export const canBeShown = (stack) => whenArrived(stack.digest, firstSeen(stack));

export class Stage {
  constructor(element, id) {
    this.element = element;
    this.id = id;
    this.engine = startEngine();
    this.engine.enableElement({
      viewportId: id,
      type: Enums.ViewportType.STACK,
      element,
      defaultOptions: { background: [0, 0, 0] },
    });
    this.viewport = this.engine.getViewport(id);
    this.cpu = getShouldUseCPURendering();
    this.rotation = 0;
    this.flipped = false;
    this.inverted = false;
    this.fitted = true; // until the reader zooms or pans: a fitted image stays fitted when the page is resized
    element.addEventListener(Events.CAMERA_MODIFIED, () => {
      this.fitted = this.fitting ?? false;
    });
  }

  /** Show a stack whose first frame to be seen has arrived, as its first preset says. */
  async show(stack) {
    this.engine.resize(true, false); // the controls of this stack have taken their room by now
    this.stack = stack;
    await this.#setPreset(stack.presets[0], firstSeen(stack));
    await this.reset();
  }

  get frame() {
    return this.viewport.getCurrentImageIdIndex();
  }

  /** Go to a frame that has arrived; others stay out of reach until they have. */
  async goTo(frame) {
    const target = Math.min(Math.max(frame, 0), this.stack.frames - 1);
    if (target === this.frame || !pixelsOf(this.stack.digest, target)) return;
    await this.viewport.setImageIdIndex(target);
    this.#draw();
  }

  /** The window in pixel values (behind a VOI LUT: in shares of its output). */
  get window() {
    const { toValue } = scaleOf(this.stack, this.preset);
    const { lower, upper } = this.viewport.getProperties().voiRange;
    return { lower: toValue(lower), upper: toValue(upper) };
  }

  async choose(preset) {
    const { fitted } = this;
    const camera = this.viewport.getCamera();
    await this.#setPreset(preset, this.frame);
    this.viewport.setCamera(camera);
    this.fitted = fitted;
    this.viewport.render();
  }

  async #setPreset(preset, frame) {
    const drawsOtherPixels = this.preset?.curve || preset.curve || this.shown !== this.stack;
    this.preset = preset;
    this.shown = this.stack;
    if (drawsOtherPixels) {
      await this.viewport.setStack(imageIdsOf(this.stack, preset), frame);
      this.imagesListener();
    }
    this.#setWindow(preset);
  }

  #setWindow({ lower, upper }) {
    const { toDrawn } = scaleOf(this.stack, this.preset);
    this.viewport.setProperties({ voiRange: { lower: toDrawn(lower), upper: toDrawn(upper) } });
    this.#draw();
  }

  #draw() {
    this.viewport.setProperties({ invert: this.stack.inverted !== this.inverted });
    this.viewport.render();
  }

  invert() {
    this.inverted = !this.inverted;
    this.#draw();
  }

  /** Mirror left and right as the image lies on the stage; the letters say what is where. */
  flip() {
    this.flipped = !this.flipped;
    this.rotation = (360 - this.rotation) % 360;
    this.fit();
  }

  rotate() {
    this.rotation = (this.rotation + 90) % 360;
    this.fit();
  }

  /** The whole image, as large as it goes; window and rotation stay. */
  fit() {
    this.fitting = true;
    this.viewport.setCamera({ flipHorizontal: false });
    this.viewport.resetCamera();
    this.viewport.setCamera({ flipHorizontal: this.flipped });
    this.viewport.setRotation(this.rotation);
    const { width, height } = this.#extent();
    const { clientWidth, clientHeight } = this.element;
    this.zoomBy(Math.min(clientWidth / width, clientHeight / height));
    this.fitting = undefined;
  }

  async reset() {
    this.inverted = false;
    this.flipped = false;
    this.rotation = 0;
    this.fit();
    await this.choose(this.stack.presets[0]);
  }

  #extent() {
    const { columns, rows } = this.stack;
    const corners = [[0, 0], [columns, 0], [0, rows], [columns, rows]].map(([x, y]) => this.toCanvas(x, y));
    const spread = (axis) => Math.max(...corners.map((c) => c[axis])) - Math.min(...corners.map((c) => c[axis]));
    return { width: spread(0), height: spread(1) };
  }

  /** Zoom about a point of the canvas (CSS pixels), its centre if none is given. */
  zoomBy(factor, point = [this.element.clientWidth / 2, this.element.clientHeight / 2]) {
    const zoom = this.zoom * factor;
    if (zoom > LONGEST_ZOOM || zoom < SHORTEST_ZOOM) return;
    const before = this.viewport.canvasToWorld(point);
    const { scale, parallelScale } = this.viewport.getCamera(); // the latter is wrong without WebGL for oblong pixels
    this.viewport.setCamera(this.cpu ? { scale: scale * factor } : { parallelScale: parallelScale / factor });
    this.#shift(this.viewport.canvasToWorld(point), before);
    this.viewport.render();
  }

  /** Where the stage looks: the image position amid it as shares of the image, and how the image lies. */
  get view() {
    const { columns, rows } = this.stack;
    const [x, y] = this.toImage(this.#middle);
    return { at: [x / columns, y / rows], rotation: this.rotation, flipped: this.flipped };
  }

  /** Look at a place, at a zoom in CSS pixels per image column. */
  lookAt({ at, rotation, flipped, zoom }) {
    if (rotation !== this.rotation || flipped !== this.flipped) {
      Object.assign(this, { rotation, flipped });
      this.fit();
    }
    const { columns, rows } = this.stack;
    const wanted = [at[0] * columns, at[1] * rows];
    const [x, y] = this.toCanvas(...wanted);
    const [midX, midY] = this.#middle;
    const factor = zoom / this.zoom;
    if (Math.hypot(x - midX, y - midY) < STILL_PX && Math.abs(factor - 1) < STILL_SHARE) return;
    this.zoomBy(factor);
    this.#shift(this.viewport.canvasToWorld(this.#middle), this.toWorld(...wanted));
    this.viewport.render();
  }

  /** How much larger than fitted. */
  get magnification() {
    const { width, height } = this.#extent();
    return Math.max(width / this.element.clientWidth, height / this.element.clientHeight);
  }

  /** Take over the window of another stage that shows the same stack. */
  async seeThrough(other) {
    const preset = this.stack.presets[other.stack.presets.indexOf(other.preset)];
    if (preset !== this.preset && (preset.curve || this.preset.curve)) await this.choose(preset);
    this.preset = preset;
    const { lower, upper } = other.window;
    const mine = this.window;
    if (mine.lower === lower && mine.upper === upper && this.inverted === other.inverted) return;
    this.inverted = other.inverted;
    this.#setWindow({ lower, upper });
  }

  get #middle() {
    return [this.element.clientWidth / 2, this.element.clientHeight / 2];
  }

  /** Move the camera so that one world position comes to lie where another lay. */
  #shift(from, to) {
    const { focalPoint, position } = this.viewport.getCamera();
    const shifted = (world) => world.map((value, axis) => value + to[axis] - from[axis]);
    this.viewport.setCamera({ focalPoint: shifted(focalPoint), position: shifted(position) });
  }

  /** CSS pixels per image column: Cornerstone's own zoom means something else in each renderer. */
  get zoom() {
    const [x0, y0] = this.toCanvas(0, 0);
    const [x1, y1] = this.toCanvas(1, 0);
    return Math.hypot(x1 - x0, y1 - y0);
  }

  // World coordinates start at the first pixel's centre with WebGL and at its corner without.
  get #corner() {
    return this.cpu ? 0 : 0.5;
  }

  /** Image position (0, 0 = outer corner of the first pixel) to CSS pixels on the canvas. */
  toCanvas(x, y) {
    return this.viewport.worldToCanvas(this.toWorld(x, y));
  }

  /** CSS pixels on the canvas to an image position. */
  toImage(point) {
    return this.fromWorld(this.viewport.canvasToWorld(point));
  }

  /** Cornerstone's world coordinates to an image position. */
  fromWorld([x, y]) {
    const [rowSpacing, columnSpacing] = this.stack.spacing ?? [1, 1];
    return [x / columnSpacing + this.#corner, y / rowSpacing + this.#corner];
  }

  /** An image position to Cornerstone's world coordinates. */
  toWorld(x, y) {
    const [rowSpacing, columnSpacing] = this.stack.spacing ?? [1, 1];
    return [(x - this.#corner) * columnSpacing, (y - this.#corner) * rowSpacing, 0];
  }

  /** Tell when other images stand for the frames: behind a curve there are others than without. */
  onImages(listener) {
    this.imagesListener = listener;
  }

  onRendered(listener) {
    this.element.addEventListener(Events.IMAGE_RENDERED, listener);
  }

  resize() {
    const { fitted } = this;
    this.engine.resize(true, true);
    if (fitted && this.preset) this.fit();
  }

  destroy() {
    this.engine.disableElement(this.id);
  }
}
