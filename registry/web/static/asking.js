// Asks the API and shows what it refuses: in the page's language what happened, as a technical detail what the API said.

/** An answer other than the one asked for. Status 0: there was none. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.detail ?? "");
    this.status = status;
    this.errors = body.errors ?? [];
  }
}

export async function ask(address, { method = "GET", json, file, tag } = {}) {
  const headers = json === undefined ? {} : { "Content-Type": "application/json" };
  if (tag) headers["If-Match"] = `"${tag}"`;
  if (file) headers["Content-Type"] = "application/octet-stream";
  const body = json === undefined ? file : JSON.stringify(json);
  let response;
  try {
    response = await fetch(address, { method, headers, body });
  } catch (error) {
    throw new Refusal(0, { detail: error.message });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

/** `box` is a `_problem.html`; of a form, a refused field is marked and told beside it. */
export function tell(box, refusal, form = null) {
  const words = JSON.parse(box.dataset.words);
  const beside = form ? refusal.errors.filter((error) => mark(form, error)) : [];
  const others = refusal.errors.filter((error) => !beside.includes(error));
  box.querySelector(".refused").textContent = words[refusal.status] ?? words.other;
  const lines = others.length ? others.map((each) => `${each.field}: ${each.detail}`) : [refusal.message];
  box.querySelector("ul").replaceChildren(...lines.slice(0, 20).map((line) => made("li", {}, line)));
  box.querySelector(".detail").hidden = beside.length > 0 && others.length === 0;
  box.hidden = false;
  (form?.querySelector("[aria-invalid]") ?? box).focus();
}

export function untell(box, form = null) {
  box.hidden = true;
  for (const note of form?.querySelectorAll(".field-problem") ?? []) note.remove();
  for (const field of form?.querySelectorAll("[aria-invalid]") ?? []) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

function mark(form, { field, detail }) {
  // `body.reach.areas.0` or `/reach/areas/0`: the innermost name that the form has.
  const parts = field.replace(/^(body)?[./]/, "").split(/[./]/);
  const names = parts.map((_, left) => parts.slice(0, parts.length - left).join("."));
  const element = names.map((name) => form.elements[name]).find((each) => each instanceof HTMLElement);
  if (!element) return false;
  const note = made("p", { class: "field-problem detail", lang: "en", id: `problem-${element.name}` }, detail);
  element.setAttribute("aria-invalid", "true");
  element.setAttribute("aria-describedby", note.id);
  element.after(note);
  return true;
}

/** An element with attributes and texts; whatever others wrote stays text. */
export function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

/** Keeps a button from being pressed twice, and says in `status` what is being done. */
export async function busy(button, status, word, deed) {
  button.disabled = true;
  status.textContent = status.dataset[word] ?? "";
  try {
    return await deed();
  } finally {
    button.disabled = false;
    status.textContent = "";
  }
}
