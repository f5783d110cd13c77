// The mappings that are saved: renamed and deleted here, chosen in the form of the file.

import { ask, busy, tell, untell } from "./asking.js";

/** `box` is the section that lists them, `select` offers them; the first option stands for none. */
export function keepMappings(box, select) {
  const list = box.querySelector("ul.plain"); // the problem has a list of its own
  const problem = document.getElementById("mapping-problem");
  const options = () => [...select.options].slice(1);
  options().forEach(show);

  function show(option) {
    const item = box.querySelector("template").content.firstElementChild.cloneNode(true);
    const form = item.querySelector("form");
    const [rename, remove] = form.querySelectorAll("button");
    form.elements.name.value = option.value;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = form.elements.name.value.trim();
      run(form, rename, { method: "PATCH", json: { name } }, option.value, () => {
        option.value = option.text = form.elements.name.value = name;
      });
    });
    remove.addEventListener("click", () => {
      if (!confirm(remove.dataset.question)) return;
      run(form, remove, { method: "DELETE" }, option.value, () => {
        option.remove();
        item.remove();
        box.hidden = options().length === 0;
      });
    });
    list.append(item);
    box.hidden = false;
  }

  async function run(form, button, request, name, then) {
    untell(problem, form);
    try {
      await busy(button, box.querySelector(".progress"), "saving", async () => {
        await ask(`/api/v1/mappings/${encodeURIComponent(name)}`, request);
      });
      then();
    } catch (refusal) {
      if (refusal.status === undefined) throw refusal;
      tell(problem, refusal, form);
    }
  }

  return {
    add(name) {
      if (options().some((option) => option.value === name)) return;
      const option = new Option(name, name);
      select.append(option);
      show(option);
    },
  };
}
