// The map of sites: drawn without a tile server, renewed with the list beside it, taken back when nothing is heard.

import { silence } from "./clock.js";
import "./filters.js";
import { keepCurrent } from "./live.js";

const HOLD_MS = 60000; // as long as the counts beside it hold
const element = document.getElementById("map");
const words = element.dataset;
const shapes = Object.fromEntries(
  [...element.querySelectorAll("template")].map((each) => [each.dataset.shape, each.innerHTML]),
);
const severity = ["reaching", "no_center", "not_measured", "unknown", "degraded", "not_reaching"];

const map = L.map(element, { attributionControl: false, worldCopyJump: true, minZoom: 3, zoomControl: false });
L.control.zoom({ zoomInTitle: words.nearer, zoomOutTitle: words.farther }).addTo(map);
// Leaflet says meters in English only.
const Scale = L.Control.Scale.extend({
  _updateMetric(most) {
    const meters = this._getRoundNum(most);
    const length = meters < 1000 ? `${meters} ${words.meters}` : `${meters / 1000} ${words.kilometers}`;
    this._updateScale(this._mScale, length, meters / most);
  },
});
new Scale({ imperial: false }).addTo(map);
map.setView([48, 67], 5); // Kazakhstan, until there is a site to show
if (words.tiles) L.tileLayer(words.tiles, { maxZoom: 19 }).addTo(map);

let markers = new Map();
let framed = false;
let heard = performance.now();

new MutationObserver(draw).observe(document.getElementById("now"), { childList: true });
document.addEventListener("click", show);
setInterval(lapse, 1000);
keepCurrent(() => 2000);
draw();

async function draw() {
  try {
    const response = await fetch(words.places, { signal: AbortSignal.timeout(10000) });
    if (!response.ok) return;
    const { places, of } = await response.json();
    heard = performance.now();
    replace(places);
    say(places.length < of ? words.cut.replace("{drawn}", places.length).replace("{of}", of) : "");
    if (!framed && places.length) frame(places);
  } catch {
    // Not heard from: the banner and `lapse` tell it.
  }
}

function replace(places) {
  const old = markers;
  markers = new Map();
  for (const place of places) {
    const kept = old.get(place.code);
    old.delete(place.code);
    markers.set(place.code, kept && same(kept.place, place) ? kept : marked(place, kept));
  }
  for (const { marker } of old.values()) marker.remove();
  lapse();
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function marked(place, kept) {
  kept?.marker.remove();
  const icon = L.divIcon({ className: "place", html: shapes[place.state], iconSize: [32, 32] });
  const marker = L.marker(place.at, {
    icon,
    alt: `${place.name}: ${word(place.state)}`,
    riseOnHover: true,
    zIndexOffset: 1000 * severity.indexOf(place.state),
  });
  marker.bindPopup(() => told(place)).addTo(map);
  marker.getElement().dataset.state = place.state;
  return { place, marker };
}

const word = (state) => element.getAttribute(`data-word-${state.replace("_", "-")}`);

/** Text only: what an owner named a site is not markup. */
function told(place) {
  const box = document.createElement("div");
  const name = box.appendChild(document.createElement("a"));
  name.href = words.wall + encodeURIComponent(place.code);
  name.textContent = place.name;
  for (const line of [place.address, ...Object.entries(place.counts).map(([s, n]) => `${word(s)}: ${n}`)]) {
    if (line) box.appendChild(document.createElement("p")).textContent = line;
  }
  return box;
}

function frame(places) {
  framed = true;
  map.fitBounds(L.latLngBounds(places.map((place) => place.at)), { padding: [30, 30], maxZoom: 16 });
}

/** A site of the list is shown on the map; with a key held the browser follows the link as ever. */
function show(event) {
  const link = event.target.closest?.("[data-place]");
  const found = link && markers.get(link.dataset.place);
  if (!found || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  map.setView(found.marker.getLatLng(), Math.max(map.getZoom(), 15));
  found.marker.openPopup();
}

function lapse() {
  const past = Math.max(silence(), performance.now() - heard) > HOLD_MS;
  element.toggleAttribute("data-lapsed", past);
  if (past) say(words.notKnown);
}

function say(text) {
  const note = document.getElementById("map-note");
  if (note && note.textContent !== text) note.textContent = text;
}
