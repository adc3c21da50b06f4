// The list of what is laid over the image: a row of controls for each layer.

import { button, element, number, say, slider } from "./dom.js";
import { palettesFor } from "./palettes.js";
import { tr } from "./words.js";

/** How a map is drawn: the value that is kept, and its name. */
const looks = () => [["Heat", tr("Heat")], ["Contour", tr("Contour")], ["Both", tr("Both")]];

/** One row: on or off, look, colours, opacity and threshold, with what the map is a map of. */
class Row {
  /** @param tell called with the layer and the settings that the reader changes */
  constructor(layer, rank, tell) {
    const { map } = layer;
    const change = (settings) => tell(this.layer, settings);
    const of = rank ? tr(" of {name}", { name: layer.name }) : "";
    const menu = (label, options, setting) => {
      const node = element("select", { title: label, "aria-label": label + of });
      node.append(...options.map(([value, name]) => element("option", { value }, name)));
      node.onchange = () => change({ [setting]: node.value });
      return node;
    };
    this.toggle = button("", rank ? tr("On or off: {name}", { name: layer.name }) : tr("Heat map on or off (O)"), () =>
      change({ visible: !this.layer.visible }),
    );
    this.look = menu(tr("How the map is drawn"), looks(), "look");
    this.palette = menu(tr("Colours of the map"), palettesFor(map.signed).map((name) => [name, name]), "palette");
    this.palette.hidden = this.palette.options.length < 2;
    this.opacity = slider(tr("Opacity||of a map"), { min: 0, max: 1, step: 0.05, value: 0.5 }, (opacity) => change({ opacity }));
    const range = { min: 0, max: map.scale, step: map.scale / 100, value: 0 };
    this.threshold = slider(tr("Threshold"), range, (threshold) => change({ threshold }));
    for (const { input } of [this.opacity, this.threshold]) input.ariaLabel += of;
    this.node = element(
      "div",
      { className: "bar map" },
      this.toggle,
      this.look,
      this.palette,
      this.opacity.node,
      this.threshold.node,
      element("span", { className: "caption" }, layer.name),
    );
    this.unit = map.unit;
  }

  update(layer) {
    const { visible, opacity, threshold, look, palette } = (this.layer = layer);
    say(this.toggle, visible ? tr("Hide map") : tr("Show map"));
    this.toggle.setAttribute("aria-pressed", visible);
    this.look.value = look;
    this.palette.value = palette;
    this.opacity.input.value = opacity;
    this.opacity.output.textContent = `${Math.round(100 * opacity)} %`;
    this.threshold.input.value = threshold;
    this.threshold.output.textContent = `${number(threshold)} ${this.unit}`;
    for (const control of [this.look, this.palette, this.opacity.input, this.threshold.input]) control.disabled = !visible;
  }
}

export class LayerList {
  /** @param change called with a layer and the settings that the reader changes */
  constructor(change) {
    this.change = change;
    this.node = element("div", { className: "layers", role: "group", "aria-label": tr("Maps over the image") });
    this.node.hidden = true;
    this.made = "";
    this.rows = [];
    this.room = 0;
  }

  /**
   * Show the layers of a picture; rows are made anew only where they would look otherwise.
   *
   * @param most how many layers either picture has: the room stays, so that no picture moves from under the pointer
   */
  show(layers, most) {
    const made = JSON.stringify(layers.map(({ name, map: { scale, signed, unit } }) => [name, scale, signed, unit]));
    if (made !== this.made) {
      this.made = made;
      this.rows = layers.map((layer, rank) => new Row(layer, rank, this.change));
      this.node.replaceChildren(...this.rows.map((row) => row.node));
    }
    if (layers.length === most) {
      this.node.hidden = !most;
      this.node.style.minHeight = "";
      this.room = this.node.offsetHeight;
    } else {
      this.node.style.minHeight = `${this.room}px`;
    }
    this.rows.forEach((row, rank) => row.update(layers[rank]));
  }
}
