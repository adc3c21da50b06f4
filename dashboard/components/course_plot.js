// Draws a course as small multiples over one axis of hours, with the map beneath every row. Text comes from files: it
// is only ever set as textContent.

const SVG = "http://www.w3.org/2000/svg";
const DEFAULT_THRESHOLD = 1; // the relevance of an average value
const TRACE = 30; // CSS pixels of a row's values
const STRIP = 10; // of its part of the map
const RISK = 74;
const AXIS = 20;
const PAD = 8; // left and right of the hours
const REACH = 26; // how far from a value the pointer finds it
const GAP_HOURS = 6; // beyond which no line joins two values, unless they come as seldom as that

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { attributes = {}, ...rest } = properties;
  Object.assign(made, rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function shape(tag, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

const figure = (value, digits) => value.toFixed(digits).replace("-", "−");
const withUnit = (value, row) => `${figure(value, row.digits)}${row.unit.startsWith("1/") ? row.unit.slice(1) : row.unit ? ` ${row.unit}` : ""}`;
const range = ([low, high], digits) => (low <= 0 ? `≤ ${high}` : low === high ? `${high}` : `${figure(low, Math.min(digits, 2))}–${figure(high, Math.min(digits, 2))}`);
const percent = (share) => `${Math.round(100 * share)} %`;
const clock = (hour) => `${Math.floor(Math.round(hour * 60) / 60)}:${String(Math.round(hour * 60) % 60).padStart(2, "0")}`;

function side(row, value) {
  if (!row.normal) return "";
  return value < row.normal[0] ? "below" : value > row.normal[1] ? "above" : "";
}

// Values come as arrays; names make what follows readable.
function named(rows) {
  return rows.map((row) => ({
    ...row,
    values: row.values.map(([rank, hour, value, relevance, muted, marked]) => ({ rank, hour, value, relevance, muted, marked })),
  }));
}

function ticks(span) {
  const step = [1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672].find((hours) => span / hours <= 12) ?? 1344;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, rank) => rank * step);
}

function legend(map) {
  const bar = element("span", { className: "bar" });
  bar.style.background = `linear-gradient(to right, ${map.colors.join(", ")})`;
  const end = map.scale.toFixed(1);
  const low = element("span", { textContent: map.signed ? tr("against −{end} ×", { end }) : "0" });
  const top = element("span", { textContent: map.signed ? tr("+{end} × for", { end }) : `${end} ${map.unit}` });
  return element("span", { className: "legend", title: tr("In multiples of an average value; of each hour the strongest") }, low, bar, top);
}

function toolbar(map, state, canMute, redraw) {
  const bar = element("div", { className: "toolbar" });
  const readout = element("div", { className: "readout", attributes: { "aria-live": "polite" } });
  const controls = { bar, readout };
  if (map) {
    controls.toggle = element("button", {
      type: "button", className: "toggle", attributes: { "aria-keyshortcuts": "o" },
      onclick: () => { state.on = !state.on; redraw(); },
    });
    controls.slider = element("input", {
      type: "range", min: "0", max: String(map.scale), step: "0.05", value: String(state.threshold),
      oninput: (event) => { state.threshold = Number(event.target.value); redraw(); },
    });
    controls.value = element("output", { className: "value" });
    bar.append(controls.toggle);
  }
  if (canMute) {
    controls.mute = element("button", {
      type: "button", className: "toggle mute", textContent: tr("Mute values"), attributes: { "aria-keyshortcuts": "m" },
      title: tr("Click a value to take its hour away, or to put it back; with shift: its whole variable; on the risk: the hour before it of all variables"),
      onclick: () => { state.muting = !state.muting; redraw(); },
    });
    bar.append(controls.mute);
  }
  if (map) {
    bar.append(element("span", { className: "name-of-map", textContent: map.title }),
      element("label", {}, element("span", { textContent: tr("Shade from") }), controls.slider, controls.value), legend(map));
  }
  bar.append(readout);
  return controls;
}

function scaleOf(row) {
  const all = row.values.map(({ value }) => value).concat(row.normal ?? []);
  const low = Math.min(...all), high = Math.max(...all);
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return (value) => TRACE - 4 - ((value - low + room) / (high - low + 2 * room)) * (TRACE - 8);
}

