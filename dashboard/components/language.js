// Offers the languages at the foot of the page, and tells the browser, and who reads it aloud, which one is spoken.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".language");
  document.documentElement.lang = data.spoken;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", data.label);
  const buttons = data.languages.map(([tag, own]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.lang = tag;
    button.textContent = own;
    button.setAttribute("aria-pressed", String(tag === data.spoken));
    button.onclick = () => tag !== data.spoken && setTriggerValue("chosen", tag);
    return button;
  });
  root.replaceChildren(...buttons);
}
