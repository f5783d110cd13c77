// Shows what would be done to objects, field by field, in the words that the page brought along. It asks nobody.

import { made } from "./asking.js";

const words = JSON.parse(document.getElementById("words").dataset.words);

export const kind = (code) => words.kinds[code] ?? code;

/** One object: `deed` is created, changed or removed; `fields` are [{field, before, after}] . */
export function deed({ what, code, deed: done, fields, place = "" }) {
  const told = fields.filter(({ before, after }) => says(before) || says(after));
  const head = made("p", {}, made("span", { class: "deed-word" }, words.deeds[done]), ` ${kind(what)} `,
    made("span", { class: "id" }, code), place && made("span", { class: "facts" }, ` ${place}`));
  const list = made("dl", { class: "diff" });
  for (const each of told) list.append(made("dt", {}, words.fields[each.field] ?? each.field), difference(what, done, each));
  return made("li", { class: "deed", "data-deed": done }, head, told.length ? list : null);
}

const says = (held) => ![null, undefined, "", false].includes(held) && held.length !== 0;

function difference(what, done, { field, before, after }) {
  const was = made("del", {}, unseen("before"), value(what, field, before));
  const becomes = made("ins", {}, unseen("after"), value(what, field, after));
  if (done === "created") return made("dd", {}, becomes);
  if (done === "removed") return made("dd", {}, was);
  return made("dd", {}, was, made("span", { "aria-hidden": "true" }, " → "), becomes);
}

const unseen = (word) => made("span", { class: "unseen" }, `${words.deeds[word]} `);

function value(what, field, held) {
  if (held === null || held === undefined || held === "") return "—";
  if (Array.isArray(held)) return held.map((each) => value(what, field, each)).join(", ") || "—";
  return words.values[`${what}.${field}.${held}`] ?? words.deeds[String(held)] ?? String(held);
}