const dots = (points, x, y) => points.map((p) => `M${x(p.hour).toFixed(1)},${y(p.value).toFixed(1)}h0`).join("");
const circles = (points, x, y, r) => points.map((p) => `M${(x(p.hour) - r).toFixed(1)},${y(p.value).toFixed(1)}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0`).join("");
const crosses = (points, x, y) => points.map((p) => `M${(x(p.hour) - 3.5).toFixed(1)},${(y(p.value) - 3.5).toFixed(1)}l7,7m0,-7l-7,7`).join("");

// How long a time without values may be before it is a gap: a multiple of the time between two values.
function pause(points) {
  const apart = points.slice(1).map(({ hour }, rank) => hour - points[rank].hour).sort((one, other) => one - other);
  return Math.max(GAP_HOURS, 2 * (apart[apart.length >> 1] ?? 0));
}

function traceOf(points, x, y) {
  const longest = pause(points);
  let path = "", before = -Infinity;
  for (const point of points) {
    path += `${point.hour - before > longest ? "M" : "L"}${x(point.hour).toFixed(1)},${y(point.value).toFixed(1)}`;
    before = point.hour;
  }
  return path;
}

function grid(svg, view, height) {
  svg.append(shape("path", { class: "grid", d: view.ticks.map((hour) => `M${Math.round(view.x(hour))},0V${height}`).join("") }));
}

function drawValues(svg, row, view) {
  const { x } = view;
  const kept = row.values.filter(({ muted }) => !muted);
  const struck = row.values.filter(({ muted }) => muted);
  const marked = row.values.filter((point) => point.marked);
  if (row.flag) {
    const middle = () => TRACE / 2;
    const on = kept.filter(({ value }) => value >= 0.5), off = kept.filter(({ value }) => value < 0.5);
    svg.append(shape("path", { class: "flag", d: traceOf(on, x, middle) + dots(on, x, middle) }));
    svg.append(shape("path", { class: "flag faint", d: dots(off, x, middle) }));
    svg.append(shape("path", { class: "cross", d: crosses(struck, x, middle) }));
    svg.append(shape("path", { class: "ring", d: circles(row.values.filter(({ marked }) => marked), x, middle, 5) }));
    return middle;
  }
  const y = scaleOf(row);
  if (row.normal) {
    const top = y(row.normal[1]), bottom = y(row.normal[0]);
    svg.append(shape("rect", { class: "band", x: 0, y: top, width: view.width, height: Math.max(bottom - top, 1) }));
    svg.append(shape("path", { class: "edge", d: `M0,${Math.round(top)}H${view.width}M0,${Math.round(bottom)}H${view.width}` }));
  }
  svg.append(shape("path", { class: "trace", d: traceOf(kept, x, y) }));
  svg.append(shape("path", { class: "dot", d: dots(kept.filter(({ value }) => !side(row, value)), x, y) }));
  svg.append(shape("path", { class: "dot odd", d: dots(kept.filter(({ value }) => side(row, value)), x, y) }));
  svg.append(shape("path", { class: "dot faint", d: dots(struck, x, y) }));
  svg.append(shape("path", { class: "cross", d: crosses(struck, x, y) }));
  svg.append(shape("path", { class: "ring", d: circles(marked, x, y, 5) }));
  return y;
}

// One cell a stretch of time, with the strongest value in it: for values charted by the hour, the value itself.
function drawStrip(svg, row, view, map, state) {
  const stretch = Math.max(1, Math.ceil(view.span / 96));
  const cells = new Map();
  for (const { hour, relevance } of row.values) {
    if (relevance === null) continue;
    const cell = Math.floor(Math.min(hour, view.span - 1e-6) / stretch);
    if (!cells.has(cell) || Math.abs(relevance) > Math.abs(cells.get(cell))) cells.set(cell, relevance);
  }
  svg.append(shape("rect", { x: view.x(0), y: TRACE, width: view.x(view.span) - view.x(0), height: STRIP - 2, fill: "#0a0d10" }));
  for (const [cell, relevance] of cells) {
    const strength = map.signed ? Math.abs(relevance) : relevance;
    if (strength < state.threshold || strength <= 0) continue;
    const share = Math.max(-1, Math.min(1, relevance / map.scale));
    const step = Math.round((map.signed ? (share + 1) / 2 : share) * (map.colors.length - 1));
    const left = view.x(cell * stretch), right = view.x(Math.min((cell + 1) * stretch, view.span));
    svg.append(shape("rect", { class: "cell", x: left.toFixed(1), y: TRACE, width: (right - left - 0.6).toFixed(1), height: STRIP - 2, fill: map.colors[step] }));
  }
}

