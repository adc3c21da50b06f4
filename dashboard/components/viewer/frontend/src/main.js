// The Streamlit component: pixels and views arrive as separate messages, so that a new map resends no pixels.

import { unpack } from "./message.js";
import { hold } from "./pixels.js";
import { Viewer } from "./viewer.js";
import { learn } from "./words.js";

const mounted = new WeakMap(); // parent element -> what it shows; Streamlit calls this module again on every change

/** Put the arrays of a message back where its header names them. */
function withArrays({ panes, ...rest }, arrays) {
  for (const { stack, overlays } of panes) {
    for (const preset of stack.presets) if (preset.curve) preset.curve.table = arrays[preset.curve.table];
    for (const overlay of overlays) overlay.values = arrays[overlay.values];
  }
  return { panes, ...rest };
}

function receivePixels(parent, header, [pixels]) {
  mounted.get(parent)?.release();
  mounted.set(parent, { release: hold(header, pixels) });
}

function showView(parent, header, arrays, setStateValue) {
  const spoken = learn(header.words);
  let held = mounted.get(parent);
  if (held && held.spoken !== spoken) {
    held.release(); // its controls speak another language
    held = undefined;
  }
  const viewer = held?.viewer ?? new Viewer(parent);
  mounted.set(parent, { viewer, spoken, release: () => viewer.destroy() });
  return viewer.update(withArrays(header, arrays), setStateValue);
}

export default function attending({ data, parentElement, setStateValue }) {
  const { header, arrays } = unpack(data);
  if (header.kind === "pixels") receivePixels(parentElement, header, arrays);
  else showView(parentElement, header, arrays, setStateValue);
  const turn = {};
  mounted.get(parentElement).turn = turn;
  return () => {
    const held = mounted.get(parentElement);
    if (held?.turn !== turn) return; // the clean-up of a call that a later one has overtaken
    held.release();
    mounted.delete(parentElement);
  };
}
