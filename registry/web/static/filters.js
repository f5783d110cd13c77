// The filters of a list: one takes effect when it is chosen. Of a form that is no search, when it is sent.

const filters = document.getElementById("filters");
// A phone shows what is broken first; the filters are one touch away.
if (matchMedia("(max-width: 40rem)").matches && !location.search) {
  document.getElementById("filter-box")?.removeAttribute("open");
}
filters.addEventListener("change", (event) => {
  if (event.target.tagName === "SELECT" && filters.role === "search") filters.requestSubmit();
});
// Empty fields stay out of the address.
filters.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData.entries()]) {
    if (value === "") event.formData.delete(name);
  }
});
