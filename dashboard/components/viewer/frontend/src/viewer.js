// One viewer on the page: one picture or two, the controls around them, and what Python is told.

import { FrameBar, Toolbar } from "./controls.js";
import { element } from "./dom.js";
import { drawable } from "./drafting.js";
import { MEASURES, startEngine } from "./engine.js";
import { bindKeys, bindWheel, helpPanel } from "./keys.js";
import { LayerList } from "./layer_list.js";
import { follow } from "./link.js";
import { centerAndWidth } from "./marks.js";
import { Pane } from "./pane.js";
import { tr } from "./words.js";
import style from "./style.css";

const LAYOUT_SETTLES_MS = 60;
let count = 0;

export class Viewer {
  constructor(parent) {
    startEngine();
    this.speed = 10; // frames a second
    this.id = `attending-viewer-${(count += 1)}`;
    this.state = { tool: "window", chosen: 0, playing: false, boxes: false, marks: false, paired: false, linked: true };
    this.#build(parent);
    this.panes = [new Pane(this.pictures, this.id, this.#told())];
    [this.active] = this.panes;
    bindWheel(this.active.screen, this.actions);
    this.observer = new ResizeObserver(() => this.#onResize());
    this.observer.observe(this.pictures);
    this.root.attendingViewer = this; // browser tests ask it where a pixel lies
  }

  // What a test asks of the first picture.
  get stage() {
    return this.panes[0].stage;
  }

  get overlay() {
    return this.panes[0].layers;
  }

  get regions() {
    return this.panes[0].regions;
  }

  #build(parent) {
    this.actions = this.#actions();
    this.toolbar = new Toolbar(this.actions);
    this.frameBar = new FrameBar(this.actions);
    this.layerList = new LayerList((layer, settings) => this.#change(() => layer.change(settings)));
    this.help = helpPanel();
    this.spoken = element("div", { className: "spoken", role: "status", "aria-live": "polite" });
    this.pictures = element("div", { className: "pictures" });
    this.root = element(
      "div",
      { className: "viewer", tabIndex: 0, role: "group", "aria-label": tr("Image viewer"), "data-ready": "0" },
      this.toolbar.node,
      element("div", { className: "middle" }, this.pictures, this.spoken, this.help),
      this.frameBar.node,
      this.layerList.node,
    );
    parent.append(element("style", {}, style), this.root);
    bindKeys(this.root, this.actions);
    this.root.addEventListener("focusout", ({ relatedTarget }) => this.root.contains(relatedTarget) || this.#tellMeasured());
    this.pictures.addEventListener("pointerdown", () => this.root.focus({ preventScroll: true }));
  }

  /** Who is told of what happens on a picture. */
  #told() {
    return {
      rendered: (pane) => this.#onRendered(pane),
      active: (pane) => this.#activate(pane),
      say: (words) => this.#say(words),
      box: (pane, box, frame) => this.#takeBox(pane, box, frame),
      moved: (pane, region, box) => this.#move(pane, region, box),
      measured: ({ digest }, measures) => this.report("measured", { digest, measures }),
    };
  }

  #actions() {
    const whenShown = (action) => (...args) => this.active.stage.stack && action(...args);
    return { ...this.#looking(whenShown), ...this.#drawing(whenShown) };
  }

  /** What changes how the pictures are seen. */
  #looking(whenShown) {
    return {
      choose: whenShown((rank) => {
        const preset = this.active.stage.stack.presets[rank];
        if (preset) this.active.stage.choose(preset);
      }),
      invert: whenShown(() => this.active.stage.invert()),
      rotate: whenShown(() => this.active.stage.rotate()),
      flip: whenShown(() => this.active.stage.flip()),
      fit: whenShown(() => this.active.stage.fit()),
      reset: whenShown(() => this.active.stage.reset()),
      play: whenShown(() => this.#play(!this.state.playing)),
      setSpeed: (speed) => {
        this.speed = speed;
        if (this.state.playing) this.#play(true);
      },
      fullScreen: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
      zoomBy: whenShown((factor, point) => this.active.stage.zoomBy(factor, point)),
      goTo: whenShown((frame) => this.active.stage.goTo(frame)),
      step: whenShown((by) => this.active.stage.goTo(this.active.stage.frame + by)),
      frames: () => this.active.stage.stack?.frames ?? 0,
      toggleMap: whenShown(() => this.#change(() => this.active.layers.toggle())),
      pair: whenShown(() => this.#pair(!this.state.paired)),
      link: () => this.state.paired && this.#set({ linked: !this.state.linked }),
      other: () => this.state.paired && this.#activate(this.panes.find((pane) => pane !== this.active)),
      locate: () => this.active.crossing && this.actions.use(this.state.tool === "locate" ? "window" : "locate"),
      nextKey: whenShown((by) => this.#goToKey(by)),
      help: () => {
        this.help.hidden = !this.help.hidden;
      },
    };
  }

  /** What is drawn and said about them. */
  #drawing(whenShown) {
    return {
      use: (tool, { byKeys } = {}) => {
        for (const pane of this.panes) pane.tools.use(tool);
        for (const pane of this.panes) pane.regions.allow(tool === "box");
        this.#set({ tool });
        if (byKeys && drawable(tool)) this.actions.begin();
      },
      begin: whenShown(() => {
        if (!drawable(this.state.tool)) return;
        this.root.focus({ preventScroll: true });
        this.active.drafting.begin(this.state.tool);
      }),
      pick: whenShown(() => this.active.drafting.pick()),
      draft: (event) => this.active.drafting.key(event),
      clear: whenShown(() => this.active.clear(MEASURES)),
      mark: whenShown(() => this.#markKey()),
      chooseFrame: whenShown(() => this.#chooseFrame()),
    };
  }

  /** Take what Python sent: a new image starts afresh, a new map keeps the view and the settings. */
  async update({ panes: [first, second], chosen, boxes, marks, height }, report) {
    const [main] = this.panes;
    this.report = report;
    this.root.style.height = `var(--attending-pane, ${height}px)`; // a page that knows its window may say more
    const isNew = first.stack.digest !== main.wanted;
    const compared = Boolean(second);
    if (compared !== Boolean(this.compared)) this.state.paired = compared;
    this.compared = compared;
    this.sent = [first, second ?? besideItself(first)];
    if (isNew) this.#begin(first.stack);
    Object.assign(this.state, { chosen, boxes, marks });
    if (!(await main.show(first))) return;
    await this.#layOut();
    if (main.wanted !== first.stack.digest) return;
    this.#change(() => {});
    this.root.dataset.ready = "1";
  }

  #begin(stack) {
    const [main] = this.panes;
    this.root.dataset.ready = "0";
    this.mapped = false;
    this.state.playing = false;
    clearInterval(this.cine);
    if (!this.compared) this.state.paired = false;
    this.active = main;
    this.toolbar.setStack(stack);
    this.frameBar.setStack(stack);
    this.layerList.show([], 0);
    if (stack.color && this.state.tool === "window") this.actions.use("pan");
  }

  /** Show as many pictures as are asked for. */
  async #layOut() {
    const { paired } = this.state;
    if (paired && this.panes.length === 1) this.#addPane();
    if (!paired && this.panes.length === 2) this.#dropPane();
    const [main, beside = null] = this.panes;
    main.other = beside;
    for (const pane of this.panes) pane.titled = paired;
    if (this.state.tool === "locate" && !paired) this.actions.use("window");
    if (!paired) return;
    beside.other = main;
    const shown = await beside.show(this.sent[1], this.sent[1].stack.digest === main.wanted);
    if (shown && this.state.linked) follow(main.stage, beside.stage);
  }

  #addPane() {
    const pane = new Pane(this.pictures, `${this.id}-beside`, this.#told());
    bindWheel(pane.screen, this.actions);
    this.panes.push(pane);
    this.actions.use(this.state.tool);
    this.panes[0].stage.resize();
  }

  #dropPane() {
    const pane = this.panes.pop();
    if (this.active === pane) this.#activate(this.panes[0]);
    pane.destroy();
    this.panes[0].stage.resize();
  }

  async #pair(paired) {
    this.state.paired = paired;
    await this.#layOut();
    this.#change(() => {});
    const [, beside] = this.panes;
    this.#say(beside ? tr("Two panes. {first}, beside it: {second}.", { first: this.panes[0].title, second: beside.title }) : tr("One pane."));
  }

  /** Keys and controls act on the picture that was touched last. */
  #activate(pane) {
    if (pane === this.active) return;
    this.active = pane;
    if (!pane.stage.stack) return;
    this.toolbar.setStack(pane.stage.stack);
    this.frameBar.setStack(pane.stage.stack);
    this.#change(() => {});
    this.#say(pane.title);
  }

  #set(changes) {
    Object.assign(this.state, changes);
    if (this.state.paired && this.state.linked) this.#lead();
    this.#refresh();
  }

  /** Change what is laid over the pictures; the first look at a map of this image is reported: readings are timed. */
  #change(make) {
    make();
    for (const pane of this.panes) pane.relay();
    this.layerList.show(this.active.layers.all, Math.max(...this.panes.map(({ layers }) => layers.all.length)));
    this.#refresh();
    const { digest } = this.panes[0];
    const mapped = this.panes.some((pane) => pane.digest === digest && pane.layers.mapped);
    if (mapped && !this.mapped) this.report("mapped", digest);
    this.mapped ||= mapped;
  }

