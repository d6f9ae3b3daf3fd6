// The page without a server: models that stand in scripts beside it, each with its evaluator.
/* global boundgenModels */

import { bound } from "./bounds.js";
import { curve, intervals } from "./charts.js";
import { byId, choice, fill, make, math, number, reachable } from "./dom.js";
import { sketch } from "./sketch.js";

const STEPS = 60;
const EVEN = "even shares";

const loaded = new Map();
let shown = null;
let law = {};
let counts = {};
let values = {};
let varied = null;

window.boundgenModel = (name, model, evaluator) => loaded.set(name, { ...model, evaluator });

// ---------------------------------------------------------------- the list
function list(wanted) {
  const asked = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found = boundgenModels.filter((each) => { const text = `${each.name} ${each.title} ${each.sources.join(" ")}`.toLowerCase(); return asked.every((word) => text.includes(word)); });
  fill(byId("door-list"), found.map((each) => make("li", {}, make("a", { class: "door", href: `#${each.name}` },
    sketch(each.graph, `of-${each.name}`, ""), make("b", { text: each.title || each.name }), make("span", { text: each.sources[0] ?? each.name })))));
}

async function route() {
  const name = decodeURIComponent(location.hash.slice(1));
  const entry = boundgenModels.find((each) => each.name === name);
  byId("doors").hidden = entry !== undefined;
  byId("model").hidden = entry === undefined;
  if (!entry) return;
  if (!loaded.has(name)) await script(`models/${entry.file}`);
  show(entry, loaded.get(name));
}

// A script of the folder; browsers read those from files, too.
const script = (address) => new Promise((done, failed) => document.head.append(make("script", { src: address, onload: done, onerror: failed })));

// ---------------------------------------------------------------- one model
function show(entry, model) {
  shown = model;
  const { typeset } = model;
  document.title = entry.title || entry.name;
  byId("answer-kicker").textContent = entry.name;
  byId("answer-title").textContent = entry.title || entry.name;
  byId("answer-sources").textContent = entry.sources.join("; ");
  fill(byId("graph"), sketch(entry.graph, "model", `The graph of ${entry.name}: ${entry.graph.variables.map((each) => (each.parents.length ? `${each.parents.join(" and ")} affect ${each.name}` : each.name)).join("; ")}`));
  byId("implications").hidden = !typeset.conditions.length;
  fill(byId("implication-list"), make("ul", { class: "implied" }, typeset.conditions.map((latex) => make("li", {}, math(latex)))));
  fill(byId("symbols"), typeset.symbols.length ? "where " : "", typeset.symbols.flatMap((each, place) => [place ? "; " : "", math(each)]));
  byId("text").textContent = model.text;
  values = Object.fromEntries(Object.entries(model.evaluator?.PARAMETERS ?? {}).map(([name, range]) => { const [low, high] = finite(range); return [name, low + (high - low) / 10]; }));
  varied = Object.keys(values)[0] ?? null;
  byId("numbers").hidden = !model.evaluator || (!model.arms && !model.data.length);
  if (!byId("numbers").hidden) choose(model.data[0]?.name ?? EVEN);
  else paint({});
  byId("model").focus({ preventScroll: true });
  scrollTo(0, 0);
}

const finite = ([low, high]) => { const from = Number.isFinite(low) ? low : 0; return [from, Number.isFinite(high) ? high : from + 1]; };

// Data that come along, or even shares; where all cells are simple, shares can be dragged.
function choose(name) {
  const data = shown.data.find((each) => each.name === name);
  counts = {};
  for (const arm of shown.arms ?? []) {
    const rest = arm.complete ? 0 : 1;
    for (const cell of arm.cells) counts[cell] = data ? data.law[cell] ?? 0 : 1 / (arm.cells.length + rest);
  }
  law = data ? data.law : counts;
  const options = [...shown.data.map((each) => [each.name, `${each.name}: ${each.title}`]), ...(shown.arms ? [[EVEN, EVEN]] : [])];
  fill(byId("choice"), make("div", { class: "row" }, choice("Data", options, name, choose)));
  fill(byId("sliders"), Object.entries(values).map(([name_, value]) => parameter(name_, value)));
  fill(byId("cells"), shown.arms ? make("details", {}, make("summary", { text: "Change the shares" }), shown.arms.map(armSliders)) : null);
  evaluate();
}

function parameter(name, value) {
  const [low, high] = finite(shown.evaluator.PARAMETERS[name]);
  const said = make("output", { text: number(value, 3) });
  return make("div", { class: "slide" }, make("label", { for: `slide-${name}`, text: name }),
    make("input", { type: "range", id: `slide-${name}`, min: String(low), max: String(high), step: String((high - low) / STEPS), value: String(value),
      oninput: (event) => { values[name] = Number(event.target.value); varied = name; said.textContent = number(values[name], 3); evaluate(); } }), said);
}

