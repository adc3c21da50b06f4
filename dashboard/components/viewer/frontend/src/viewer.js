// One viewer on the page: holds its state and keeps image, overlay, marks and controls in step.

import { FrameBar, MapBar, Toolbar } from "./controls.js";
import { element } from "./dom.js";
import { MEASURES, startEngine, Tools } from "./engine.js";
import { valueAt } from "./images.js";
import { bindKeys, bindWheel, helpPanel } from "./keys.js";
import { centerAndWidth, Marks } from "./marks.js";
import { OverlayLayer } from "./overlay.js";
import { RegionLayer } from "./regions.js";
import { Stage } from "./stage.js";
import style from "./style.css";

const LAYOUT_SETTLES_MS = 60;
let count = 0;

export class Viewer {
  constructor(parent) {
    startEngine();
    this.speed = 10; // frames a second
    this.id = `attending-viewer-${(count += 1)}`;
    this.state = { tool: "window", visible: false, opacity: 0.5, threshold: 0, chosen: 0, look: "Heat", playing: false };
    this.#build(parent);
    this.stage = new Stage(this.screen, this.id);
    this.overlay = new OverlayLayer(this.screen.querySelector(".viewport-element"));
    this.regions = new RegionLayer(this.screen.querySelector(".viewport-element"));
    this.tools = new Tools(this.stage);
    this.tools.onBox((box) => this.#takeAway(box));
    this.tools.onMeasured((measures) => this.report("measured", { digest: this.digest, measures }));
    this.stage.onRendered(() => this.#onRendered());
    this.observer = new ResizeObserver(() => this.#onResize());
    this.observer.observe(this.screen);
    this.root.attendingViewer = this; // browser tests ask it where a pixel lies
  }

  #build(parent) {
    const actions = this.#actions();
    this.toolbar = new Toolbar(actions);
    this.frameBar = new FrameBar(actions);
    this.mapBar = new MapBar(actions);
    this.marks = new Marks();
    this.help = helpPanel();
    this.notice = element("div", { className: "notice", role: "status" });
    this.screen = element("div", { className: "stage", oncontextmenu: (event) => event.preventDefault() });
    const frame = element("div", { className: "screen" }, this.screen, this.marks.node, this.notice, this.help);
    this.root = element(
      "div",
      { className: "viewer", tabIndex: 0, role: "group", "aria-label": "Image viewer", "data-ready": "0" },
      this.toolbar.node,
      frame,
      this.frameBar.node,
      this.mapBar.node,
    );
    parent.append(element("style", {}, style), this.root);
    bindKeys(this.root, actions);
    bindWheel(this.screen, actions);
    this.screen.addEventListener("pointerdown", () => this.root.focus({ preventScroll: true }));
    this.screen.addEventListener("pointermove", (event) => this.#hover([event.offsetX, event.offsetY]));
    this.screen.addEventListener("pointerleave", () => this.#hover(null));
  }

  #actions() {
    const whenShown = (action) => (...args) => this.stage.stack && action(...args);
    const change = (name) => (value) => this.#set({ [name]: value });
    return {
      use: (tool) => {
        this.tools.use(tool);
        this.#set({ tool });
      },
      choose: whenShown((rank) => {
        const preset = this.stage.stack.presets[rank];
        if (preset) this.stage.choose(preset);
      }),
      invert: whenShown(() => this.stage.invert()),
      rotate: whenShown(() => this.stage.rotate()),
      flip: whenShown(() => this.stage.flip()),
      fit: whenShown(() => this.stage.fit()),
      reset: whenShown(() => this.stage.reset()),
      clear: whenShown(() => this.#clear(MEASURES)),
      play: whenShown(() => this.#play(!this.state.playing)),
      setSpeed: (speed) => {
        this.speed = speed;
        if (this.state.playing) this.#play(true);
      },
      fullScreen: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
      zoomBy: whenShown((factor, point) => this.stage.zoomBy(factor, point)),
      goTo: whenShown((frame) => this.stage.goTo(frame)),
      step: whenShown((by) => this.stage.goTo(this.stage.frame + by)),
      frames: () => this.stage.stack?.frames ?? 0,
      chooseFrame: whenShown(() => this.#chooseFrame()),
      toggleMap: () => this.overlay.map && this.#showMap(!this.state.visible),
      setOpacity: change("opacity"),
      setLook: change("look"),
      setPalette: (name) => {
        this.overlay.recolor(name, this.state.threshold);
        this.marks.setMap(this.overlay.map);
        this.#set({});
      },
      setThreshold: (threshold) => {
        this.overlay.paint(threshold);
        this.#set({ threshold });
      },
      help: () => {
        this.help.hidden = !this.help.hidden;
      },
    };
  }

  /** Take what Python sent: a new image starts afresh, a new map keeps the view and the sliders. */
  async update({ stack, overlay, regions, measures, chosen, boxes, height }, report) {
    this.report = report;
    this.root.style.height = `var(--attending-pane, ${height}px)`; // a page that knows its window may say more
    const isNew = stack.digest !== this.digest;
    this.digest = stack.digest;
    if (isNew) await this.#open(stack);
    if (this.digest !== stack.digest || !this.stage.stack) return; // overtaken while its pixels were on their way
    this.#setOverlay(overlay, isNew);
    this.#clear(["box"]); // Python has it now
    if (isNew) this.#putBack(measures);
    this.regions.set(regions);
    this.#set({ chosen, boxes });
    this.root.dataset.ready = "1";
  }

  async #open(stack) {
    this.root.dataset.ready = "0";
    clearInterval(this.cine);
    this.state.playing = false;
    this.notice.textContent = "Receiving the image …";
    this.state.visible = false;
    this.#setOverlay(null, true);
    this.toolbar.setStack(stack);
    this.frameBar.setStack(stack);
    this.marks.setStack(stack);
    if (stack.color && this.state.tool === "window") this.tools.use((this.state.tool = "pan"));
    await this.stage.show(stack);
    this.notice.textContent = stack.notice;
  }

  /** Kept measurements come back when an image is opened; afterwards those on the screen are the newer ones. */
  #putBack(measures) {
    this.tools.clear(MEASURES, this.screen);
    this.tools.restore(measures);
  }

  #setOverlay(map, isNew) {
    if (map === this.overlay.map) return;
    const sameScale = map && this.overlay.map && map.method === this.overlay.map.method && !isNew;
    this.overlay.set(map);
    this.marks.setMap(map);
    this.mapBar.setMap(map);
    if (!map) return;
    if (sameScale) this.overlay.paint(this.state.threshold);
    else this.state.threshold = map.threshold;
  }

  #set(changes) {
    Object.assign(this.state, changes);
    if (this.stage?.stack) this.#onRendered();
  }

  /** The first look at a map of this image is reported: readings are timed. */
  #showMap(visible) {
    this.#set({ visible });
    if (visible && this.mapped !== this.digest) this.report("mapped", (this.mapped = this.digest));
  }

  /** Step through the frames, round and round; a frame that has not arrived is waited for. */
  #play(playing) {
    clearInterval(this.cine);
    this.#set({ playing: playing && this.stage.stack.frames > 1 });
    if (!this.state.playing) return;
    this.cine = setInterval(() => {
      const { frame, stack } = this.stage;
      this.stage.goTo((frame + 1) % stack.frames);
    }, 1000 / this.speed);
  }

