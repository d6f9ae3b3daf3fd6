// Assumptions and estimands by picking: a sentence with gaps, its statement, and a list of those that are there.

import { byId, choice, fill, make } from "./dom.js";
import { edit } from "./edits.js";
import { ASSUMPTIONS, ESTIMANDS } from "./templates.js";

const KINDS = [["assumption", "assume", ASSUMPTIONS], ["estimand", "estimand", ESTIMANDS]];
const picked = { assumption: { place: 0, gaps: {} }, estimand: { place: 0, gaps: {} } };
const off = new Set();
let read = null;
let toggled = () => {};

export function startChoosing(onToggle) {
  toggled = onToggle;
  for (const [kind] of KINDS) byId(`pick-${kind}`).addEventListener("toggle", () => form(kind));
}

export function showChoices(found) {
  read = found;
  for (const code of off) if (!found.statements.some((each) => each.code === code)) off.delete(code);
  for (const [kind, statement] of KINDS) {
    list(kind, found.statements.filter((each) => each.kind === statement));
    if (byId(`pick-${kind}`).open) form(kind);
  }
}

// The text without the assumptions that are switched off: comments in place of them.
export function textWithout(text) {
  if (!off.size || !read) return text;
  const lines = text.split("\n");
  for (const { code, line, lines: many } of read.statements)
    if (off.has(code)) for (let at = line; at < line + many; at++) lines[at] = `#${lines[at] ?? ""}`;
  return lines.join("\n");
}

export const switchedOff = () => [...off].map((code) => /^assume\s+(\w+)\s*:/.exec(code)?.[1] ?? code.replace(/^assume\s+/, ""));

// ---------------------------------------------------------------- what is there
function list(kind, statements) {
  fill(byId(`${kind}-list`), statements.map((each) => {
    const code = each.code.replace(/^(assume|estimand)\s+/, "");
    const [name, body] = split(kind, code);
    const on = !off.has(each.code);
    const words = read.model?.estimands.find((estimand) => kind === "estimand" && estimand.name === name)?.words;
    return make("li", { class: on ? null : "off" },
      kind === "assumption"
        ? make("input", { type: "checkbox", checked: on, "aria-label": `Use ${name || body}`, onchange: (event) => { event.target.checked ? off.delete(each.code) : off.add(each.code); toggled(); showChoices(read); } })
        : make("span", {}),
      make("div", {}, make("span", { class: "words", text: words || name || "" }), words || name ? " " : "", make("code", { text: words && kind === "estimand" ? `${name} = ${body}` : body })),
      make("button", { type: "button", class: "quiet", text: "Remove", "aria-label": `Remove ${name || body}`, onclick: () => edit({ do: "remove_statement", line: each.line }) }));
  }));
}

function split(kind, code) {
  const found = kind === "assumption" ? /^(\w+)\s*:\s*([\s\S]*)$/.exec(code) : /^(\w+)\s*(?:"[^"]*"\s*)?=\s*([\s\S]*)$/.exec(code);
  return found ? [found[1], found[2].replace(/\s+/g, " ")] : ["", code.replace(/\s+/g, " ")];
}

// ---------------------------------------------------------------- what can be added
function form(kind) {
  const body = byId(`pick-${kind}`).querySelector(".body");
  if (!read?.model) return fill(body, make("p", { class: "say", text: "First the text must be one that can be read." }));
  const [, statement, templates] = KINDS.find(([each]) => each === kind);
  const variables = read.model.variables;
  const known = (name) => variables.find((each) => each.name === name);
  const state = picked[kind];
  const template = templates[state.place];
  const gaps = {};
  const offers = {};
  for (const { gap, label, options } of template.gaps) {
    const found = options(variables, gaps, known).map((each) => (Array.isArray(each) ? each : [each, each]));
    offers[gap] = { label, found };
    gaps[gap] = found.some(([value]) => value === state.gaps[gap]) ? state.gaps[gap] : found[0]?.[0];
  }
  const missing = Object.values(offers).find(({ found }) => !found.length)?.label;
  const again = () => form(kind);
  const refused = make("p", { class: "say failed", role: "alert" });
  const pieces = template.words.split(/\{(\w+)\}/).map((piece, place) => (place % 2
    ? choice(null, offers[piece].found, gaps[piece], (value) => { state.gaps[piece] = value; again(); }, { "aria-label": offers[piece].label })
    : piece));
  const codes = missing ? [] : template.code(gaps, known).map((code) => code.replace("{name}", freeName(template.name)));
  fill(body,
    make("div", { class: "row" }, choice(kind === "assumption" ? "Kind of assumption" : "Kind of effect", templates.map((each, place) => [String(place), each.short]), String(state.place), (value) => { state.place = Number(value); state.gaps = {}; again(); })),
    missing
      ? make("p", { class: "say", text: `The graph has no ${missing} for this yet: draw variables, and arrows from causes to effects.` })
      : [make("p", { class: "sentence" }, pieces, "."), make("p", { class: "preview", text: codes.join("\n") }),
        make("button", { type: "button", class: "main", text: kind === "assumption" ? "Assume this" : "Ask for this", id: `add-${statement}`, onclick: () => edit({ do: "add_statements", statements: codes }, (text) => { refused.textContent = text; }) }), refused]);
}

function freeName(name) {
  const used = new Set(read.statements.map((each) => each.name));
  if (!used.has(name)) return name;
  let at = 2;
  while (used.has(`${name}${at}`)) at++;
  return `${name}${at}`;
}
