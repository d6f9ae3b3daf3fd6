// Behind the bounds, for teaching: strata, the linear program, its dual, and what can be asked of the bounds.

import { seconds, title } from "./answer.js";
import { ask, Overtaken } from "./ask.js";
import { byId, choice, fill, make, plainly } from "./dom.js";
import { textWithout } from "./choose.js";
import { model } from "./model.js";

const VIEWS = [
  ["strata", "Principal strata", "The kinds of units that the model allows, by what they would do; the cells of the data in which each is seen; and its effect."],
  ["program", "Linear program", "The bound is the least and the largest effect over all shares of strata that give the observed shares."],
  ["reduced", "Reduced", "The same program without what cannot matter."],
  ["dual", "Dual", "By duality each vertex of this polyhedron is a term of the bound, and each ray a testable implication."],
  ["vertices", "Vertices", "Every vertex, and the term that it gives."],
  ["ask", "Questions", "Can data show a sign? Where is the effect identified? Is an assumption redundant, or testable?"],
];

let view = null;
let estimand = null;
let current = "";

export function showBehind(read) {
  const names = read.model?.estimands.map((each) => each.name) ?? [];
  if (!names.includes(estimand)) estimand = names[0] ?? null;
  const key = names.join(" ");
  if (!names.length) return fill(byId("behind-body"), make("p", { class: "say", text: "Ask for an effect first." }));
  if (key !== current) {
    current = key;
    view = null;
    fill(byId("behind-body"),
      make("div", { class: "tabs", role: "tablist", "aria-labelledby": "behind-title" }, VIEWS.map(([value, text]) => make("button", { type: "button", role: "tab", id: `view-${value}`, "aria-selected": "false", "aria-controls": "behind-view", text, onclick: () => open(value) }))),
      names.length > 1 ? make("div", { class: "row" }, choice("Effect", names.map((name) => [name, title(name)]), estimand, (value) => { estimand = value; if (view) open(view); }, { class: "effects" })) : null,
      make("div", { id: "behind-view", role: "tabpanel", "aria-labelledby": "behind-title" }));
  } else if (view) open(view);
}

async function open(value) {
  view = value;
  for (const [each] of VIEWS) byId(`view-${each}`).setAttribute("aria-selected", String(each === value));
  const fields = { model: textWithout(model().text), estimands: [estimand], time_limit: seconds() };
  const [, , words] = VIEWS.find(([each]) => each === value);
  try {
    const said = value === "ask" ? await ask("ask", fields, { kind: "behind" }) : await ask("show", { ...fields, stage: value, format: value === "strata" ? "json" : "text" }, { kind: "behind" });
    const shown = said.text ? make("pre", { class: "shown", tabindex: 0, text: said.text }) : said.answer ? (value === "ask" ? answers(said.answer) : strata(said.answer)) : make("p", { class: "said", text: plainly(said.complaint) });
    fill(byId("behind-view"), make("p", { text: words }), shown);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
}

function strata(found) {
  const [one] = found.estimands;
  const cells = one.rows.map((each) => each.name ?? each.kind);
  const seen = (column) => Object.keys(column.entries).filter((row) => one.rows[row].kind === "cell").map((row) => cells[row]).join(", ");
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Principal strata" }, make("table", { class: "data" },
    make("thead", {}, make("tr", {}, ["", "stratum", "seen in", "effect"].map((text) => make("th", { scope: "col", text })))),
    make("tbody", {}, one.columns.map((column, place) => make("tr", {}, make("th", { scope: "row", text: `\u03c8${place + 1}` }), make("td", { text: column.stratum }), make("td", { text: seen(column) }), make("td", { class: "number", text: String(column.cost).replace("-", "\u2212") }))))));
}

function answers(found) {
  const effects = found.estimands.flatMap((each) => [
    `Do the bounds contain ${found.value} at every observable distribution? ${each.contains_value ? "Yes." : "No."}`,
    `Can data show that ${title(each.name)} is above ${found.value}? ${each.lower?.never_above_value === false ? "Yes." : "No."}`,
    `Can data show that ${title(each.name)} is below ${found.value}? ${each.upper?.never_below_value === false ? "Yes." : "No."}`,
  ]);
  const assumptions = found.assumptions.map((each) => `${each.assumption}: ${each.redundant ? "redundant, the others imply it" : "not redundant"}; ${each.testable ? "testable, data can refute it" : "not testable"}.`);
  return make("ul", { class: "asked" }, [...effects, ...assumptions].map((text) => make("li", { text })));
}
