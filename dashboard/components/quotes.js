// Quoted sentences of a note with their values, and a button that copies them. Text is only ever set as textContent.

export default function ({ data, parentElement }) {
  learn(data.words);
  const root = parentElement.querySelector(".quotes");
  const groups = data.groups.map(({ title, how, lines, about }, place) => {
    const said = [`${title} ${how}`, ...lines.map(({ sentence, value }, rank) => `${rank + 1}. “${sentence}” ${value}`), about];
    const head = element("div", { className: "head" }, element("span", {}, element("b", { textContent: title }), ` ${how}`), copyButton(() => said.join("\n")));
    const list = lines.map(({ sentence, value }) => element("li", {}, `“${sentence}” `, element("span", { className: "quiet", textContent: value })));
    // said once for all, and copied with each
    const below = place < data.groups.length - 1 ? [] : [element("div", { className: "quiet", textContent: about })];
    return element("section", { attributes: { "aria-label": title } }, head, element("ol", {}, ...list), ...below);
  });
  root.replaceChildren(...groups);
  root.dataset.ready = "1";
}
