// Buttons, sliders and menus around the image.

import { button, element, number, say, slider } from "./dom.js";
import { palettesFor } from "./palettes.js";

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
      LEFT_BUTTON.map(([tool, label, title]) => [tool, button(label, title, () => actions.use(tool))]),
    );
    this.presets = element("select", { title: "Windows offered by the file", "aria-label": "Window preset" });
    this.presets.onchange = () => actions.choose(Number(this.presets.value));
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
      button("Help", "Keys and mouse (H)", actions.help),
    );
  }

  setStack(stack) {
    const options = stack.presets.map((preset, i) => element("option", { value: i }, preset.name));
    this.presets.replaceChildren(...options);
    this.presets.hidden = stack.color;
    this.tools.window.hidden = stack.color;
  }

  update({ tool, inverted, preset, boxes }) {
    this.tools.box.hidden = !boxes;
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
    this.node = element("div", { className: "bar frames" }, this.play, this.speed, this.slider.node, this.choose);
  }

  setStack(stack) {
    this.node.hidden = stack.frames < 2;
    this.slider.input.max = stack.frames;
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

const LOOKS = ["Heat", "Contour", "Both"];

/** Overlay switch, look, colours, opacity and threshold, with what the map is a map of. */
export class MapBar {
  constructor(actions) {
    this.look = element("select", { title: "How the map is drawn", "aria-label": "How the map is drawn" });
    this.look.append(...LOOKS.map((look) => element("option", { value: look }, look)));
    this.look.onchange = () => actions.setLook(this.look.value);
    this.palette = element("select", { title: "Colours of the map", "aria-label": "Colours of the map" });
    this.palette.onchange = () => actions.setPalette(this.palette.value);
    this.toggle = button("Show map", "Heat map on or off (O)", actions.toggleMap);
    this.opacity = slider("Opacity", { min: 0, max: 1, step: 0.05, value: 0.5 }, actions.setOpacity);
    this.threshold = slider("Threshold", { min: 0, max: 1, step: 0.01, value: 0 }, actions.setThreshold);
    this.caption = element("span", { className: "caption" });
    this.node = element(
      "div",
      { className: "bar map" },
      this.toggle,
      this.look,
      this.palette,
      this.opacity.node,
      this.threshold.node,
      this.caption,
    );
    this.node.hidden = true; // until there is a map
  }

  setMap(map) {
    this.node.hidden = !map;
    if (!map) return;
    this.palette.replaceChildren(...palettesFor(map.signed).map((name) => element("option", { value: name }, name)));
    this.palette.hidden = this.palette.options.length < 2;
    this.palette.value = map.palette;
    this.threshold.input.max = map.scale;
    this.threshold.input.step = map.scale / 100;
    this.caption.textContent = map.label ? `${map.method} for ${map.label}` : map.method;
  }

  update({ visible, opacity, threshold }, unit) {
    say(this.toggle, visible ? "Hide map" : "Show map");
    this.toggle.setAttribute("aria-pressed", visible);
    this.opacity.input.value = opacity;
    this.opacity.output.textContent = `${Math.round(100 * opacity)} %`;
    this.threshold.input.value = threshold;
    this.threshold.output.textContent = `${number(threshold)} ${unit}`;
    const controls = [this.look, this.palette, this.opacity.input, this.threshold.input];
    for (const control of controls) control.disabled = !visible;
  }
}
