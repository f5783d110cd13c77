// Takes a batch back: first what that would do, row by row, then exactly that.

import { ask, busy, made, tell, untell } from "./asking.js";
import { deed, kind } from "./diff.js";

const form = document.getElementById("undo");
const problem = document.getElementById("undo-problem");
const progress = document.getElementById("undo-progress");
const address = `/api/v1/changes/${form.dataset.batch}/undo`;
let token = null; // of what was shown

document.getElementById("preview").addEventListener("click", (event) => run(event.target, "reading", async () => {
  show(await ask(address, { method: "POST", json: {} }));
}));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(form.querySelector("[type=submit]"), "applying", async () => {
    const reason = form.elements.reason.value.trim();
    const skip = form.elements.skip_conflicts.checked;
    const done = await ask(address, { method: "POST", json: { token, reason, skip_conflicts: skip } });
    location.assign(done.batch ? `/changes/${done.batch}` : "/changes");
  });
});

async function run(button, word, what) {
  untell(problem);
  try {
    await busy(button, progress, word, what);
  } catch (refusal) {
    if (refusal.status === undefined) throw refusal;
    form.hidden = refusal.status === 409 || form.hidden; // what was shown no longer holds
    tell(problem, refusal);
  }
}

function show(plan) {
  token = plan.token;
  document.getElementById("planned").replaceChildren(...plan.rows.map(row));
  document.getElementById("conflicts").replaceChildren(...plan.hindered.map(conflict));
  document.getElementById("has-conflicts").hidden = plan.conflicts === 0;
  document.getElementById("nothing").hidden = plan.changes > 0;
  const more = document.getElementById("more");
  more.textContent = plan.changes > plan.rows.length ? `${more.dataset.more} ${plan.changes - plan.rows.length}` : "";
  document.getElementById("skip").hidden = plan.conflicts === 0;
  form.elements.skip_conflicts.required = plan.conflicts > 0;
  form.querySelector(".fields").hidden = plan.changes === 0;
  form.hidden = false;
  form.querySelector("h2").focus();
}

function row({ kind: what, code, before, after }) {
  const done = before === null ? "created" : after === null ? "removed" : "changed";
  const names = Object.keys({ ...before, ...after });
  const fields = names.map((field) => ({ field, before: before?.[field], after: after?.[field] }));
  return deed({ what, code, deed: done, fields });
}

function conflict({ kind: what, code, detail }) {
  return made("li", { class: "deed" }, `${kind(what)} `, made("span", { class: "id" }, code), made("span", { class: "detail", lang: "en" }, ` ${detail}`));
}
