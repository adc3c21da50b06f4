// Buttons, sliders and menus around the image.

import { button, element, say, slider } from "./dom.js";
import { tr } from "./words.js";

const leftButton = () => [
  ["window", tr("Window"), tr("Left drag: width and centre of the window")],
  ["pan", tr("Pan"), tr("Left drag moves the image (also: middle button, or shift and drag)")],
  ["zoom", tr("Zoom"), tr("Left drag zooms (also: right button)")],
  ["length", tr("Length"), tr("Left drag measures a distance")],
  ["angle", tr("Angle"), tr("Left drag one side, then a click for the other")],
  ["ellipse", tr("Ellipse"), tr("Left drag: statistics of the values in an ellipse")],
  ["rectangle", tr("Area"), tr("Left drag: statistics of the values in a rectangle")],
  ["locate", tr("Locate"), tr("Click or left drag: the other pane goes to the place under the pointer (X)")],
  ["box", tr("Box"), tr("Left drag draws a box: what if it were not there, or a mark of your verdict")],
];

/** The bar above the image; `actions` are the viewer's methods. */
export class Toolbar {
  constructor(actions) {
    this.tools = Object.fromEntries(
      leftButton().map(([tool, label, title]) => [
        tool,
        button(label, title, ({ detail }) => actions.use(tool, { byKeys: detail === 0 })),
      ]),
    );
    this.presets = element("select", { title: tr("Windows offered by the file"), "aria-label": tr("Window preset") });
    this.presets.onchange = () => actions.choose(Number(this.presets.value));
    this.pair = button(tr("Two panes"), tr("Two pictures side by side (C)"), actions.pair);
    this.link = button(tr("Linked"), tr("Both panes move together (L)"), actions.link);
    this.key = button(tr("Key image"), tr("Mark this picture as a key image, or not (K)"), actions.mark);
    this.invert = button(tr("Invert"), tr("Invert grey values (I)"), actions.invert);
    this.node = element(
      "div",
      { className: "toolbar", role: "toolbar", "aria-label": tr("Image tools") },
      element("div", { className: "group" }, ...Object.values(this.tools)),
      this.presets,
      element(
        "div",
        { className: "group" },
        this.invert,
        button(tr("Flip"), tr("Mirror left and right"), actions.flip),
        button(tr("Rotate"), tr("Turn by 90 degrees clockwise"), actions.rotate),
        button(tr("Fit"), tr("Fit the whole image"), actions.fit),
        button(tr("Reset"), tr("Window, zoom and rotation as at first (R)"), actions.reset),
        button(tr("Clear"), tr("Remove all measurements"), actions.clear),
        button(tr("Full"), tr("Full screen (F)"), actions.fullScreen),
      ),
      element("div", { className: "group" }, this.key, this.pair, this.link),
      button(tr("Help"), tr("Keys and mouse (H)"), actions.help),
    );
  }

  setStack(stack) {
    const options = stack.presets.map((preset, i) => element("option", { value: i }, preset.name));
    this.presets.replaceChildren(...options);
    this.presets.hidden = stack.color;
    this.tools.window.hidden = stack.color;
  }

  update({ tool, inverted, preset, boxes, paired, linked, marked, marks, crossing }) {
    this.tools.locate.hidden = !crossing;
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
    this.slider = slider(tr("Frame"), { min: 1, max: 1, step: 1, value: 1 }, (value) => actions.goTo(value - 1));
    this.play = button(tr("Play"), tr("Play the frames, or stop (space)"), actions.play);
    this.speed = element("select", { title: tr("Frames a second"), "aria-label": tr("Frames a second") });
    this.speed.append(...SPEEDS.map((speed) => element("option", { value: speed }, tr("{speed} / s", { speed }))));
    this.speed.value = SPEEDS[1];
    this.speed.onchange = () => actions.setSpeed(Number(this.speed.value));
    this.choose = button("", tr("Run the model and its map on this frame"), actions.chooseFrame);
    this.keys = element("div", { className: "group keys", role: "group", "aria-label": tr("Key images") });
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
    const entry = (frame) => button(`★ ${frame + 1}`, tr("Key image: go to frame {frame}", { frame: frame + 1 }), () => this.goTo(frame));
    this.keys.replaceChildren(...keys.map(entry));
    this.keys.hidden = !keys.length;
  }

  update(frame, chosen, playing) {
    say(this.play, playing ? tr("Stop") : tr("Play"));
    this.play.setAttribute("aria-pressed", playing);
    this.slider.input.value = frame + 1;
    this.slider.output.textContent = frame + 1;
    this.choose.hidden = chosen === null; // no model reads these images
    const number = { frame: frame + 1 };
    say(this.choose, frame === chosen ? tr("Frame {frame} is analysed", number) : tr("Analyse frame {frame}", number));
    this.choose.disabled = frame === chosen;
  }
}