  #clear(names) {
    this.tools.clear(names, this.screen);
    this.stage.viewport.render();
  }

  /** Report a box; the time tells one from an equal one before it. */
  #takeAway(box) {
    const { frame } = this.stage;
    if (this.state.chosen === null || frame === this.state.chosen) {
      this.report("box", { digest: this.digest, frame, box, drawn: Date.now() });
      return;
    }
    this.#clear(["box"]);
    this.notice.textContent = `Boxes belong on the analysed frame, ${this.state.chosen + 1}.`;
  }

  #chooseFrame() {
    this.#set({ chosen: this.stage.frame });
    this.report("choice", { digest: this.digest, frame: this.stage.frame });
  }

  #onRendered() {
    const { stage, state } = this;
    if (!stage.preset) return;
    const map = this.overlay.map;
    this.overlay.draw(stage, state);
    this.regions.draw(stage);
    this.marks.update(stage);
    this.marks.showMap(map, { ...state, visible: Boolean(map) && state.visible });
    this.toolbar.update({ ...state, inverted: stage.inverted, preset: stage.stack.presets.indexOf(stage.preset) });
    this.frameBar.update(stage.frame, state.chosen, state.playing);
    this.mapBar.update(state, map?.unit ?? "");
    if (map) this.#tellFrameOfMap(map);
    this.#hover(this.pointer);
    this.#expose();
  }

  #tellFrameOfMap(map) {
    const elsewhere = this.state.visible && map.frame !== this.stage.frame;
    this.notice.textContent = elsewhere ? `The map belongs to frame ${map.frame + 1}.` : this.stage.stack.notice;
  }

  #hover(point) {
    this.pointer = point;
    const { stage, overlay, marks } = this;
    if (!stage.stack || !point) {
      marks.read(stage.stack, null, null);
      return;
    }
    const [column, row] = stage.toImage(point).map(Math.floor);
    const value = valueAt(stage.stack, stage.frame, column, row);
    const map = overlay.map?.frame === stage.frame ? overlay.map : null;
    const pixel = value === null ? null : { column, row, value, relevance: overlay.valueAt(stage, column, row) };
    marks.read(stage.stack, map, pixel);
  }

  // What a browser test, or a reader of the page's source, may want to know.
  #expose() {
    const { stage, state } = this;
    const { center, width } = centerAndWidth(stage);
    Object.assign(this.root.dataset, {
      frame: stage.frame,
      frames: stage.stack.frames,
      windowCenter: center,
      windowWidth: width,
      zoom: stage.zoom,
      rotation: stage.rotation,
      flipped: stage.flipped,
      inverted: stage.inverted,
      overlay: this.overlay.map && state.visible ? "on" : "off",
      renderer: stage.cpu ? "cpu" : "webgl",
    });
  }

  #onResize() {
    clearTimeout(this.resizing);
    this.resizing = setTimeout(() => this.stage.resize(), LAYOUT_SETTLES_MS);
  }

  destroy() {
    clearTimeout(this.resizing);
    clearInterval(this.cine);
    this.observer.disconnect();
    this.tools.destroy();
    this.stage.destroy();
    this.root.remove();
  }
}
