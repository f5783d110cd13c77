// The status wall: a filter takes effect when it is chosen, and tiles stay current.

import { keepCurrent } from "./live.js";

const filters = document.getElementById("filters");
// A phone shows what is broken first; the filters are one touch away.
if (matchMedia("(max-width: 40rem)").matches && !location.search) {
  document.getElementById("filter-box").open = false;
}
filters.addEventListener("change", (event) => {
  if (event.target.tagName === "SELECT") filters.requestSubmit();
});
// Empty fields stay out of the address.
filters.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData.entries()]) {
    if (value === "") event.formData.delete(name);
  }
});

// What is shown changes soon; a camera that is not shown may have to be, for what broke comes first.
const isShown = (code) => document.getElementById(`tile-${code}`) !== null;
keepCurrent((codes) => (codes === null || codes.some(isShown) ? 1000 : 8000));
