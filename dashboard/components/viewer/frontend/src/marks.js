// What is written over the image: window, zoom, frame, read-out, orientation letters, scale bar, colour bar.

import { element, number } from "./dom.js";
import { palette } from "./palettes.js";
import { tr } from "./words.js";

const OPPOSITE = { L: "R", R: "L", A: "P", P: "A", H: "F", F: "H" };
const EDGES = { left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1] };
const SCALE_BAR_MM = [200, 100, 50, 20, 10, 5, 2, 1];
const SCALE_BAR_LONGEST_PX = 160;

const opposite = (letters) => letters.replace(/./g, (letter) => OPPOSITE[letter] ?? letter);

export class Marks {
  constructor() {
    const part = (className, properties) => element("div", { className, ...properties });
    this.badge = part("badge");
    this.title = part("title", { "data-part": "title" });
    this.notice = part("notice", { role: "status" });
    this.head = part("head");
    this.head.append(this.badge, this.title, this.notice);
    this.view = part("corner top-right");
    this.readout = part("corner bottom-left", { "data-part": "readout" });
    this.place = part("corner bottom-right", { "data-part": "place" });
    this.ruler = part("scale-bar", { "data-part": "scale-bar" });
    this.colors = part("color-bar", { "data-part": "color-bar" });
    this.letters = Object.fromEntries(Object.keys(EDGES).map((edge) => [edge, part(`letter ${edge}`)]));
    const all = [this.head, this.view, this.readout, this.place, this.ruler, this.colors];
    this.node = part("marks");
    this.node.append(...all, ...Object.values(this.letters));
  }

  /** What the picture is: the stack's own label, and the title of its pane. */
  name(stack, title) {
    this.badge.textContent = stack.label;
    this.badge.hidden = !stack.label;
    this.about = title;
  }

  /** Everything that moves with the image; `key` says whether the frame is a key image. */
  update(stage, key) {
    const { stack } = stage;
    const mirrored = stage.flipped ? `\n${tr("Mirrored")}` : "";
    this.view.textContent = `${windowText(stage)}\n${tr("Zoom {share} %", { share: Math.round(100 * stage.zoom) })}${mirrored}`;
    const place = stack.frames > 1 ? tr("Frame {frame} / {frames}", { frame: stage.frame + 1, frames: stack.frames }) : "";
    this.place.textContent = [key ? `★ ${tr("Key image")}` : "", place].filter(Boolean).join("\n");
    this.#updateLetters(stage);
    this.#updateRuler(stage);
  }

  #updateLetters(stage) {
    const { orientation } = stage.stack;
    const [x, y] = stage.toCanvas(0, 0);
    const axis = (to) => {
      const length = Math.hypot(to[0] - x, to[1] - y);
      return [(to[0] - x) / length, (to[1] - y) / length];
    };
    const [right, down] = [axis(stage.toCanvas(1, 0)), axis(stage.toCanvas(0, 1))];
    for (const [edge, direction] of Object.entries(EDGES)) {
      this.letters[edge].textContent = orientation ? letterTowards(direction, right, down, orientation) : "";
    }
  }

  #updateRuler(stage) {
    const { spacing, spacingSource } = stage.stack;
    const pixelsPerMm = spacing ? stage.zoom / spacing[1] : 0;
    const length = SCALE_BAR_MM.find((mm) => mm * pixelsPerMm <= SCALE_BAR_LONGEST_PX);
    this.ruler.hidden = !spacing || !length;
    if (this.ruler.hidden) return;
    this.ruler.style.width = `${length * pixelsPerMm}px`;
    this.ruler.textContent = `${length} mm${spacingSource === "imager" ? tr(" on the detector") : ""}`;
  }

  /** @param pixel {column, row, value, relevances: [[layer, value or null]]} or null when the pointer is elsewhere */
  read(stack, pixel) {
    if (!pixel) {
      this.readout.textContent = "";
      return;
    }
    const { column, row, value, relevances } = pixel;
    const unit = stack.unit ? ` ${stack.unit}` : "";
    const text = Array.isArray(value) ? `RGB ${value.join(", ")}` : `${number(value)}${unit}`;
    const lines = relevances.map(([{ map }, relevance]) => {
      const value = relevance === null ? tr("nothing") : `${number(relevance)} ${map.unit}`;
      if (relevances.length > 1) return `${map.method}: ${value}`;
      return relevance === null ? tr("no relevance here") : tr("relevance {value}", { value });
    });
    this.readout.textContent = [tr("column {column}, row {row}", { column, row }), text, ...lines].join("\n");
  }

  /** One colour bar for each layer that is shown, and its name in the title where pictures stand side by side. */
  showLayers(layers, titled) {
    const names = layers.length ? layers.map(({ name }) => name) : [tr("no map")];
    this.title.textContent = titled ? [this.about, ...names].filter(Boolean).join("\n") : "";
    this.colors.replaceChildren(...layers.map((layer) => colorBar(layer, layers.length > 1)));
  }
}

/** Colours of a layer with their values and unit; dark is what lies below the threshold. */
function colorBar({ map, name, palette: colors, threshold }, named) {
  const table = palette(colors);
  const stops = Array.from({ length: 17 }, (_, i) => table.subarray(3 * Math.round(i * 15.9375)).slice(0, 3));
  const bar = element("div", { className: "gradient" });
  bar.style.background = `linear-gradient(to top, ${stops.map((rgb) => `rgb(${rgb.join()})`).join()})`;
  const hidden = 100 * Math.min(threshold / map.scale, 1);
  const cut = element("div", { className: "cut", title: tr("threshold") });
  cut.style.height = `${hidden}%`;
  cut.style.bottom = map.signed ? `${(100 - hidden) / 2}%` : "0";
  bar.append(cut);
  const top = `≥ ${number(map.scale)}`;
  const texts = map.signed ? [tr("{top} for", { top }), "0", tr("≤ −{scale} against", { scale: number(map.scale) })] : [top, number(map.scale / 2), "0"];
  const ticks = texts.map((text) => element("span", {}, text));
  return element(
    "div",
    { className: "of-layer" },
    element("div", { className: "unit" }, ...(named ? [`${name},`, element("br")] : []), map.unit),
    element("div", { className: "bar" }, bar, element("div", { className: "ticks" }, ...ticks)),
  );
}

function letterTowards([x, y], right, down, [rightLetters, bottomLetters]) {
  const alongRow = right[0] * x + right[1] * y;
  const alongColumn = down[0] * x + down[1] * y;
  const [along, letters] =
    Math.abs(alongRow) > Math.abs(alongColumn) ? [alongRow, rightLetters] : [alongColumn, bottomLetters];
  return along > 0 ? letters : opposite(letters);
}

/** Centre and width as PS3.3 C.11.2.1.2 counts them; a VOI LUT's output in per cent. */
export function centerAndWidth(stage) {
  const { lower, upper } = stage.window;
  const extra = stage.stack.exact || stage.preset.curve ? 0 : 1;
  return { center: (lower + upper + extra) / 2, width: upper - lower + extra };
}

function windowText(stage) {
  if (stage.stack.color) return "";
  const { center, width } = centerAndWidth(stage);
  if (!stage.preset.curve) return `C ${number(rounded(center, width))}  W ${number(rounded(width, width))}`;
  return `${stage.preset.name}  C ${Math.round(100 * center)} %  W ${Math.round(100 * width)} %`;
}

// A drag moves by fractions: whole numbers are enough from a width of 20 on.
const rounded = (value, width) => (width >= 20 ? Math.round(value) : value);
