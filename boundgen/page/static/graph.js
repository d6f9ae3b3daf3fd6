// The graph: drawn by mouse, touch or keys. Every change goes into the text; what is shown comes from there.

import { byId, draw, fill, make } from "./dom.js";
import { edit } from "./edits.js";
import { edges, frame, places } from "./layout.js";
import { heads, shape, strokes } from "./sketch.js";
import { change, model } from "./model.js";

const MODES = [["move", "Move", "Drag moves"], ["arrow", "→", "Drag draws an arrow (key A at a variable)"], ["share", "↔", "Drag draws a shared unmeasured cause (key C at a variable)"]];
const KEYS = "N new variable · at a variable: A arrow, C shared cause, R randomized, O observed, Enter its settings, arrow keys move it, Delete removes";

let graph = { variables: [], causes: null, observations: [] };
let marks = {};
let at = {};
let mode = "move";
let start = null;
let startKind = "arrow";
let chosen = null;
let dragged = null;
let wanted = null;
let svg;
let inspect = () => {};

export function startGraph(inspected) {
  inspect = inspected;
  svg = draw("svg", { role: "group", "aria-labelledby": "graph-title", "aria-describedby": "graph-hint" });
  byId("graph").append(svg);
  svg.addEventListener("pointerdown", down);
  svg.addEventListener("pointermove", moved);
  svg.addEventListener("pointerup", up);
  svg.addEventListener("pointercancel", () => { dragged = null; paint(); });
  svg.addEventListener("dblclick", (event) => { if (!nameAt(event)) addVariable(point(event)); });
  svg.addEventListener("keydown", pressed);
  byId("add-variable").addEventListener("click", () => addVariable());
  fill(byId("modes"), MODES.map(([value, text, title]) => make("button", {
    type: "button", role: "radio", "aria-checked": String(value === mode), title, "aria-label": title, text, id: `mode-${value}`,
    onclick: () => setMode(value),
    onkeydown: (event) => { if (["ArrowRight", "ArrowLeft"].includes(event.key)) nextMode(event.key === "ArrowRight" ? 1 : 2); },
  })));
  hint("");
}

function setMode(value) {
  mode = value;
  start = null;
  for (const [each] of MODES) byId(`mode-${each}`).setAttribute("aria-checked", String(each === value));
  hint("");
  paint();
}

function nextMode(step) {
  const place = MODES.findIndex(([value]) => value === mode);
  const [value] = MODES[(place + step) % MODES.length];
  setMode(value);
  byId(`mode-${value}`).focus();
}

export function hint(text) {
  byId("graph-hint").textContent = text || (start
    ? `From ${start}: go to the other variable and press Enter, or click it. Escape gives up.`
    : graph.variables.length ? KEYS : "");
}

// The graph of the text as it stands; the names of exposures and outcomes where the whole text can be read.
export function showGraph(found, read) {
  graph = found;
  marks = Object.fromEntries((read?.variables ?? []).map((each) => [each.name, each.marks]));
  if (start && !graph.variables.some((each) => each.name === start)) start = null;
  if (!graph.variables.some((each) => each.name === chosen?.name)) chosen = chosen?.edge ? chosen : null;
  paint();
  hint("");
  inspect(variable(chosen?.name), graph);
}

const variable = (name) => graph.variables.find((each) => each.name === name) ?? null;

// ---------------------------------------------------------------- drawing
function paint() {
  at = places(graph.variables, model().places);
  if (dragged?.kind === "move") at[dragged.name] = dragged.to;
  const lines = edges(graph, at);
  const focused = document.activeElement?.dataset?.key;
  const [x, y, width, height] = dragged?.frame ?? frame(at, lines);
  svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  fill(svg, heads("graph"), graph.variables.length ? lines.map(edge) : draw("text", { class: "empty", x: x + width / 2, y: y + height / 2, text: "Click twice for a variable" }), graph.variables.map(node), draftLine());
  if (focused) svg.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  if (wanted && svg.querySelector(`[data-key="${CSS.escape(wanted)}"]`)) {
    svg.querySelector(`[data-key="${CSS.escape(wanted)}"]`).focus();
    wanted = null;
  }
}

function edge(line) {
  const isShared = line.kind === "shared";
  const key = `${line.kind} ${line.start} ${line.end}`;
  const said = isShared ? `${line.start} and ${line.end} may share an unmeasured cause` : `arrow from ${line.start} to ${line.end}`;
  return draw("g", {
    class: `edge ${line.kind}${chosen?.edge === key ? " chosen" : ""}`, tabindex: 0, role: "button", "data-key": key,
    "data-start": line.start, "data-end": line.end, "data-kind": line.kind, "aria-label": `${said}. Delete removes it.`,
  }, strokes(line, "graph"), draw("path", { class: "hit", d: line.path }));
}

function node(each) {
  const [x, y] = at[each.name];
  const kinds = ["node", each.observed || each.randomized ? "" : "latent", ...(marks[each.name] ?? []).filter((mark) => mark !== "latent"), each.name === start ? "start" : "", chosen?.name === each.name ? "chosen" : ""];
  return draw("g", {
    class: kinds.filter(Boolean).join(" "), transform: `translate(${x} ${y})`, tabindex: 0, role: "button",
    "data-key": `variable ${each.name}`, "data-name": each.name, "aria-label": described(each), "aria-pressed": String(chosen?.name === each.name),
  }, shape(each));
}