function rowElement(row) {
  const last = row.values[row.values.length - 1];
  const unit = row.unit ? (row.unit.startsWith("1/") ? row.unit.slice(1) : row.unit) : "";
  const small = [unit, row.normal ? range(row.normal, row.digits) : ""].filter(Boolean).join(" · ");
  const name = element("div", { className: "name", title: row.title }, element("b", { textContent: row.name }), element("i", { textContent: small || row.title }));
  const said = row.flag ? (last.value >= 0.5 ? tr("on") : tr("off")) : figure(last.value, row.digits);
  const value = element("b", { textContent: said, className: side(row, last.value) ? "off-range" : "" });
  const end = element("div", { className: "last", title: tr("The last value") }, value, element("i", { textContent: tr("hour {hour}", { hour: last.hour.toFixed(1) }) }));
  const svg = shape("svg", { "aria-hidden": "true" });
  const made = element("div", { className: "row" }, name, svg, end);
  made.classList.toggle("all-muted", row.values.every(({ muted }) => muted));
  return { made, svg };
}

function riskElement(risk, whole) {
  const last = risk.hours.length - 1;
  const small = whole ? tr("dashed: with all values") : tr("hour by hour");
  const name = element("div", { className: "name" }, element("b", { textContent: tr("Risk: {label}", { label: risk.label }) }), element("i", { textContent: small }));
  const end = element("div", { className: "last" }, element("b", { textContent: percent(risk.probability[last]) }),
    element("i", { textContent: `${percent(risk.low[last]).replace(" %", "")}–${percent(risk.high[last])}` }));
  const svg = shape("svg", { "aria-hidden": "true" });
  return { made: element("div", { className: "row risk" }, name, svg, end), svg };
}

function drawRisk(svg, risk, whole, view) {
  svg.replaceChildren();
  svg.setAttribute("height", RISK);
  const top = [0.1, 0.25, 0.5, 1].find((share) => share >= Math.max(...risk.high, ...(whole ?? []))) ?? 1;
  const y = (share) => RISK - 6 - (share / top) * (RISK - 14);
  grid(svg, view, RISK);
  for (const share of [0, top / 2, top]) {
    svg.append(shape("path", { class: "grid", d: `M0,${Math.round(y(share))}H${view.width}` }));
    svg.append(shape("text", { class: "tick", x: -5, y: y(share) + (share ? 4 : 2), "text-anchor": "end" }, `${100 * share} %`));
  }
  const at = (shares) => risk.hours.map((hour, rank) => `${view.x(hour).toFixed(1)},${y(shares[rank]).toFixed(1)}`);
  svg.append(shape("path", { class: "risk-band", d: `M${[...at(risk.high), ...at(risk.low).reverse()].join("L")}Z` }));
  if (whole) svg.append(shape("path", { class: "risk-whole", d: `M${at(whole).join("L")}` }));
  svg.append(shape("path", { class: "risk-line", d: `M${at(risk.probability).join("L")}` }));
  return (rank) => y(risk.probability[rank]);
}

function drawAxis(svg, view) {
  svg.replaceChildren();
  svg.setAttribute("height", AXIS);
  for (const hour of view.ticks) {
    const anchor = hour === 0 ? "start" : view.x(hour) > view.width - 20 ? "end" : "middle";
    svg.append(shape("text", { class: "tick", x: view.x(hour) - (hour === 0 ? 3 : 0), y: 14, "text-anchor": anchor }, hour === 0 ? "0 h" : String(hour)));
  }
}

