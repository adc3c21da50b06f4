// Keyboard and wheel, while the viewer has the focus or the pointer.

import { element } from "./dom.js";
import { tr } from "./words.js";

const WHEEL_STEP = 1.15;

const help = () => [
  [tr("Left drag"), tr("window width (across) and centre (up, down), or the tool chosen above")],
  [tr("Wheel"), tr("zoom; with several frames: scroll, and ctrl + wheel zooms")],
  [tr("Middle or shift + drag"), tr("pan")],
  [tr("Right drag"), tr("zoom")],
  ["O", tr("heat map on or off")],
  [tr("1 to 9"), tr("the windows of the menu")],
  ["I, F", tr("invert; full screen")],
  ["R", tr("reset window, zoom, flip and rotation")],
  [tr("Space"), tr("play or stop the frames")],
  ["+  −", tr("zoom")],
  [tr("Arrows, Page up, Page down"), tr("previous and next frame; Page: ten frames")],
  ["C, L, P", tr("two panes or one; panes move together or not; the other pane takes the keys")],
  ["X", tr("with two planes of one series: locate, or window again")],
  [tr("K, [ and ]"), tr("key image or not; the key image before and after")],
  [tr("Enter"), tr("with a drawing tool: place its shape; arrows move it, with shift farther, M takes one point")],
  ["E", tr("take up the next box or measurement: move or size it, Delete removes it")],
  [tr("Enter, Escape"), tr("keep the shape; give it up")],
  [tr("H or ?"), tr("this help")],
];

export function helpPanel() {
  const rows = help().map(([key, meaning]) => element("tr", {}, element("th", {}, key), element("td", {}, meaning)));
  const note = element("p", {}, tr("Research and education; not a medical device."));
  return element("div", { className: "help", hidden: true, "data-part": "help" }, element("table", {}, ...rows), note);
}

/** The keys that a control has a use for itself: a menu goes to the entry that begins with what is typed. */
const OWN_KEYS = { button: /^( |enter)$/, input: /^(arrow|page|enter|[1-9]$)/, select: /^(.$|arrow|page|enter)/u };

const isOwnKey = ({ target, key }) => OWN_KEYS[target.localName]?.test(key.toLowerCase());

/** Bind keys on the whole viewer; a control keeps its own. */
export function bindKeys(root, actions) {
  const bindings = {
    i: actions.invert,
    r: actions.reset,
    o: actions.toggleMap,
    f: actions.fullScreen,
    " ": actions.play,
    c: actions.pair,
    l: actions.link,
    p: actions.other,
    x: actions.locate,
    k: actions.mark,
    e: actions.pick,
    enter: actions.begin,
    "[": () => actions.nextKey(-1),
    "]": () => actions.nextKey(1),
    h: actions.help,
    "?": actions.help,
    "+": () => actions.zoomBy(WHEEL_STEP),
    "=": () => actions.zoomBy(WHEEL_STEP),
    "-": () => actions.zoomBy(1 / WHEEL_STEP),
    arrowup: () => actions.step(-1),
    arrowleft: () => actions.step(-1),
    arrowdown: () => actions.step(1),
    arrowright: () => actions.step(1),
    pageup: () => actions.step(-10),
    pagedown: () => actions.step(10),
  };
  root.addEventListener("keydown", (event) => {
    const digit = /^[1-9]$/.test(event.key) && (() => actions.choose(Number(event.key) - 1));
    const action = digit || bindings[event.key.toLowerCase()];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isOwnKey(event)) {
      event.stopPropagation(); // Streamlit has keys of its own: "r" runs the page again
      return;
    }
    if (!actions.draft(event)) {
      if (!action) return;
      action();
    }
    event.preventDefault();
    event.stopPropagation();
  });
}

/** The wheel scrolls a stack and zooms a single image about the pointer. */
export function bindWheel(surface, actions) {
  const onWheel = (event) => {
    event.preventDefault();
    const direction = Math.sign(event.deltaY);
    if (!direction) return;
    if (actions.frames() > 1 && !event.ctrlKey) actions.step(direction);
    else actions.zoomBy(WHEEL_STEP ** -direction, [event.offsetX, event.offsetY]);
  };
  surface.addEventListener("wheel", onWheel, { passive: false });
}
