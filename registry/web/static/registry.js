// Forms of the registry: what was changed goes to the API, what it refuses is said beside the field.

const form = document.getElementById("edit");
const said = form.querySelector(".said");
const entries = [...form.querySelectorAll(".entry")];
const SAID = "camreach.saved"; // told on the page that is loaded after saving

if (sessionStorage.getItem(SAID)) say(form.dataset.saved);
sessionStorage.removeItem(SAID);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  carryOut(form, save);
});
for (const [id, deed] of [["retire", retire], ["delete", remove]]) {
  const other = document.getElementById(id);
  other?.addEventListener("submit", (event) => {
    event.preventDefault();
    carryOut(other, deed);
  });
}
for (const input of form.querySelectorAll("[data-finds]")) {
  input.addEventListener("input", () => offer(input));
}

async function carryOut(which, deed) {
  const button = which.querySelector("button");
  button.disabled = true;
  clear();
  try {
    await deed(which);
  } catch {
    say(form.dataset.silent);
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
  if (!answer) return;
  sessionStorage.setItem(SAID, "yes");
  location.assign(isNew ? made(answer) : location.href);
}

async function retire(which) {
  const reason = which.elements.reason.value.trim();
  if (await send(`${form.dataset.address}/retire`, "POST", { reason })) location.reload();
}

async function remove() {
  if (await send(form.dataset.address, "DELETE")) location.assign(form.dataset.back);
}

/** The answer, or nothing when it was refused, which is then said. */
async function send(address, method, body) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (form.dataset.tag) headers["If-Match"] = `"${form.dataset.tag}"`;
  const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (response.ok) return answer;
  refuse(response.status, answer);
}

function refuse(status, problem) {
  const rest = [];
  for (const error of problem.errors ?? []) {
    const name = error.field.replace(/^body[./]|^\//, "").split(/[./]/)[0];
    const entry = entries.find((each) => each.dataset.name === name);
    if (entry) tell(entry, error.detail);
    else rest.push(error.detail);
  }
  if (status === 412) return say(form.dataset.stale);
  say([form.dataset.refused, ...(rest.length ? rest : [problem.detail])].join(" "));
  form.querySelector(".entry .refused:not([hidden])")?.parentElement.querySelector("input, select, textarea")?.focus();
}

function tell(entry, text) {
  const place = entry.querySelector(".refused");
  place.textContent = text;
  place.hidden = false;
  entry.querySelector("input, select, textarea").setAttribute("aria-invalid", "true");
}

function clear() {
  say("");
  for (const entry of entries) {
    entry.querySelector(".refused").hidden = true;
    entry.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
  }
}

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
  return JSON.stringify(value) !== JSON.stringify(was === "" ? null : was);
}

/** Where the new object is shown: its own page, or the camera that it belongs to. */
function made(answer) {
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
