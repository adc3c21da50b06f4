// What several components are made of. Text comes from files: it is only ever set as textContent.

const SAID_FOR = 1500; // milliseconds that a button says what it has done

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { attributes = {}, ...rest } = properties;
  Object.assign(made, rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button that copies what `words()` gives; browsers lend the clipboard to safe addresses only. */
function copyButton(words, { title = "", keys = "" } = {}) {
  const button = element("button", {
    type: "button", className: "toggle copy", textContent: tr("Copy"), title,
    onmousedown: (event) => event.preventDefault(), // what is selected stays so
    onclick: async () => {
      await navigator.clipboard.writeText(words());
      button.textContent = tr("Copied");
      setTimeout(() => { button.textContent = tr("Copy"); }, SAID_FOR);
    },
  });
  if (keys) button.setAttribute("aria-keyshortcuts", keys);
  button.hidden = !navigator.clipboard;
  return button;
}
