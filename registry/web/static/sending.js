// Forms that go to the API as they stand: `data-api` says where, a field's `data-as` what its text becomes.

import { ask, tell, untell } from "./asking.js";

for (const form of document.querySelectorAll("form[data-api]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  const box = document.getElementById("problem");
  const button = form.querySelector("[type=submit]");
  if (form.dataset.sure && !confirm(form.dataset.sure)) return;
  untell(box, form);
  button.disabled = true;
  try {
    const method = form.dataset.method;
    const answer = await ask(form.dataset.api, { method, json: method === "DELETE" ? undefined : body(form) });
    if (form.dataset.shows) show(form, answer[form.dataset.shows]);
    else location.reload();
  } catch (refusal) {
    if (refusal.status === undefined) throw refusal;
    form.append(box); // it is told where it was asked
    tell(box, refusal, form);
  } finally {
    button.disabled = false;
  }
}

/** `reach.areas` is a field of a field; what is left empty is left out. */
function body(form) {
  const whole = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    const value = read(field);
    if (value === undefined) continue;
    const path = field.name.split(".");
    const last = path.pop();
    path.reduce((inner, name) => (inner[name] ??= {}), whole)[last] = value;
  }
  return whole;
}

function read(field) {
  const text = field.value.trim();
  switch (field.dataset.as) {
    case "lines":
      return text.split(/\s*[\n,;]\s*/).filter(Boolean);
    case "flag":
      return field.checked;
    case "text or none":
      return text || null;
    case "end of day":
      return text ? `${text}T23:59:59${field.dataset.offset}` : null;
    case "secret":
      return field.value || undefined;
    default:
      return text;
  }
}

/** A secret is shown once: it is in this answer and nowhere else. */
function show(form, secret) {
  const place = document.getElementById("secret");
  place.querySelector("code").textContent = secret;
  place.hidden = false;
  form.reset();
  place.focus();
}
