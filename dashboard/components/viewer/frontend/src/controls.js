// Buttons, sliders and menus around the image.

import { button, element, say, slider } from "./dom.js";

const LEFT_BUTTON = [
  ["window", "Window", "Left drag: width and centre of the window"],
  ["pan", "Pan", "Left drag moves the image (also: middle button, or shift and drag)"],
  ["zoom", "Zoom", "Left drag zooms (also: right button)"],
  ["length", "Length", "Left drag measures a distance"],
  ["angle", "Angle", "Left drag one side, then a click for the other"],
  ["ellipse", "Ellipse", "Left drag: statistics of the values in an ellipse"],
  ["rectangle", "Area", "Left drag: statistics of the values in a rectangle"],
  ["box", "Box", "Left drag draws a box: what if it were not there, or a mark of your verdict"],
];

/** The bar above the image; `actions` are the viewer's methods. */
export class Toolbar {
  constructor(actions) {
    this.tools = Object.fromEntries(
      LEFT_BUTTON.map(([tool, label, title]) => [
        tool,
        button(label, title, ({ detail }) => actions.use(tool, { byKeys: detail === 0 })),
      ]),
    );
    this.presets = element("select", { title: "Windows offered by the file", "aria-label": "Window preset" });
    this.presets.onchange = () => actions.choose(Number(this.presets.value));
    this.pair = button("Two panes", "Two pictures side by side (C)", actions.pair);
    this.link = button("Linked", "Both panes move together (L)", actions.link);
    this.key = button("Key image", "Mark this picture as a key image, or not (K)", actions.mark);
    this.invert = button("Invert", "Invert grey values (I)", actions.invert);
    this.node = element(
      "div",
      { className: "toolbar", role: "toolbar", "aria-label": "Image tools" },
      element("div", { className: "group" }, ...Object.values(this.tools)),
      this.presets,
      element(
        "div",
        { className: "group" },
        this.invert,
        button("Flip", "Mirror left and right", actions.flip),
        button("Rotate", "Turn by 90 degrees clockwise", actions.rotate),
        button("Fit", "Fit the whole image", actions.fit),
        button("Reset", "Window, zoom and rotation as at first (R)", actions.reset),
        button("Clear", "Remove all measurements", actions.clear),
        button("Full", "Full screen (F)", actions.fullScreen),
      ),
      element("div", { className: "group" }, this.key, this.pair, this.link),
      button("Help", "Keys and mouse (H)", actions.help),
    );
  }

  setStack(stack) {
    const options = stack.presets.map((preset, i) => element("option", { value: i }, preset.name));
    this.presets.replaceChildren(...options);
    this.presets.hidden = stack.color;
    this.tools.window.hidden = stack.color;
  }

  update({ tool, inverted, preset, boxes, paired, linked, marked, marks }) {
    this.tools.box.hidden = !boxes;
    this.key.hidden = !marks;
    this.key.setAttribute("aria-pressed", marked);
    this.pair.setAttribute("aria-pressed", paired);
    this.link.hidden = !paired;
    this.link.setAttribute("aria-pressed", linked);
    for (const [name, node] of Object.entries(this.tools)) node.setAttribute("aria-pressed", name === tool);
    this.invert.setAttribute("aria-pressed", inverted);
    this.presets.value = preset;
  }
}

const SPEEDS = [5, 10, 20, 30];

/** Cine, frame slider and the button that asks Python for a map of the frame shown. */
export class FrameBar {
  constructor(actions) {
    this.slider = slider("Frame", { min: 1, max: 1, step: 1, value: 1 }, (value) => actions.goTo(value - 1));
    this.play = button("Play", "Play the frames, or stop (space)", actions.play);
    this.speed = element("select", { title: "Frames a second", "aria-label": "Frames a second" });
    this.speed.append(...SPEEDS.map((speed) => element("option", { value: speed }, `${speed} / s`)));
    this.speed.value = SPEEDS[1];
    this.speed.onchange = () => actions.setSpeed(Number(this.speed.value));
    this.choose = button("", "Run the model and its map on this frame", actions.chooseFrame);
    this.keys = element("div", { className: "group keys", role: "group", "aria-label": "Key images" });
    this.goTo = actions.goTo;
    const parts = [this.play, this.speed, this.slider.node, this.keys, this.choose];
    this.node = element("div", { className: "bar frames" }, ...parts);
  }

  setStack(stack) {
    this.node.hidden = stack.frames < 2;
    this.slider.input.max = stack.frames;
  }

  /** @param keys the frames that are key images */
  list(keys) {
    const entry = (frame) => button(`★ ${frame + 1}`, `Key image: go to frame ${frame + 1}`, () => this.goTo(frame));
    this.keys.replaceChildren(...keys.map(entry));
    this.keys.hidden = !keys.length;
  }

  update(frame, chosen, playing) {
    say(this.play, playing ? "Stop" : "Play");
    this.play.setAttribute("aria-pressed", playing);
    this.slider.input.value = frame + 1;
    this.slider.output.textContent = frame + 1;
    this.choose.hidden = chosen === null; // no model reads these images
    say(this.choose, frame === chosen ? `Frame ${frame + 1} is analysed` : `Analyse frame ${frame + 1}`);
    this.choose.disabled = frame === chosen;
  }
}
