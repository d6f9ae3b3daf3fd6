// The look of a graph: frames, arrows, and the whole of a small one. Shared with the page without a server.

import { draw } from "./dom.js";
import { edges, frame, half, places, RADIUS } from "./layout.js";

export function heads(owner) {
  const head = (kind) => draw("marker", { id: `${owner}-${kind}`, class: kind, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 8, markerHeight: 8, orient: "auto-start-reverse" }, draw("path", { d: "M0 1L10 5L0 9Z" }));
  return draw("defs", {}, head("hard"), head("soft"));
}

export function strokes(line, owner) {
  const head = `url(#${owner}-${line.kind === "shared" ? "soft" : "hard"})`;
  return draw("path", { class: "seen", d: line.path, "marker-end": head, ...(line.kind === "shared" ? { "marker-start": head } : {}) });
}

// What stands at the place of a variable: square where it is randomized.
export function shape(variable) {
  const wide = half(variable.name);
  const outline = variable.randomized
    ? draw("rect", { class: "shape", x: -wide, y: -RADIUS, width: 2 * wide, height: 2 * RADIUS })
    : draw("ellipse", { class: "shape", rx: wide, ry: RADIUS });
  return [outline, draw("text", { text: variable.name }), variable.selected ? draw("text", { class: "selected", y: RADIUS + 9, text: "selected" }) : null];
}

// A graph to be looked at.
export function sketch(graph, owner, said) {
  const at = places(graph.variables);
  const lines = edges(graph, at);
  return draw("svg", { viewBox: frame(at, lines, true).join(" "), ...(said ? { role: "img", "aria-label": said } : { "aria-hidden": "true" }) }, heads(owner),
    lines.map((line) => draw("g", { class: `edge ${line.kind}` }, strokes(line, owner))),
    graph.variables.map((each) => draw("g", { class: `node${each.observed || each.randomized ? "" : " latent"}`, transform: `translate(${at[each.name].join(" ")})` }, shape(each))));
}
