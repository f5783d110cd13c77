// The page of one camera: it stays current, and an operator may ask for a look.

import { serverNow, span } from "./clock.js";
import { keepCurrent, soon } from "./live.js";

const code = document.getElementById("now").dataset.code;
keepCurrent((codes) => (codes === null || codes.includes(code) ? 0 : Infinity));

const form = document.getElementById("look-now");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  lookNow(form);
});

async function lookNow(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const feed = encodeURIComponent(form.elements.feed.value);
    const address = `/api/v1/cameras/${encodeURIComponent(form.dataset.camera)}/feeds/${feed}/look`;
    const headers = { "Content-Type": "application/json" };
    let answer = await ask(address, { method: "POST", headers, body: "{}" });
    const until = performance.now() + 120000;
    while (["queued", "running"].includes(answer.state) && performance.now() < until) {
      say(...progressOf(answer));
      await new Promise((done) => setTimeout(done, 1000));
      answer = await ask(`/api/v1/looks/${encodeURIComponent(answer.ticket)}`);
    }
    say(...progressOf(answer));
    soon(0);
  } catch (problem) {
    say("refused", problem.message);
  } finally {
    button.disabled = false;
  }
}

async function ask(address, options) {
  const response = await fetch(address, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

/** How far the look has come: one of the words that the page brought along, and what there is to add. */
function progressOf(answer) {
  if (answer.state === "queued") return [answer.waits_for ?? "turn", answer.ahead ? added("ahead", answer.ahead) : ""];
  if (answer.parked_until) {
    return ["parked", added("again", span(Date.parse(answer.parked_until) - serverNow()))];
  }
  if (answer.stage) return [answer.state, form.querySelector(".progress").dataset[`at_${answer.stage}`]];
  return [answer.dropped ?? answer.state];
}

function added(word, more) {
  return `${form.querySelector(".progress").dataset[word]} ${more}`;
}

function say(word, more = "") {
  const progress = form.querySelector(".progress");
  progress.textContent = [progress.dataset[word], more].filter(Boolean).join(" ");
}