// The shares of an arm: what one gains the others lose, each in proportion.
function armSliders(arm, place) {
  const outputs = new Map();
  const inputs = new Map();
  const moved = (cell, wanted) => {
    const others = arm.cells.filter((each) => each !== cell);
    const seen = others.reduce((sum, each) => sum + counts[each], 0);
    const most = arm.complete ? 1 - wanted : Math.min(seen, 1 - wanted);
    for (const each of others) counts[each] = seen > 0 ? (counts[each] * most) / seen : most / others.length;
    counts[cell] = wanted;
    for (const each of arm.cells) { outputs.get(each).textContent = number(counts[each], 3); if (each !== cell) inputs.get(each).value = String(counts[each]); }
    law = counts;
    evaluate();
  };
  return make("fieldset", {}, make("legend", { class: "say", text: arm.cells[0].includes("|") ? arm.cells[0].replace(/^.*\|/, "").replace(/\)$/, "") : "all units" }), arm.cells.map((cell, at) => {
    const id = `cell-${place}-${at}`;
    outputs.set(cell, make("output", { text: number(counts[cell], 3) }));
    inputs.set(cell, make("input", { type: "range", id, min: "0", max: "1", step: "0.001", value: String(counts[cell]), oninput: (event) => moved(cell, Number(event.target.value)) }));
    return make("div", { class: "slide" }, make("label", { for: id, text: cell }), inputs.get(cell), outputs.get(cell));
  }));
}

// ---------------------------------------------------------------- at the shares
function at(name, parameters) {
  try {
    const [low, high] = shown.evaluator.bounds(law, { estimand: name, ...parameters });
    return { low, high };
  } catch (error) {
    byId("data-said").textContent = error.message;
    return { low: NaN, high: NaN };
  }
}

function evaluate() {
  byId("data-said").textContent = "";
  const names = Object.keys(shown.evaluator.ESTIMANDS);
  const title = (name) => shown.typeset.estimands.find((each) => each.name === name)?.text ?? name;
  const rows = names.map((name) => ({ name, ...at(name, values) }));
  const active = Object.fromEntries(names.map((name) => [name, activeTerms(name)]));
  paint(active);
  const picture = intervals(rows.map((each) => ({ name: title(each.name), bounds: [each.low, each.high] })));
  fill(byId("at-data"), make("table", { class: "data", id: "bounds-table" },
    make("thead", {}, make("tr", {}, ["", "lower", "upper"].map((text, place) => make("th", { scope: "col", class: place ? "number" : null, text })))),
    make("tbody", {}, rows.map((each) => make("tr", { "data-estimand": each.name }, make("th", { scope: "row", text: title(each.name) }), [each.low, each.high].map((value) => make("td", { class: "number", text: Number.isFinite(value) ? number(value) : "undefined" })))))),
  failing(), picture ? make("figure", { class: "plot" }, picture) : null,
  varied ? make("div", { class: "curves" }, names.map((name) => make("figure", { class: "plot", "data-curve": name }, curve(varied, points(name), [], values[varied], title(name)), make("figcaption", { text: `Bounds on ${title(name)} against ${varied}.` })))) : null);
}

function activeTerms(name) {
  try {
    const [lower, upper] = shown.evaluator.activeTerms(law, { estimand: name, ...values });
    return { lower, upper };
  } catch {
    return {};
  }
}

function points(name) {
  const [low, high] = finite(shown.evaluator.PARAMETERS[varied]);
  return Array.from({ length: STEPS + 1 }, (_, step) => low + ((high - low) * step) / STEPS).map((value) => ({ at: value, ...at(name, { ...values, [varied]: value }) }));
}

function failing() {
  try {
    const broken = Object.entries(shown.evaluator.violations(law, values)).filter(([, value]) => value > 1e-9).map(([name]) => name);
    return broken.length ? make("p", { class: "failed", text: `These shares break a testable implication: ${broken.join("; ")}` }) : null;
  } catch {
    return null;
  }
}

const folded = new Map();

function paint(active) {
  fill(byId("bounds"), shown.typeset.estimands.map((each) => {
    const fold = folded.get(each.name) ?? (each.lower?.terms.length ?? 0) > 4;
    return bound(each, { folded: fold, active: active[each.name], toggle: () => { folded.set(each.name, !fold); paint(active); } });
  }));
  reachable(byId("model"));
}

byId("search").addEventListener("input", (event) => list(event.target.value));
addEventListener("hashchange", route);
list("");
route();

