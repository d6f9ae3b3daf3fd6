// The answer while somebody types: bounds, testable implications, what is assumed and what that buys.

import { ask, Overtaken, stop } from "./ask.js";
import { bound, termLatex } from "./bounds.js";
import { switchedOff, textWithout } from "./choose.js";
import { byId, fill, make, math, placeOf, plainly, reachable, words } from "./dom.js";
import { showErrors } from "./editor.js";
import { model } from "./model.js";

const PATIENCE_MS = 350;

const folded = new Map();
let derived = null;
let active = {};
let reading = null;

export function startAnswer() {
  addEventListener("resize", () => reachable(byId("answer")));
  byId("stop").addEventListener("click", () => {
    stop("derive");
    say("Stopped. Change the model, or ask again.", true, make("button", { type: "button", text: "Ask again", onclick: () => answer(reading) }));
    byId("bounds").classList.add("stale");
  });
}

export const derivation = () => derived;

// An estimand as papers write it.
export const title = (name) => derived?.estimands.find((each) => each.name === name)?.text ?? name;
export const seconds = () => Number(byId("time-limit")?.value) || 60;

// Which term gives each bound at the data.
export function markActive(found) {
  active = found;
  if (derived) showBounds();
}

// A derivation may begin before the text was read: what is wrong in it is said by either.
let begun = null;

export function begin(text) {
  begun = switchedOff().length ? null : { text, said: derive(text) };
  begun?.said.catch(() => {});
}

const derive = (text) => ask("derive", { model: text, time_limit: seconds() }, { heard: ({ what, done, total }) => working(true, `${what}: ${done}${total ? ` of ${total}` : ""}`) });

export async function answer(read) {
  reading = read;
  heading(read);
  if (read.errors.length) {
    stop("derive");
    return stale("The text cannot be read yet; these are the bounds of what stood there before.");
  }
  if (!read.model.estimands.length) {
    stop("derive");
    derived = null;
    clear();
   
    return say(read.model.variables.length ? "Ask for an effect to see its bounds." : "Add variables, draw arrows, and ask for an effect.", true);
  }
  const text = textWithout(model().text);
  const waiting = setTimeout(() => { working(true, "deriving"); byId("bounds").classList.add("stale"); }, PATIENCE_MS);
  try {
    const earlier = begun?.text === text ? begun.said : derive(text);
    begun = null;
    finish(await earlier, text);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    return;
  } finally {
    clearTimeout(waiting);
    working(false);
  }
}

function finish(said, text) {
  if (!said.answer) {
    if (!said.lost) { derived = null; clear(); }
    const place = placeOf(said.complaint);
    if (place) showErrors([place]);
    return say(place ? `${place.message.split("\n")[0]}. The place is underlined in the text.` : plainly(said.complaint) || "There is no answer.", false);
  }
  derived = said.answer;
  derived.of = text;
  // What is not answered is said where the bounds would be.
  say(plainly(said.complaint).split("\n").filter((line) => !line.includes(": not answered: ")).join("\n"), false);
  showBounds();
  showImplications();
  showAdds();
  for (const option of document.querySelectorAll("select.effects option")) option.textContent = title(option.value);
}

function heading(read) {
  const found = read.model;
  if (!found) return;
  byId("answer-kicker").textContent = found.name;
  byId("answer-title").textContent = found.title || "Bounds";
  byId("answer-sources").textContent = found.sources.join("; ");
  document.title = `${found.title || found.name} \u2013 boundgen`;
}

function say(text, fine, ...more) {
  byId("said").className = fine ? "said fine" : "said";
  fill(byId("said"), text ?? "", text && more.length ? [" ", ...more] : []);
  byId("bounds").classList.remove("stale");
}

function stale(text) {
  say(derived ? text : "", true);
  byId("bounds").classList.toggle("stale", derived !== null);
}

function working(on, text = "") {
  byId("progress").hidden = !on;
  byId("progress-text").textContent = text;
}

function clear() {
  for (const id of ["bounds", "symbols", "implication-list", "adds-body"]) fill(byId(id));
  byId("implications").hidden = byId("adds").hidden = true;
}

