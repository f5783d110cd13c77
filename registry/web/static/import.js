// A file becomes a plan, the plan is shown, and carried out if asked again. Nothing is written before that.

import { ask, busy, made, tell, untell } from "./asking.js";
import { deed, kind } from "./diff.js";
import "./filters.js";
import { keepMappings } from "./mappings.js";

const SHOWN_OF_A_KIND = 20;

const form = document.getElementById("file-form");
const problem = document.getElementById("file-problem");
const progress = document.getElementById("file-progress");
const plan = document.getElementById("plan");
const columns = document.getElementById("columns");
const rows = document.getElementById("rows");
const done = document.getElementById("done");
let waiting = null; // the plan that was shown
const saved = keepMappings(document.getElementById("mappings"), form.elements.mapping);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(form.querySelector("[type=submit]"), "reading", async () => showPlan(await send("/api/v1/imports")));
});
// Another file, or another way to read it, has another plan.
form.addEventListener("change", forget);
document.getElementById("suggest").addEventListener("click", (event) => {
  if (form.reportValidity()) run(event.target, "reading", async () => showColumns(await send("/api/v1/mappings")));
});
document.getElementById("apply").addEventListener("click", (event) => {
  run(event.target, "applying", async () => showDone(await ask(`/api/v1/imports/${waiting.id}/apply`, { method: "POST" })));
});
columns.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = columns.elements.name.value.trim();
  run(columns.querySelector("[type=submit]"), "saving", async () => {
    await ask(`/api/v1/mappings/${encodeURIComponent(name)}`, { method: "PUT", json: mapping() });
    choose(name);
  });
});

function send(address) {
  const query = new URLSearchParams();
  for (const name of ["mapping", "sheet"]) {
    const value = form.elements[name].value.trim();
    if (value) query.set(name, value);
  }
  return ask(`${address}?${query}`, { method: "POST", file: form.elements.file.files[0] });
}

async function run(button, word, what) {
  forget();
  try {
    await busy(button, progress, word, what);
  } catch (refusal) {
    if (refusal.status === undefined) throw refusal;
    tell(problem, refusal);
    showRows(refusal.errors.filter((error) => error.row !== undefined));
  }
}

function forget() {
  untell(problem);
  for (const part of [plan, rows, done]) part.hidden = true;
}

function showRows(errors) {
  rows.hidden = errors.length === 0;
  if (rows.hidden) return;
  problem.querySelector(".detail").hidden = true; // the table says it better
  rows.querySelector("tbody").replaceChildren(...errors.map((each) => made("tr", {},
    ...[each.sheet, each.row, each.title || each.column, each.value, each.expected].map((cell) => made("td", {}, String(cell))))));
}

function showPlan(shown) {
  waiting = shown;
  const counts = Object.entries(shown.counts).map(([what, number]) => made("tr", {}, made("th", { scope: "row" }, kind(what)),
    ...["create", "change", "unchanged"].map((deeds) => made("td", { class: "number" }, String(number[deeds])))));
  plan.querySelector("tbody").replaceChildren(...counts);
  document.getElementById("hints").replaceChildren(...shown.hints.map(hint));
  document.getElementById("has-hints").hidden = shown.hints.length === 0;
  document.getElementById("planned").replaceChildren(...byKind(shown.changes));
  document.getElementById("nothing").hidden = shown.changes.length > 0;
  document.getElementById("apply").hidden = shown.changes.length === 0;
  plan.hidden = false;
  plan.querySelector("h2").focus();
}

function hint({ row, column, text }) {
  return made("li", {}, made("span", { class: "id" }, [row, column].filter(Boolean).join(", ")), ` ${text}`);
}

function byKind(changes) {
  const groups = new Map();
  for (const change of changes) groups.set(change.what, [...(groups.get(change.what) ?? []), change]);
  return [...groups].map(([what, all]) => {
    const number = Object.values(waiting.counts[what]).slice(0, 2).reduce((a, b) => a + b, 0);
    const first = all.slice(0, SHOWN_OF_A_KIND).map((each) => deed({
      what, code: each.key.join("/"), deed: each.action === "create" ? "created" : "changed",
      fields: each.fields, place: each.row ? `${plan.dataset.row} ${each.row}` : "",
    }));
    const more = number - first.length;
    return made("details", { open: "" }, made("summary", {}, `${kind(what)} · ${number}`), made("ul", { class: "deeds" }, ...first),
      more > 0 ? made("p", { class: "facts" }, `${plan.dataset.more} ${more}`) : null);
  });
}

function showDone({ batch }) {
  done.hidden = false;
  const link = done.querySelector("a");
  link.hidden = batch === null;
  if (batch) link.href = `/changes/${batch}`;
  done.focus();
}

function showColumns(suggested) {
  waiting = suggested;
  const body = columns.querySelector("tbody");
  body.replaceChildren(...Object.entries(suggested.columns).map(([title, column], place) => {
    const select = columns.querySelector("template").content.firstElementChild.cloneNode(true);
    select.dataset.title = title;
    select.id = `column-${place}`;
    select.value = column;
    return made("tr", {}, made("th", { scope: "row" }, made("label", { for: select.id }, title)), made("td", {}, select));
  }));
  columns.elements.name.value = form.elements.mapping.value;
  columns.hidden = false;
  columns.querySelector("select")?.focus();
}

function mapping() {
  const chosen = [...columns.querySelectorAll("tbody select")].map((select) => [select.dataset.title, select.value]);
  const { constants, values, header_row, sheet } = waiting;
  return { columns: Object.fromEntries(chosen), constants, values, header_row, sheet };
}

function choose(name) {
  saved.add(name);
  form.elements.mapping.value = name;
  columns.hidden = true;
  form.querySelector("[type=submit]").focus();
}
