// Keeps a page current: events say when, the page is fetched again as a whole part, a banner says when nothing is heard.

import { heardFromServer, silence, span, tick } from "./clock.js";

const AT_LEAST_EVERY_MS = 15000; // knowledge is renewed without any change that would be announced
const AT_MOST_EVERY_MS = 2000;
const SILENT_AFTER_MS = 12000; // two heartbeats and a little

const banner = document.getElementById("banner");
const connection = document.getElementById("connection");
const part = document.getElementById("now");

let asked = performance.now(); // when the part was last asked for
let due = asked + AT_LEAST_EVERY_MS;
let asking = false;
let shownAt = performance.now(); // when what is shown was made
let wasLost = false;

/** `patience(codes)` says how many milliseconds a change of these cameras (null: of many) may wait. */
export function keepCurrent(patience) {
  listen(patience);
  setInterval(beat, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) soon(0);
  });
  beat();
}

export function soon(within) {
  due = Math.min(due, Math.max(performance.now() + within, asked + AT_MOST_EVERY_MS));
}

function listen(patience) {
  const source = new EventSource("/events");
  source.addEventListener("heartbeat", (event) => {
    heardFromServer(JSON.parse(event.data).now);
    show("connected");
  });
  source.addEventListener("changed", (event) => {
    soon(patience(JSON.parse(event.data).cameras));
  });
  source.addEventListener("error", () => {
    // Streams end now and then and come back; only silence says that nothing is heard.
    if (!wasLost) show("connecting");
    // A refused stream is not tried again by the browser itself: the session may be over.
    if (source.readyState === EventSource.CLOSED) {
      soon(0);
      setTimeout(() => listen(patience), 5000);
    }
  });
}

function beat() {
  if (silence() > SILENT_AFTER_MS) show("lost");
  document.getElementById("contact-age").textContent = span(performance.now() - shownAt);
  tick();
  if (!document.hidden && !asking && performance.now() >= due) refresh();
}

function show(state) {
  connection.dataset.state = state;
  banner.hidden = state !== "lost";
  if (state === "connected" && wasLost) soon(0);
  wasLost = state === "lost";
}

async function refresh() {
  asking = true;
  asked = performance.now();
  try {
    const response = await fetch(part.dataset.from, { signal: AbortSignal.timeout(10000) });
    if (response.status === 401) return location.reload(); // which leads to the login
    if (response.ok) replace(await response.text());
  } catch {
    // Not heard from: the banner and the lapsing states tell it.
  } finally {
    asking = false;
    due = performance.now() + AT_LEAST_EVERY_MS;
  }
}

function replace(html) {
  shownAt = asked;
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const focused = document.activeElement?.id;
  const open = openDetails();
  const nodes = [...fresh.childNodes].map((node) => document.importNode(node, true));
  keepPictures(nodes);
  part.replaceChildren(...nodes);
  reopen(open);
  if (focused && focused !== document.activeElement?.id) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
  const title = part.querySelector("[data-title]")?.dataset.title;
  if (title) document.title = title;
  tick();
}

/** A picture that is already here is moved, not fetched a second time. */
function keepPictures(nodes) {
  const here = new Map([...part.querySelectorAll("img")].map((img) => [img.getAttribute("src"), img]));
  for (const node of nodes) {
    for (const img of node.querySelectorAll?.("img") ?? []) {
      const old = here.get(img.getAttribute("src"));
      if (old) img.replaceWith(old);
    }
  }
}

function openDetails() {
  return [...part.querySelectorAll("details")].map((details) => details.open);
}

function reopen(open) {
  [...part.querySelectorAll("details")].forEach((details, place) => {
    details.open = open[place] ?? false;
  });
}