function described(each) {
  const children = graph.variables.filter((other) => other.parents.includes(each.name)).map((other) => other.name);
  return [
    `variable ${each.name}, values ${each.domain}`,
    each.randomized ? "randomized" : "",
    each.observed ? "observed" : "not observed",
    each.parents.length ? `affected by ${each.parents.join(", ")}` : "",
    children.length ? `affects ${children.join(", ")}` : "",
  ].filter(Boolean).join("; ");
}

function draftLine() {
  if (dragged?.kind !== "line") return null;
  const [x, y] = at[dragged.name];
  return draw("path", { class: "draft", d: `M${x} ${y}L${dragged.to[0]} ${dragged.to[1]}` });
}

// ---------------------------------------------------------------- mouse and touch
function point(event) {
  const found = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [Math.round(found.x), Math.round(found.y)];
}

function nameAt(event) {
  return document.elementsFromPoint(event.clientX, event.clientY).map((each) => each.closest?.(".node")?.dataset.name).find(Boolean) ?? null;
}

function down(event) {
  const name = nameAt(event);
  if (!name) {
    const line = event.target.closest(".edge");
    if (line) choose({ edge: line.dataset.key });
    else choose(null);
    return;
  }
  if (start) return;
  event.preventDefault();
  svg.setPointerCapture(event.pointerId);
  dragged = { kind: mode === "move" ? "move" : "line", name, from: point(event), to: mode === "move" ? at[name] : point(event), place: at[name], frame: svg.getAttribute("viewBox").split(" ").map(Number) };
}

function moved(event) {
  if (!dragged) return;
  const to = point(event);
  dragged.far ||= Math.hypot(to[0] - dragged.from[0], to[1] - dragged.from[1]) > 4;
  dragged.to = dragged.kind === "line" ? to : [dragged.place[0] + to[0] - dragged.from[0], dragged.place[1] + to[1] - dragged.from[1]];
  paint();
}

function up(event) {
  const name = nameAt(event);
  const done = dragged;
  dragged = null;
  if (start && name) return finish(name);
  if (!done) return;
  if (!done.far) {
    if (done.kind === "line") begin(done.name, mode);
    else choose({ name: done.name });
  } else if (done.kind === "move") {
    change({ places: { ...model().places, ...at, [done.name]: done.to } });
    paint();
  } else if (name && name !== done.name) {
    join(mode, done.name, name);
  } else paint();
}

// ---------------------------------------------------------------- keys
function pressed(event) {
  const on = event.target.closest("[data-key]");
  const name = on?.dataset.name;
  const shift = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const acts = {
    n: () => addVariable(),
    Escape: () => { start = null; choose(null); hint(""); },
    Delete: () => remove(on),
    Backspace: () => remove(on),
    ...(name && {
      a: () => begin(name, "arrow"),
      c: () => begin(name, "share"),
      r: () => edit({ do: "randomize", name, on: !variable(name).randomized }, hint),
      o: () => edit({ do: "observe_variable", name, on: !variable(name).observed }, hint),
      Enter: () => (start ? finish(name) : settings(name)),
      " ": () => (start ? finish(name) : settings(name)),
    }),
  };
  const act = shift && name ? () => change({ places: { ...model().places, ...at, [name]: [at[name][0] + shift[0], at[name][1] + shift[1]] } }, { merge: true }) : acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
  if (shift) paint();
}

function settings(name) {
  choose({ name });
  byId("inspector").querySelector("input")?.focus();
}

function choose(what) {
  chosen = what;
  paint();
  inspect(variable(what?.name), graph);
}

function begin(name, kind) {
  start = name;
  wanted = null;
  startKind = kind;
  hint("");
  paint();
}

function finish(name) {
  const from = start;
  start = null;
  if (name !== from) join(startKind, from, name);
  else hint("");
  paint();
}

async function join(kind, from, to) {
  if (kind === "arrow") await edit({ do: "add_arrow", start: from, end: to }, hint);
  else if (graph.causes === null) {
    const both = [from, to].every((name) => !variable(name).randomized);
    hint(both ? "They may share a cause already: nothing is said of unmeasured causes, so all that are not randomized may. Below, choose “only those that are drawn”." : "A randomized variable shares no cause.");
  } else await edit({ do: "share", names: [from, to] }, hint);
}

function remove(on) {
  if (!on) return;
  const { name, kind, start: from, end: to } = on.dataset;
  if (name) edit({ do: "remove_variable", name }, hint);
  else if (kind === "effect") edit({ do: "remove_arrow", start: from, end: to }, hint);
  else if (graph.causes === null) hint("All variables that are not randomized may share causes. Below, choose “only those that are drawn” to say which.");
  else edit({ do: "unshare", names: [from, to] }, hint);
}

// A variable with the first free letter; its name is asked for at once.
async function addVariable(place = null) {
  const used = new Set(graph.variables.map((each) => each.name));
  const name = [..."XYZWVABCDFGHKLMRST"].find((each) => !used.has(each)) ?? `V${used.size + 1}`;
  chosen = { name };
  wanted = `variable ${name}`;
  if (await edit({ do: "add_variable", name }, hint, place ? { ...at, [name]: place } : null)) settingsSoon = name;
}

let settingsSoon = null;
export const newVariable = () => { const name = settingsSoon; settingsSoon = null; return name; };

export const drawing = () => svg;
