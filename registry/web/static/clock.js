// The server's time, carried on by this browser's own clocks. It never asks what time the browser thinks it is.

const root = document.documentElement;
const [SECOND, MINUTE, HOUR, DAY] = root.dataset.units.split(" ");

let heard = Number(root.dataset.now);
let monotonic = performance.now();
let wall = Date.now();

/** The server said what time it is there. */
export function heardFromServer(now) {
  heard = now;
  monotonic = performance.now();
  wall = Date.now();
}

/** Milliseconds since the server was last heard. A machine that slept stops one clock, so the faster one counts. */
export function silence() {
  return Math.max(performance.now() - monotonic, Date.now() - wall);
}

export function serverNow() {
  return heard + silence();
}

/** A length of time in one unit, as `languages.span` says it on the server. */
export function span(milliseconds) {
  const whole = Math.max(0, Math.floor(milliseconds / 1000));
  if (whole < 100) return `${whole} ${SECOND}`;
  if (whole < 6000) return `${Math.floor(whole / 60)} ${MINUTE}`;
  if (whole < 172800) return `${Math.floor(whole / 3600)} ${HOUR}`;
  return `${Math.floor(whole / 86400)} ${DAY}`;
}

/** Knowledge grows old in front of the reader, and past its time it is taken back, whoever is connected. */
export function tick() {
  const now = serverNow();
  for (const element of document.querySelectorAll("[data-age-from]")) {
    const words = span(now - Number(element.dataset.ageFrom));
    if (element.textContent !== words) element.textContent = words;
  }
  for (const element of document.querySelectorAll("[data-valid-until]")) {
    if (now > Number(element.dataset.validUntil)) lapse(element);
  }
}

function lapse(element) {
  delete element.dataset.validUntil;
  if (element.dataset.state) element.dataset.state = "unknown";
  element.querySelector(":scope .known")?.setAttribute("hidden", "");
  element.querySelector(":scope .lapsed")?.removeAttribute("hidden");
}
