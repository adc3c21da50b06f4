// Draws a note and the map on its words. Text comes from files: it is only ever set as textContent.

const DEFAULT_THRESHOLD = 1; // the relevance of an average word

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { attributes = {}, ...rest } = properties;
  Object.assign(made, rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function legend(map) {
  const stops = map.colors.map(([background]) => background).join(", ");
  const bar = element("span", { className: "bar" });
  bar.style.background = `linear-gradient(to right, ${stops})`;
  const top = element("span", { textContent: `≥ ${map.scale.toFixed(1)} ${map.unit}` });
  return element("span", { className: "legend", title: map.title }, element("span", { textContent: "0" }), bar, top);
}

function toolbar(map, state, redraw) {
  const toggle = element("button", {
    type: "button",
    className: "toggle",
    attributes: { "aria-pressed": String(state.on), "aria-keyshortcuts": "o" },
    onclick: () => { state.on = !state.on; redraw(); },
  });
  const value = element("output", { className: "value" });
  const slider = element("input", {
    type: "range", min: "0", max: String(map.scale), step: "0.05", value: String(state.threshold),
    oninput: (event) => { state.threshold = Number(event.target.value); redraw(); },
  });
  const label = element("label", {}, element("span", { textContent: "Shade words from" }), slider, value);
  const readout = element("span", { className: "readout", attributes: { "aria-live": "polite" } });
  const name = element("span", { className: "name", textContent: map.title });
  const bar = element("div", { className: "toolbar" }, toggle, name, label, legend(map), readout);
  return { bar, toggle, slider, value, readout };
}

function words(pieces) {
  return pieces.map(([text, relevance]) => {
    if (relevance === null) return document.createTextNode(text);
    const word = element("span", { className: "word", textContent: text });
    word.relevance = relevance;
    return word;
  });
}

function shade(text, map, state) {
  for (const word of text.querySelectorAll(".word")) {
    const shown = state.on && word.relevance >= state.threshold && word.relevance > 0;
    const step = Math.round(Math.min(1, word.relevance / map.scale) * (map.colors.length - 1));
    const [background, ink] = shown ? map.colors[step] : ["", ""];
    word.style.background = background;
    word.style.color = ink;
    word.classList.toggle("shaded", shown);
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".note-map");
  const { pieces, map, height } = data;
  // The reader's choices outlive a new map: they are kept on the element that Streamlit keeps.
  const state = (root.attendingState ??= { on: false, threshold: DEFAULT_THRESHOLD });
  const text = element("div", { className: "text", tabIndex: 0, attributes: { role: "document", "aria-label": "Note" } }, ...words(pieces));
  root.style.maxHeight = `var(--attending-pane, ${height}px)`;
  const scrolled = root.querySelector(".text")?.scrollTop ?? 0;

  if (map === null) {
    root.replaceChildren(text);
  } else {
    state.threshold = Math.min(state.threshold, map.scale);
    const controls = toolbar(map, state, redraw);
    root.replaceChildren(controls.bar, text);
    text.onpointerover = ({ target }) => {
      const hit = state.on && target.classList.contains("word");
      controls.readout.textContent = hit ? `${target.textContent}: ${target.relevance.toFixed(2)} ${map.unit}` : "";
    };
    text.onkeydown = ({ key, ctrlKey, metaKey, altKey }) => {
      if (key.toLowerCase() === "o" && !(ctrlKey || metaKey || altKey)) controls.toggle.click();
    };
    function redraw() {
      controls.toggle.textContent = state.on ? "Hide map" : "Show map";
      controls.toggle.setAttribute("aria-pressed", String(state.on));
      controls.slider.disabled = !state.on;
      controls.value.textContent = `${state.threshold.toFixed(2)} ×`;
      root.dataset.overlay = state.on ? "on" : "off";
      shade(text, map, state);
    }
    redraw();
  }
  text.scrollTop = scrolled;
  root.dataset.ready = "1";
}