function showBounds() {
  fill(byId("bounds"), derived.estimands.map((each) => {
    const many = (each.lower?.terms.length ?? 0) > 4;
    const fold = folded.get(each.name) ?? many;
    return bound(each, { folded: fold, active: active[each.name], toggle: () => { folded.set(each.name, !fold); showBounds(); } });
  }), (derived.unanswered ?? []).map(unanswered));
  reachable(byId("bounds"));
  fill(byId("symbols"), derived.symbols.length ? "where " : "", derived.symbols.flatMap((each, place) => [place ? "; " : "", math(each)]));
}

function unanswered({ name, reason }) {
  const found = reading.model.estimands.find((each) => each.name === name);
  const said = reason.replace(/\.? ?boundgen evaluate gives the bounds at data\.?$/, ". Its bounds at data are below, under Numbers");
  return make("section", { class: "bound", "data-estimand": name }, make("h3", {}, make("span", { text: name }), found?.words ? make("em", { text: ` \u2014 ${found.words}` }) : null),
    found ? make("p", { class: "is" }, make("code", { text: `${name} = ${found.text}` })) : null, make("p", { class: "open", text: `${said[0].toUpperCase()}${said.slice(1)}.` }));
}

function showImplications() {
  const shown = derived.conditions;
  byId("implications").hidden = !shown.length;
  fill(byId("implication-list"), make("ul", { class: "implied" }, shown.map(implied)));
  reachable(byId("implication-list"));
}

// ---------------------------------------------------------------- what assumptions buy
function showAdds() {
  const off = switchedOff();
  const has = reading.model.assumptions.length > 0;
  byId("adds").hidden = !has;
  if (!has) return;
  const place = make("div", {});
  fill(byId("adds-body"), off.length
    ? make("p", { text: `Above are the bounds without ${off.join(", ")}.` })
    : make("p", { text: "Switch an assumption off on the left, and see which terms come and go. Or see it for each at once:" }),
  off.length ? null : make("button", { type: "button", id: "ask-each", text: "What does each assumption buy?", onclick: () => each(place) }), place);
  if (off.length) without(place);
}

async function without(place) {
  const fields = { other: model().text, model: derived.of, time_limit: seconds() };
  await asked(place, "compare", fields, (found) =>
    found.estimands.map((change) => changes(change)).concat((found.unanswered ?? []).map((gap) => make("p", { text: `${gap.name}: ${gap.reason}` }))));
}

async function each(place) {
  await asked(place, "ask", { model: derived.of, time_limit: seconds() }, (found) => found.assumptions.map((one) => make("section", {},
    make("h3", { text: one.assumption }),
    one.unanswered ? make("p", { text: one.unanswered }) : make("p", { text: [
      one.redundant ? "Redundant: the others imply it." : "Not redundant.",
      one.testable ? "Testable: data can refute it." : "Not testable: no data refute it.",
    ].join(" ") }), (one.adds ?? []).map(changes))));
}

async function asked(place, question, fields, show) {
  fill(place, make("p", { class: "say", role: "status", text: "\u2026" }));
  try {
    const said = await ask(question, fields, { kind: "adds" });
    fill(place, said.answer ? show(said.answer) : make("p", { class: "said", text: plainly(said.complaint) }));
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
}

// The terms that come and go, side by side with the bound that they are terms of.
function changes(change) {
  const estimand = derived.estimands.find((each) => each.name === change.estimand);
  const rows = ["lower", "upper"].flatMap((side) => {
    const terms = [["appear", "come"], ["disappear", "go"]].flatMap(([key, name]) =>
      (change[side]?.[key] ?? []).filter((term) => term.coefficients).map((term) => make("li", { class: name, "data-side": side }, math(termLatex(term, derived.names)))));
    return terms.length ? [make("p", { class: "say", text: `${side} bound` }), make("ul", { class: "changed" }, terms)] : [];
  });
  return make("div", { class: "bound" }, make("h3", {}, math(estimand?.latex ?? "\\text{?}"), rows.length ? "" : `: ${change.note ?? "no term comes or goes"}`), make("div", { class: "changes" }, rows));
}

// A testable implication, and for which levels it stands.
function implied(latex) {
  const [, body, said] = /^(.*?) \\quad \\text\{(.*)\}$/s.exec(latex) ?? [null, latex, ""];
  return make("li", {}, math(body), said ? make("span", { class: "for" }, words(said)) : null);
}