function told(cursor, rows, risk, whole, map) {
  if (cursor.row < 0) {
    const rank = cursor.value;
    const now = tr("Hour {hour} · risk: {label} {risk} ({low} to {high})", {
      hour: risk.hours[rank].toFixed(0), label: risk.label, risk: percent(risk.probability[rank]), low: percent(risk.low[rank]), high: percent(risk.high[rank]),
    });
    return whole ? [now, tr("with all values {risk}", { risk: percent(whole[rank]) })].join(" · ") : now;
  }
  const row = rows[cursor.row], point = row.values[cursor.value], where = side(row, point.value);
  const value = row.flag ? (point.value >= 0.5 ? tr("on") : tr("off")) : withUnit(point.value, row);
  const limit = where && figure(row.normal[where === "below" ? 0 : 1], Math.min(row.digits, 2));
  const beyond = { "": "", below: tr(", below {limit}", { limit }), above: tr(", above {limit}", { limit }) }[where];
  const parts = [tr("Hour {hour} ({clock})", { hour: point.hour.toFixed(1), clock: clock(point.hour) }), `${row.title} ${value}${beyond}`];
  if (point.relevance !== null && map) parts.push(`${map.signed && point.relevance > 0 ? "+" : ""}${figure(point.relevance, 2)} ${map.unit}`);
  if (point.muted) parts.push(tr("muted"));
  return parts.join(" · ");
}

function nearest(hours, hour) {
  let best = 0;
  for (let rank = 1; rank < hours.length; rank += 1) if (Math.abs(hours[rank] - hour) < Math.abs(hours[best] - hour)) best = rank;
  return best;
}

// The keys that go from value to value: along a row, and to the nearest value of the row above or below.
function stepped(key, cursor, rows, first, hoursOf) {
  if (cursor === null) return { row: first, value: 0 };
  const hours = hoursOf(cursor.row), here = hours[cursor.value];
  if (key === "ArrowLeft") return { ...cursor, value: Math.max(cursor.value - 1, 0) };
  if (key === "ArrowRight") return { ...cursor, value: Math.min(cursor.value + 1, hours.length - 1) };
  const row = Math.max(first, Math.min(rows.length - 1, cursor.row + (key === "ArrowDown" ? 1 : -1)));
  return { row, value: nearest(hoursOf(row), here) };
}