  /** Step through the frames, round and round; a frame that has not arrived is waited for. */
  #play(playing) {
    clearInterval(this.cine);
    this.#set({ playing: playing && this.active.stage.stack.frames > 1 });
    if (!this.state.playing) return;
    this.cine = setInterval(() => {
      const { frame, stack } = this.active.stage;
      this.active.stage.goTo((frame + 1) % stack.frames);
    }, 1000 / this.speed);
  }

  /** Report a box; the time tells one from an equal one before it. */
  #takeBox(pane, box, frame) {
    const { chosen } = this.state;
    const own = pane.digest === this.panes[0].digest;
    if (own && (chosen === null || frame === chosen)) {
      this.report("box", { digest: pane.digest, frame, box, drawn: Date.now() });
      return;
    }
    pane.clear(["box"]);
    const words = own ? tr("Boxes belong on the analysed frame, {frame}.", { frame: chosen + 1 }) : tr("Boxes belong on the first picture.");
    pane.marks.notice.textContent = words;
    this.#say(words);
  }

  /** Report a region with its new box, or with none where it is gone. */
  #move(pane, region, box) {
    const { kind, frame, box: was } = region;
    this.report("moved", { digest: pane.digest, kind, frame, was, box, moved: Date.now() });
    for (const { regions } of this.panes) {
      const left = regions.regions.filter((one) => box || one.box.join() !== was.join());
      regions.set(left.map((one) => (one.box.join() === was.join() ? { ...one, box: box ?? was } : one)));
    }
    for (const one of this.panes) one.update();
  }

  #markKey() {
    const [main] = this.panes;
    if (!this.state.marks) return;
    if (this.active.digest !== main.digest) {
      this.#say(tr("Key images are marked on the first picture."));
      return;
    }
    const { frame } = this.active.stage;
    const held = main.keys.includes(frame);
    const keys = held ? main.keys.filter((one) => one !== frame) : [...main.keys, frame].sort((a, b) => a - b);
    for (const pane of this.panes) if (pane.digest === main.digest) pane.keys = keys;
    this.report("keyed", { digest: main.digest, keys });
    this.#say(held ? tr("No key image any more.") : tr("Key image: frame {frame}.", { frame: frame + 1 }));
    for (const pane of this.panes) pane.update();
    this.#refresh();
  }

  /** Go to the next key image, or the one before it. */
  #goToKey(by) {
    const { keys, stage } = this.active;
    const ahead = by > 0 ? keys.filter((frame) => frame > stage.frame) : keys.filter((frame) => frame < stage.frame);
    const next = by > 0 ? (ahead[0] ?? keys[0]) : (ahead.at(-1) ?? keys.at(-1));
    if (next === undefined) this.#say(tr("No key images yet: K marks one."));
    else stage.goTo(next);
  }

  #chooseFrame() {
    const { frame } = this.panes[0].stage;
    this.#set({ chosen: frame });
    this.report("choice", { digest: this.panes[0].digest, frame });
  }

  #onRendered(pane) {
    pane.update();
    pane.crossing?.update();
    if (pane !== this.active) return;
    if (this.state.paired && this.state.linked) this.#lead();
    this.#refresh();
  }

  /** Let the other picture follow the one that was touched last. */
  #lead() {
    const other = this.panes.find((pane) => pane !== this.active);
    if (other) follow(this.active.stage, other.stage);
  }

  /** Bring the controls in step with the picture that they act on. */
  #refresh() {
    const { stage, keys, digest } = this.active;
    if (!stage.preset) return;
    const [main] = this.panes;
    const marked = digest === main.digest && keys.includes(stage.frame);
    const preset = stage.stack.presets.indexOf(stage.preset);
    const crossing = Boolean(this.active.crossing);
    this.toolbar.update({ ...this.state, inverted: stage.inverted, preset, marked, crossing });
    this.frameBar.update(stage.frame, this.active === main ? this.state.chosen : null, this.state.playing);
    this.frameBar.list(keys);
    this.panes.forEach((pane) => pane.node.classList.toggle("active", this.state.paired && pane === this.active));
    this.spoken.classList.toggle("seen", this.panes.some(({ drafting }) => drafting.draft));
    this.#expose();
  }

  /** Tell what was measured before the reader goes elsewhere: what is chosen there may take the pictures away. */
  #tellMeasured() {
    for (const { tools } of this.panes) tools.tellNow();
  }

  #say(words) {
    this.spoken.textContent = words;
    this.spoken.classList.toggle("seen", this.panes.some(({ drafting }) => drafting.draft));
  }

  // What a browser test, or a reader of the page's source, may want to know.
  #expose() {
    const { panes: [{ stage, layers, keys }], state } = this;
    if (!stage.preset) return;
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
      overlay: layers.visible.length ? "on" : "off",
      panes: this.panes.length,
      linked: state.linked,
      keys: keys.join(),
      renderer: stage.cpu ? "cpu" : "webgl",
    });
  }

  #onResize() {
    clearTimeout(this.resizing);
    this.resizing = setTimeout(() => this.panes.forEach(({ stage }) => stage.resize()), LAYOUT_SETTLES_MS);
  }

  destroy() {
    clearTimeout(this.resizing);
    clearInterval(this.cine);
    this.observer.disconnect();
    for (const pane of this.panes) pane.destroy();
    this.root.remove();
  }
}

/** What stands beside an image where Python sent nothing else: the image itself, with its first map shown. */
function besideItself(pane) {
  const overlays = pane.overlays.map((map, rank) => ({ ...map, shown: rank === 0 }));
  return { ...pane, overlays, measures: [] };
}
