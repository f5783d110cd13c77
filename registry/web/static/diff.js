// Shows what would be done to objects, field by field, in the words that the page brought along. It asks nobody.

import { made } from "./asking.js";

const words = JSON.parse(document.getElementById("words").dataset.words);

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:/;
const IN_WORDS = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };

export const kind = (code) => words.kinds[code] ?? code;

/** One object: `deed` is created, changed or removed; `fields` are [{field, before, after}] . */
export function deed({ what, code, deed: done, fields, place = "" }) {
  const told = fields.filter(({ field, before, after }) => says(what, field, before) || says(what, field, after));
  const head = made("p", {}, made("span", { class: "deed-word" }, words.deeds[done]), ` ${kind(what)} `,
    made("span", { class: "id" }, code), place && made("span", { class: "facts" }, ` ${place}`));
  const list = made("dl", { class: "diff" });
  for (const each of told) list.append(made("dt", {}, words.fields[each.field] ?? each.field), difference(what, done, each));
  return made("li", { class: "deed", "data-deed": done }, head, told.length ? list : null);
}

/** A flag that is not set says nothing, and nothing does. */
function says(what, field, held) {
  if (held === "no" && `${what}.${field}.no` in words.values) return false;
  return ![null, undefined, "", false].includes(held) && held.length !== 0;
}

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
  if (MOMENT.test(held)) return new Date(held).toLocaleString(document.documentElement.lang, IN_WORDS);
  if (Array.isArray(held)) return held.map((each) => value(what, field, each)).join(", ") || "—";
  return words.values[`${what}.${field}.${held}`] ?? String(held);
}
