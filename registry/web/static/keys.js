// Keys of every page: a slash leads to the search, Escape out of it. What has focus is never taken away otherwise.

const TYPED_INTO = "input, select, textarea, [contenteditable]";

document.addEventListener("keydown", (event) => {
  const search = document.querySelector("input[type=search]");
  if (!search || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "/" && !event.target.closest(TYPED_INTO)) {
    event.preventDefault();
    search.closest("details")?.setAttribute("open", "");
    search.focus();
    search.select();
  } else if (event.key === "Escape" && document.activeElement === search) {
    search.blur();
  }
});
