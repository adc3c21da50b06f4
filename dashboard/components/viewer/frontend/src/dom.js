// Elements without HTML strings: text from a file can only ever become a text node.

/**
 * @param {string} tag
 * @param {object} properties  DOM properties; `data-*`, `aria-*` and `role` become attributes
 * @param {...(Node|string)} children
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (/^(data-|aria-|role$)/.test(name)) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

export const button = (label, title, onclick) => say(element("button", { type: "button", title, onclick }), label);

/** Put words on a button, in sight and aloud: its name begins with what is seen (WCAG 2.2, 2.5.3). */
export function say(node, label) {
  node.textContent = label;
  node.setAttribute("aria-label", `${label}: ${node.title}`);
  return node;
}

/** A labelled slider; `oninput` receives the number. */
export function slider(label, { min, max, step, value }, oninput) {
  const input = element("input", { type: "range", min, max, step, value, "aria-label": label });
  const output = element("output");
  input.oninput = () => oninput(Number(input.value));
  return { node: element("label", { className: "slider" }, label, input, output), input, output };
}

/** Four significant digits at most, whole numbers as they are. */
export const number = (value) =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
