// Forms of the registry: what was changed goes to the API, what it refuses is said beside the field.

import { ask, tell, untell } from "./asking.js";

const form = document.getElementById("edit");
const said = form.querySelector(".said");
const box = document.getElementById("problem");
const entries = [...form.querySelectorAll(".entry")];
const SAID = "camreach.saved"; // told on the page that is loaded after saving

if (sessionStorage.getItem(SAID)) say(form.dataset.saved);
sessionStorage.removeItem(SAID);

for (const [which, deed] of [[form, save], [document.getElementById("retire"), retire], [document.getElementById("delete"), remove]]) {
  which?.addEventListener("submit", (event) => {
    event.preventDefault();
    carryOut(which, deed);
  });
}
for (const input of form.querySelectorAll("[data-finds]")) {
  input.addEventListener("input", () => offer(input));
}

async function carryOut(which, deed) {
  const button = which.querySelector("[type=submit]");
  button.disabled = true;
  say("");
  untell(box, form);
  try {
    await deed(which);
  } catch (refusal) {
    if (refusal.status === undefined) throw refusal;
    button.before(box); // it is told where it was asked
    tell(box, refusal, form);
  } finally {
    button.disabled = false;
  }
}

async function save() {
  const isNew = form.dataset.tag === "";
  const body = Object.fromEntries(entries.map(read).filter(([entry, value]) => differs(entry, value, isNew)).map(named));
  if (!isNew && Object.keys(body).length === 0) return say(form.dataset.same);
  const reason = form.elements.reason.value.trim();
  const address = form.dataset.address + (reason ? `?reason=${encodeURIComponent(reason)}` : "");
  const answer = await send(address, isNew ? "POST" : "PATCH", body);
  sessionStorage.setItem(SAID, "yes");
  location.assign(isNew ? placeOf(answer) : location.href);
}

async function retire(which) {
  await send(`${form.dataset.address}/retire`, "POST", { reason: which.elements.reason.value.trim() });
  location.reload();
}

async function remove() {
  await send(form.dataset.address, "DELETE");
  location.assign(form.dataset.back);
}

/** What was changed meanwhile is not overwritten. */
const send = (address, method, json) => ask(address, { method, json, tag: form.dataset.tag });

function say(text) {
  said.textContent = text;
}

const named = ([entry, value]) => [entry.dataset.name, value];

/** The value as JSON has it; null where nothing is written. */
function read(entry) {
  const input = entry.querySelector("input, select, textarea");
  const text = input.value.trim();
  switch (entry.dataset.kind) {
    case "number":
      return [entry, text === "" ? null : numeric(text)];
    case "flag":
      return [entry, text === "" ? null : text === "true"];
    case "choices":
      return [entry, [...input.selectedOptions].map((option) => option.value)];
    case "lines":
      return [entry, text.split(/\s*\n\s*/).filter(Boolean)];
    case "moment":
      return [entry, text === "" ? null : text + form.dataset.offset];
    case "login":
      return [entry, login(entry)];
    default:
      return [entry, text === "" ? null : text];
  }
}

/** What is no number is sent as it is, for the API to name it. */
function numeric(text) {
  const number = Number(text.replace(",", "."));
  return Number.isNaN(number) ? text : number;
}

function login(entry) {
  const [username, password] = entry.querySelectorAll("input");
  return password.value === "" ? null : { username: username.value, password: password.value };
}

function differs(entry, value, isNew) {
  if (isNew || entry.dataset.kind === "login") return value !== null && (value.length ?? 1) !== 0;
  const was = JSON.parse(entry.dataset.was);
  if (entry.dataset.kind === "moment" && value && was) return Date.parse(value) !== Date.parse(was + form.dataset.offset);
  return JSON.stringify(value) !== JSON.stringify(was === "" ? null : was);
}

/** Where the new object is shown: its own page, or the camera that it belongs to. */
function placeOf(answer) {
  const key = answer.code ?? answer.path;
  return form.dataset.own || key === undefined ? form.dataset.back : `${form.dataset.page}/${encodeURIComponent(key)}`;
}

let asked = 0;

/** What is known by these words; the last question counts. */
async function offer(input) {
  const turn = ++asked;
  const response = await fetch(`${input.dataset.finds}?limit=20&q=${encodeURIComponent(input.value)}`);
  if (!response.ok || turn !== asked) return;
  const { items } = await response.json();
  input.list.replaceChildren(...items.map((item) => new Option(item.name ?? "", item.code ?? item.path)));
}
