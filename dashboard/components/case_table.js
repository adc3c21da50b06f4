// Draws the worklist. Titles come from files: they are only ever set as textContent.

function cell(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function priority(value) {
  const made = cell("td", value === null ? "–" : value.toFixed(2), value === null ? "quiet" : "priority");
  if (value !== null) made.style.setProperty("--share", value);
  return made;
}

function line(entry, open) {
  const row = document.createElement("tr");
  row.dataset.case = entry.case_id;
  row.className = [entry.unseen ? "unseen" : "seen", entry.current ? "current" : ""].join(" ").trim();
  row.onclick = () => open(entry.case_id);

  const button = cell("button", entry.title);
  button.type = "button";
  button.onclick = (event) => { event.stopPropagation(); open(entry.case_id); };
  const name = document.createElement("th");
  name.scope = "row";
  name.append(button);
  if (entry.mark) name.append(cell("span", entry.mark, "mark"));

  row.append(
    name,
    cell("td", entry.kind),
    cell("td", entry.modality || "–"),
    cell("td", entry.state, "state"),
    priority(entry.priority),
    cell("td", entry.finding, entry.said ? "" : "quiet"),
  );
  return row;
}

export default function ({ data, parentElement, setTriggerValue }) {
  learn(data.words);
  const root = parentElement.querySelector(".case-table");
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of [tr("Case"), tr("Kind"), tr("Modality"), tr("State"), tr("Priority"), tr("Most probable finding")]) {
    const made = cell("th", name);
    made.scope = "col";
    head.append(made);
  }
  const open = (caseId) => setTriggerValue("opened", caseId);
  table.createTBody().append(...data.lines.map((entry) => line(entry, open)));
  root.replaceChildren(table);
  root.dataset.ready = "1";
}
