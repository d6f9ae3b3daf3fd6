// Pictures of intervals and of bounds against a parameter; shared with the page without a server.

import { draw, number } from "./dom.js";

const WIDTH = 640;
const LEFT = 120;
// Of a curve: two stand side by side.
const NARROW = 440;
const BASE = 210;

function scale(low, high, from, to) {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

function ticks(low, high, many = 5) {
  const raw = (high - low || 1) / many;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * size).find((each) => each >= raw);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + 1e-9 * step; at += step) found.push(Math.abs(at) < step / 1e6 ? 0 : at);
  return { found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

const pad = (low, high) => [low - 0.05 * (high - low || 1), high + 0.05 * (high - low || 1)];

// A bar for each estimand: bounds thick, its interval thin. Rows have a name, bounds and perhaps an interval.
export function intervals(rows) {
  const numbers = rows.flatMap((each) => [...each.bounds, ...(each.interval ?? [])]).filter(Number.isFinite);
  if (!numbers.length) return null;
  const [low, high] = pad(Math.min(0, ...numbers), Math.max(0, ...numbers));
  const x = scale(low, high, LEFT, WIDTH - 20);
  const height = 34 * rows.length + 40;
  const { found, digits } = ticks(low, high);
  const said = rows.map((each) => `${each.name}: ${number(each.bounds[0])} to ${number(each.bounds[1])}`).join("; ");
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": `Bounds. ${said}` },
    draw("line", { class: "zero", x1: x(0), x2: x(0), y1: 6, y2: height - 30 }),
    draw("line", { class: "axis", x1: LEFT, x2: WIDTH - 20, y1: height - 28, y2: height - 28 }),
    found.map((at) => draw("text", { class: "soft", x: x(at), y: height - 10, "text-anchor": "middle", text: number(at, digits) })),
    rows.flatMap((each, place) => {
      const y = 22 + 34 * place;
      const ends = each.bounds.every(Number.isFinite) ? each.bounds.map(x) : null;
      return [
        draw("text", { x: LEFT - 14, y: y + 4, "text-anchor": "end", text: each.name }),
        each.interval?.every(Number.isFinite) ? draw("line", { class: "thin", x1: x(each.interval[0]), x2: x(each.interval[1]), y1: y, y2: y }) : null,
        ends ? draw("line", { class: "thick", x1: ends[0], x2: Math.max(ends[1], ends[0] + 3), y1: y, y2: y }) : null,
      ];
    }));
}

// Bounds against a parameter, with their band, and a line where the slider stands.
export function curve(name, points, band, at, label) {
  const numbers = [...points, ...band].flatMap((each) => [each.low, each.high]).filter(Number.isFinite);
  if (points.length < 2 || !numbers.length) return null;
  const [low, high] = pad(Math.min(0, ...numbers), Math.max(0, ...numbers));
  const x = scale(points[0].at, points.at(-1).at, 60, NARROW - 20);
  const y = scale(low, high, BASE, 12);
  const across = ticks(points[0].at, points.at(-1).at);
  const up = ticks(low, high);
  const line = (list, end) => list.filter((each) => Number.isFinite(each[end])).map((each, place) => `${place ? "L" : "M"}${x(each.at).toFixed(1)} ${y(each[end]).toFixed(1)}`).join("");
  const area = (list) => {
    const fine = list.filter((each) => Number.isFinite(each.low) && Number.isFinite(each.high));
    return fine.length > 1 ? `${line(fine, "low")}${line([...fine].reverse(), "high").replace("M", "L")}Z` : "";
  };
  return draw("svg", { viewBox: `0 0 ${NARROW} ${BASE + 50}`, role: "img", "aria-label": `Bounds on ${label} against ${name}` },
    draw("path", { class: "band", d: area(band) }), draw("path", { class: "between", d: area(points) }),
    draw("line", { class: "zero", x1: 60, x2: NARROW - 20, y1: y(0), y2: y(0) }),
    draw("line", { class: "axis", x1: 60, x2: NARROW - 20, y1: BASE, y2: BASE }),
    across.found.map((each) => draw("text", { class: "soft", x: x(each), y: BASE + 18, "text-anchor": "middle", text: number(each, across.digits) })),
    draw("text", { x: (NARROW + 40) / 2, y: BASE + 38, "text-anchor": "middle", text: name }),
    up.found.map((each) => draw("text", { class: "soft", x: 52, y: y(each) + 4, "text-anchor": "end", text: number(each, up.digits) })),
    draw("path", { class: "bounds", d: line(points, "low") }), draw("path", { class: "bounds", d: line(points, "high") }),
    at === null ? null : draw("line", { class: "cursor", x1: x(at), x2: x(at), y1: 8, y2: BASE }));
}
