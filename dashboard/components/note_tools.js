// What helps to read a note: walking its words by keys, finding words in it, copying it, and the list of its keys.

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const SYNTAX = /[\\^$.*+?()[\]{}|/]/g; // signs that mean something in a pattern
const [FOUND, FOUND_HERE] = ["attending-found", "attending-found-here"];

/** The word on the line above or below that lies nearest; the same one where there is none. */
function onNextLine(words, at, direction) {
  const { left, top, height } = words[at].getBoundingClientRect();
  let found = at;
  for (let rank = at + direction; words[rank]; rank += direction) {
    const place = words[rank].getBoundingClientRect();
    const below = words[found].getBoundingClientRect();
    if (Math.abs(place.top - top) < height / 2) continue;
    if (found !== at && Math.abs(place.top - below.top) > height / 2) break;
    if (found === at || Math.abs(place.left - left) < Math.abs(below.left - left)) found = rank;
  }
  return found;
}

/** Where a key leads from one word; undefined where it leads nowhere. */
function nextWord(words, at, key) {
  if (key === "ArrowUp" || key === "ArrowDown") return onNextLine(words, at, key === "ArrowUp" ? -1 : 1);
  return key in STEPS ? Math.min(Math.max(at + STEPS[key], 0), words.length - 1) : undefined;
}

/** The first word that is in sight: where a walk begins. */
function firstInSight(words, text) {
  const { top } = text.getBoundingClientRect();
  return Math.max(words.findIndex((word) => word.getBoundingClientRect().top >= top), 0);
}

/** What is selected within the note, or else the whole of it. */
function selectedOr(text) {
  const root = text.getRootNode();
  const selection = (root.getSelection ? root : document).getSelection();
  const inside = selection?.rangeCount > 0 && text.contains(selection.getRangeAt(0).commonAncestorContainer);
  return (inside && selection.toString()) || text.textContent;
}

/** Where words stand in the text, whatever their case and however their blanks are written. */
function rangesOf(text, words) {
  if (!words.trim()) return [];
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const parts = [];
  let length = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    parts.push({ node, start: length });
    length += node.length;
  }
  const pattern = words.trim().replace(SYNTAX, "\\$&").replace(/\s+/g, "\\s+");
  let first = 0;
  return [...text.textContent.matchAll(new RegExp(pattern, "giu"))].map(({ 0: hit, index }) => {
    while (parts[first].start + parts[first].node.length <= index) first += 1;
    const last = parts.findLastIndex(({ start }) => start < index + hit.length);
    const range = new Range();
    range.setStart(parts[first].node, index - parts[first].start);
    range.setEnd(parts[last].node, index + hit.length - parts[last].start);
    return range;
  });
}

/** The ranges that are painted under a name; one set for all notes of the page. */
function painted(name) {
  if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
  return CSS.highlights.get(name);
}

/** Paint what one note has found, and no longer what it had found before. */
function paint(root, ranges, at) {
  for (const name of [FOUND, FOUND_HERE]) for (const range of root.attendingFound ?? []) painted(name).delete(range);
  root.attendingFound = ranges;
  painted(FOUND_HERE).priority = 1;
  ranges.forEach((range, rank) => painted(rank === at ? FOUND_HERE : FOUND).add(range));
}

/** A search box over the note. `search` is what the reader had asked for: whether it is open, the words, which match. */
function finder(root, text, search, scrollTo) {
  const input = element("input", {
    type: "search", value: search.words, className: "sought",
    attributes: { "aria-label": tr("Find in the note"), "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false" },
    oninput: () => { Object.assign(search, { words: input.value, at: 0 }); look(true); },
    onkeydown: (event) => {
      event.stopPropagation(); // the page has keys of its own
      if (event.isComposing) return;
      if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    },
  });
  const count = element("output", { attributes: { "aria-live": "polite" } });
  const turn = (words, sign, by) => element("button", { type: "button", className: "toggle", textContent: sign, title: words, attributes: { "aria-label": words }, onclick: () => step(by) });
  const turns = [turn(tr("Previous match"), "↑", -1), turn(tr("Next match"), "↓", 1)];
  const end = element("button", { type: "button", className: "toggle", textContent: "×", title: tr("Close the search"), attributes: { "aria-label": tr("Close the search") }, onclick: () => close() });
  const bar = element("div", { className: "finder", hidden: !search.open, attributes: { role: "search" } }, input, count, ...turns, end);

  function look(moving) {
    const ranges = search.open ? rangesOf(text, search.words) : [];
    search.at = ranges.length ? (search.at + ranges.length) % ranges.length : 0;
    paint(root, ranges, search.at);
    for (const button of turns) button.disabled = ranges.length < 2;
    count.textContent = ranges.length ? tr("{at} of {n}", { at: search.at + 1, n: ranges.length }) : search.words.trim() ? tr("not found") : "";
    if (moving && ranges.length) scrollTo(ranges[search.at]);
  }
  function step(by) {
    search.at += by;
    look(true);
  }
  function open() {
    search.open = true;
    bar.hidden = false;
    look(false);
    input.focus();
    input.select();
  }
  function close() {
    search.open = false;
    bar.hidden = true;
    look(false);
    text.focus({ preventScroll: true });
  }
  look(false);
  return { bar, open };
}

/** The keys of the note, as the reader has them just now. */
function keysPanel({ mapped, canStrike, asserted }) {
  const rows = [
    ["/", tr("find in the note: Enter and Shift+Enter go to the next and the previous match, Escape closes")],
    ["C", tr("copy what is selected, or the whole note")],
    ...(mapped ? [
      ["← →", tr("the word before and after, or the sentence where sentences are shaded, with its value")],
      ["↑ ↓", tr("the line above and below")],
      ["Home End", tr("the first and the last word")],
      ["O", tr("show or hide the map")],
      ["W", tr("shade words or sentences")],
      ["B", tr("the sections beside the note")],
    ] : []),
    ...(asserted ? [["N", tr("mark what is denied or only possible")]] : []),
    ...(canStrike ? [["S", tr("strike words: Enter takes one away or puts it back, with shift its sentence")]] : []),
    [tr("H or ?"), tr("this help")],
  ];
  const lines = rows.map(([key, meaning]) => element("div", {}, element("dt", { textContent: key }), element("dd", { textContent: meaning })));
  return element("div", { className: "keys", hidden: true, tabIndex: 0, attributes: { role: "group", "aria-label": tr("Keys") } }, element("dl", {}, ...lines));
}
