// Bounds as mathematics: each term on a line of its own behind a brace, those that differ by relabelling folded.

import { draw, make, math, words } from "./dom.js";

// One side of a bound. `active` is the place of the term that gives it at data.
function side(name, relation, op, found, { folded = false, active = null } = {}) {
  const orbits = folded && found.orbits;
  const rows = orbits
    ? orbits.map((each) => ({ latex: each.latex, said: each.for, members: each.members }))
    : found.terms.map((latex, place) => ({ latex, said: "", members: [place] }));
  const lead = `${name} ${relation}`;
  if (rows.length === 1 && !rows[0].said) {
    const whole = found.over ? `\\frac{${rows[0].latex}}{${found.over}}` : rows[0].latex;
    return make("div", { class: "single", "data-terms": 1 }, math(`\\displaystyle ${lead} ${whole}`));
  }
  return make("div", { class: "side", "data-terms": found.terms.length },
    make("span", { class: "lead" }, math(`${lead} \\${op}`)), brace(),
    make("div", {}, make("ul", { class: "terms" }, rows.map((row) => make("li", { class: row.members.includes(active) ? "active" : null },
      math(row.latex), row.said ? make("span", { class: "for" }, words(row.said)) : null))),
    found.over ? make("div", { class: "over" }, math(found.over)) : null));
}

// Rows of fractions stand apart.
const roomy = (latex) => (latex.includes("\\frac") ? `\\def\\arraystretch{1.9}${latex}` : latex);

function brace() {
  return make("span", { class: "brace", "aria-hidden": "true" }, draw("svg", { viewBox: "0 0 10 100", preserveAspectRatio: "none" },
    draw("path", { d: "M9.5 0.7C6 0.7 5.5 3 5.5 8V42C5.5 47 4.5 49.5 0.8 50C4.5 50.5 5.5 53 5.5 58V92C5.5 97 6 99.3 9.5 99.3" })));
}

// An estimand with its bounds, and a switch where terms can be folded.
export function bound(estimand, { folded, toggle, active = {} }) {
  const heading = make("h3", {}, math(estimand.latex), estimand.words ? make("em", {}, ` — ${estimand.words}`) : null);
  const place = make("section", { class: "bound", "data-estimand": estimand.name }, heading,
    make("p", { class: "is" }, math(`${estimand.latex} = ${estimand.is}`)));
  if (estimand.identified) place.append(make("p", { class: "identified", text: "Identified: the data determine it." }));
  if (!estimand.lower) place.append(...estimand.display.map((latex) => make("div", { class: "single" }, math(roomy(latex), true))));
  else if (estimand.identified && estimand.lower.terms.length === 1 && estimand.upper.terms.length === 1)
    place.append(side(estimand.latex, "=", "max", estimand.lower));
  else {
    place.append(side(estimand.latex, "\\geq", "max", estimand.lower, { folded, active: active.lower ?? null }),
      side(estimand.latex, "\\leq", "min", estimand.upper, { folded, active: active.upper ?? null }));
    if (estimand.lower.orbits) place.append(folder(estimand, folded, toggle));
  }
  place.append(...estimand.notes.map((note) => make("p", { class: "is", text: note })));
  return place;
}

function folder(estimand, folded, toggle) {
  const all = estimand.lower.terms.length + estimand.upper.terms.length;
  const kinds = estimand.lower.orbits.length + estimand.upper.orbits.length;
  if (all === kinds) return "";
  return make("button", { type: "button", class: "quiet folding", "aria-pressed": String(folded), onclick: toggle,
    text: folded ? `Show all ${all} terms` : `Fold into ${kinds} kinds` });
}

// A linear function of the data as LaTeX, by the symbols of the derivation.
export function termLatex(term, names) {
  const parts = Object.entries(term.coefficients).map(([name, value]) => [value, names[name] ?? `\\text{${name.replace(/[\\{}$^_%&#~]/g, " ")}}`]);
  if (term.constant !== "0" || !parts.length) parts.push([term.constant, ""]);
  parts.sort(([one], [other]) => one.startsWith("-") - other.startsWith("-"));
  return parts.map(([value, symbol], place) => {
    const minus = value.startsWith("-");
    const size = value.replace("-", "");
    const written = size.includes("/") ? `\\tfrac{${size.split("/")[0]}}{${size.split("/")[1]}}` : size;
    return (minus ? (place ? " - " : "-") : place ? " + " : "") + (symbol && size === "1" ? "" : written) + symbol;
  }).join("");
}