export default function ({ data, parentElement, setStateValue }) {
  learn(data.words);
  const root = parentElement.querySelector(".course-plot");
  const { map, risk, whole, span, height, canMute } = data;
  const rows = named(data.rows);
  // The reader's choices outlive a new map: they are kept on the element that Streamlit keeps.
  const state = (root.attendingState ??= { on: false, muting: false, threshold: DEFAULT_THRESHOLD, cursor: null });
  const first = risk ? -1 : 0;
  const hoursOf = (row) => (row < 0 ? risk.hours : rows[row].values.map(({ hour }) => hour));
  if (state.cursor && (state.cursor.row >= rows.length || state.cursor.row < first || state.cursor.value >= hoursOf(state.cursor.row).length)) state.cursor = null;
  if (map) state.threshold = Math.min(state.threshold, map.scale);
  root.style.maxHeight = `var(--attending-pane, ${height}px)`;
  const scrolled = root.querySelector(".body")?.scrollTop ?? 0;
  const focused = root.getRootNode().activeElement?.classList?.contains("body") ?? false;

  const controls = toolbar(map, state, canMute, redraw);
  const axis = shape("svg", { "aria-hidden": "true" });
  const head = element("div", { className: "head" });
  const riskRow = risk ? riskElement(risk, whole) : null;
  const axisRow = element("div", { className: "row" }, element("div"), axis, element("div"));
  head.append(...(riskRow ? [riskRow.made] : []), axisRow);
  const drawn = rows.map(rowElement);
  const hair = element("div", { className: "hair" });
  const spoken = tr("Course of {n} variables over {span} hours. Arrow keys go from value to value.", { n: rows.length, span });
  const body = element("div", { className: "body", tabIndex: 0, attributes: { role: "application", "aria-label": spoken } }, head, ...drawn.map(({ made }) => made), hair);
  if (!rows.length) body.append(element("div", { className: "nothing", textContent: tr("Nothing was observed.") }));
  root.replaceChildren(controls.bar, body);

  const places = new Map(); // row -> from the rank of a value to its height on the screen
  let view = null;

  function redraw() {
    const width = axis.getBoundingClientRect().width;
    if (width < 20) return;
    const x = (hour) => PAD + (hour / span) * (width - 2 * PAD);
    view = { width, span, x, ticks: ticks(span) };
    const shown = map !== null && state.on;
    drawAxis(axis, view);
    if (riskRow) places.set(-1, drawRisk(riskRow.svg, risk, whole, view));
    drawn.forEach(({ svg }, rank) => {
      svg.replaceChildren();
      svg.setAttribute("height", TRACE + (shown ? STRIP : 0));
      grid(svg, view, TRACE + (shown ? STRIP : 0));
      svg.classList.toggle("dense", rows[rank].values.length > view.width / 5);
      const y = drawValues(svg, rows[rank], view);
      places.set(rank, (value) => y(rows[rank].values[value].value));
      if (shown) drawStrip(svg, rows[rank], view, map, state);
    });
    if (map) {
      controls.toggle.textContent = state.on ? tr("Hide map") : tr("Show map");
      controls.toggle.setAttribute("aria-pressed", String(state.on));
      controls.slider.disabled = !state.on;
      controls.value.textContent = `${state.threshold.toFixed(2)} ×`;
    }
    controls.mute?.setAttribute("aria-pressed", String(state.muting));
    body.classList.toggle("muting", state.muting);
    root.dataset.overlay = shown ? "on" : "off";
    point();
  }

  function point() {
    for (const old of body.querySelectorAll(".cursor")) old.remove();
    const { cursor } = state;
    hair.style.display = cursor ? "block" : "none";
    controls.readout.classList.toggle("empty", !cursor);
    controls.readout.textContent = cursor ? told(cursor, rows, risk, whole, state.on ? map : null) : rows.length ? tr("Point at a value to read it; arrow keys go from value to value.") : "";
    if (!cursor) return;
    const svg = cursor.row < 0 ? riskRow.svg : drawn[cursor.row].svg;
    const x = view.x(hoursOf(cursor.row)[cursor.value]);
    svg.append(shape("circle", { class: "cursor", cx: x, cy: places.get(cursor.row)(cursor.value), r: 5.5 }));
    hair.style.left = `${svg.getBoundingClientRect().left - body.getBoundingClientRect().left + x}px`;
    hair.style.height = `${body.scrollHeight}px`;
  }

  function found(event) {
    const at = event.target.closest?.(".row");
    const row = riskRow && at === riskRow.made ? -1 : drawn.findIndex(({ made }) => made === at);
    if (row < first || view === null) return null;
    const svg = row < 0 ? riskRow.svg : drawn[row].svg;
    const across = event.clientX - svg.getBoundingClientRect().left;
    const hours = hoursOf(row);
    const value = nearest(hours, ((across - PAD) / (view.width - 2 * PAD)) * span);
    return Math.abs(view.x(hours[value]) - across) <= REACH ? { row, value } : null;
  }

  function mute(whole) {
    if (!state.muting || !state.cursor) return;
    const { row, value } = state.cursor;
    const what = row < 0 ? { hour: Math.ceil(risk.hours[value]) } : { value: rows[row].values[value].rank, whole };
    // The time tells one click from an equal one before it.
    setStateValue("muted", { ...what, clicked: Date.now() });
  }

  body.onpointermove = (event) => {
    state.cursor = found(event);
    if (view) point();
  };
  body.onpointerleave = () => { state.cursor = null; if (view) point(); };
  body.onclick = (event) => { state.cursor = found(event); point(); mute(event.shiftKey); };
  body.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !rows.length) return;
    const key = event.key.toLowerCase();
    if (key === "o") controls.toggle?.click();
    else if (key === "m") controls.mute?.click();
    else if (key === "enter" || key === " ") mute(event.shiftKey);
    else if (key.startsWith("arrow")) {
      state.cursor = stepped(event.key, state.cursor, rows, first, hoursOf);
      if (state.cursor.row >= 0) drawn[state.cursor.row].made.scrollIntoView({ block: "nearest" });
      point();
    } else return;
    event.preventDefault();
  };
  new ResizeObserver(redraw).observe(axis);
  redraw();
  body.scrollTop = scrolled;
  if (focused) body.focus({ preventScroll: true });
  root.dataset.ready = "1";
}
