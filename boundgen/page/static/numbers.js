// Numbers: a file of data, which column is which variable, bounds, intervals, and a slider for each parameter.

import { derivation, markActive, seconds, title } from "./answer.js";
import { ask, Overtaken } from "./ask.js";
import { termLatex } from "./bounds.js";
import { curve, intervals } from "./charts.js";
import { byId, bytes, choice, download, fill, make, math, number, plainly } from "./dom.js";
import { textWithout } from "./choose.js";
import { model } from "./model.js";

const STEPS = 40;
const BAND_STEPS = 16;
const MOST_CELLS = 200;
const MOST_FILES = 8;
const MOST_NAMES = 30;
// Of a polynomial program that is solved.
const CLOSED_GAP = 5e-6;
const TEXT_ENDING = /\.(csv|tsv|txt|tab|dat)$/i;

// Each file with its columns, and which of them is which variable.
let files = [];
let reading = null;
let values = {};
let varied = null;
const open = { counts: false };
let points = [];
// Intervals; null until they are there.
let band = null;
let found = null;
let shelves = { data: [] };
let options = { counts: "", drop_missing: false, where: "", recode: "", level: 0.95 };

export function startNumbers(found) {
  shelves = found;
  layout();
}

// Where things stand: the file above, then what is chosen, then the answer.
function layout() {
  const file = make("input", { type: "file", id: "data-file", accept: ".csv,.tsv,.txt,.xlsx,.dta,.parquet,.rds,.rda", multiple: true, onchange: () => { takeAll([...file.files]); file.value = ""; } });
  const drop = make("div", { class: "drop", id: "drop" },
    make("p", {}, "Drop a file of data here: one row for each unit, or counts. It is read on this machine, by boundgen, and goes nowhere else."),
    make("div", { class: "row" }, make("label", { class: "button" }, "Choose a file", file),
      choice("or data that come with boundgen", [["", "…"], ...shelves.data.map((each) => [each.name, `${each.name}: ${each.title}`])], "", (name) => name && use({ shipped: name }))));
  for (const name of ["dragover", "dragenter"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); takeAll([...event.dataTransfer.files]); });
  fill(byId("numbers-body"), drop, make("div", { id: "mapping" }), make("div", { id: "sliders" }), make("p", { id: "data-said", class: "say", role: "status" }), make("div", { id: "at-data" }));
}

// Files in their order, each for a source of data; several at once are all that there are.
async function takeAll(chosen) {
  if (chosen.length > 1) files = [];
  for (const file of chosen.slice(0, MOST_FILES)) await take(file);
}

async function take(file) {
  if (file.size > 20e6) return said("The file is larger than 20 MB. Use the command line for such files.");
  if (TEXT_ENDING.test(file.name)) return use({ name: file.name, text: await file.text() });
  const bytes = new Uint8Array(await file.arrayBuffer());
  let signs = "";
  for (let at = 0; at < bytes.length; at += 8192) signs += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return use({ name: file.name, base64: btoa(signs) });
}

// One file for all sources of data, or one for each; one more than there are sources begins anew.
async function use(source) {
  said(`Reading ${called({ source })} \u2026`);
  const answer = await ask("columns", { data: [source] }).catch((error) => { if (!(error instanceof Overtaken)) throw error; });
  if (!answer) return;
  const columns = answer.answer?.columns ?? [];
  said(plain(answer.complaint || answer.answer?.error || "", [{ source }]));
  if (!columns.length) return;
  byId("at-data").classList.add("stale");
  files = files.length < sources() ? [...files, { source, columns, map: {} }] : [{ source, columns, map: {} }];
  showMapping();
  evaluate();
}

const sources = () => reading?.graph.observations.length ?? 1;

const said = (text) => { byId("data-said").textContent = text; };

// The model has changed: its variables and parameters, and what the data say of them.
export function showNumbers(read) {
  reading = read;
  if (!read.model) return;
  for (const each of read.model.parameters) {
    const [low, high] = range(each);
    values[each.name] = Math.min(Math.max(values[each.name] ?? low + (high - low) / 10, low), high);
  }
  if (!read.model.parameters.some((each) => each.name === varied)) varied = read.model.parameters[0]?.name ?? null;
  if (files.length > Math.max(1, sources())) files = files.slice(0, 1);
  if (files.length) { showMapping(); evaluate(); }
}

const range = ({ low, high }) => { const from = fraction(low, 0); return [from, fraction(high, from + 1)]; };
const fraction = (text, other = 0) => { if (text === null) return other; const [top, under = "1"] = text.split("/"); return Number(top) / Number(under); };

// ---------------------------------------------------------------- which column is which variable
function showMapping() {
  if (!files.length || !reading?.model) return fill(byId("mapping"));
  const names = files[0].columns.map((each) => each.name);
  const changed = (doing) => (value) => { doing(value); evaluate(); };
  fill(byId("mapping"),
    files.map((file, place) => [
      make("p", { class: "say" }, make("b", { text: `${files.length > 1 ? `Source ${place + 1}: ` : ""}${called(file)}` }), `, with the columns ${listed(file.columns.map((each) => each.name))}`),
      make("div", { class: "row" }, seenIn(place).map((name) => choice(`${name} is`, [["", "…"], ...file.columns.map((each) => each.name)], guess(file, name), changed((value) => { file.map[name] = value; }), { id: files.length > 1 ? `column-${place + 1}-${name}` : `column-${name}` }))),
    ]),
    sources() > files.length ? make("p", { class: "say", text: `This model has ${sources()} sources of data. One file with all columns serves all of them; or drop the file of source ${files.length + 1}.` }) : null,
    make("button", { type: "button", class: "quiet", id: "no-data", text: files.length > 1 ? "Put these data away" : "Put the data away", onclick: putAway }),
    make("details", {}, make("summary", { text: "More about the data" }), make("div", { class: "row" },
      choice("Counts in column", [["", "told by its name"], ...names], options.counts, changed((value) => { options.counts = value; })),
      make("label", {}, "Only rows where", make("input", { value: options.where, placeholder: "age>=18; 1: wave=0", onchange: (event) => { options.where = event.target.value.trim(); evaluate(); } })),
      make("label", {}, "Recode", make("input", { value: options.recode, placeholder: "Y=cut(3)", onchange: (event) => { options.recode = event.target.value.trim(); evaluate(); } })),
      choice("Level of intervals", ["0.9", "0.95", "0.99"], String(options.level), changed((value) => { options.level = Number(value); })),
      make("label", { class: "check" }, make("input", { type: "checkbox", checked: options.drop_missing, onchange: (event) => { options.drop_missing = event.target.checked; evaluate(); } }), "leave out rows that miss a value"))));
}

function putAway() {
  files = [];
  points = [];
  for (const id of ["mapping", "sliders", "at-data"]) fill(byId(id));
  said("");
  markActive({});
  byId("data-file").focus();
}

const listed = (names) => (names.length > MOST_NAMES ? `${names.slice(0, MOST_NAMES).join(", ")} and ${names.length - MOST_NAMES} more` : names.join(", "));

const called = ({ source }) => source.name ?? source.shipped;

// The variables of a file: of all sources where there is one file, else of its own.
function seenIn(place) {
  const observation = reading.graph.observations[place];
  const own = observation && [...observation.outcomes, ...observation.given, ...observation.interventions].map((item) => item.split("=")[0]);
  return reading.model.variables.filter((each) => !each.marks.includes("latent") && (files.length === 1 || own?.includes(each.name))).map((each) => each.name);
}

function guess({ columns, map }, name) {
  const names = columns.map((each) => each.name);
  return map[name] ?? names.find((each) => each === name) ?? names.find((each) => each.toLowerCase() === name.toLowerCase()) ?? "";
}

function pairs(file, place) {
  const found = seenIn(place).map((name) => [name, guess(file, name)]).filter(([name, column]) => column && column !== name).map(([name, column]) => `${name}=${quoted(column)}`);
  return files.length > 1 && found.length ? [`${place + 1}: ${found.join(",")}`] : found;
}

function fields() {
  return {
    model: textWithout(model().text), data: files.map((each) => each.source), map: files.flatMap(pairs), counts: options.counts, drop_missing: options.drop_missing,
    where: options.where.split(";").map((each) => each.trim()).filter(Boolean), recode: options.recode ? [options.recode] : [], level: options.level, time_limit: seconds(),
  };
}

const quoted = (name) => (/[,='"]/.test(name) ? `'${name.replaceAll("'", "''")}'` : name);

// The values of parameters: a grid of the one that is varied, the others where their sliders stand.
function grid(steps, here = false) {
  return reading.model.parameters.map((each) => {
    if (each.name !== varied) return `${each.name}=${short(values[each.name])}`;
    const [low, high] = range(each);
    const on = Array.from({ length: steps + 1 }, (_, step) => low + ((high - low) * step) / steps);
    return `${each.name}=${[...new Set([...on, ...(here ? [values[varied]] : [])].sort((one, other) => one - other).map(short))].join(",")}`;
  });
}

const short = (value) => String(Number(value.toFixed(6)));

// ---------------------------------------------------------------- at the data
async function evaluate() {
  if (!files.length || !reading?.model?.estimands.length) return;
  const missing = files.flatMap((file, place) => (file.columns.some((each) => each.name === "cell") ? [] : seenIn(place).filter((name) => !guess(file, name))));
  if (missing.length) return said(`Say which column is ${missing.join(", ")}.`);
  const broken = files.flatMap((file, place) => seenIn(place).map((name) => guess(file, name))).find((name) => /[\x00-\x1f]/.test(name));
  if (broken) return said(`The name of the column \u201c${broken.replace(/\s+/g, " ")}\u201d has a line break or another sign that cannot be written: rename it in the file.`);
  said("Reading the data \u2026");
  try {
    const answer = await ask("evaluate", { ...fields(), at: grid(STEPS) });
    if (!answer.answer) {
      points = [];
      fill(byId("at-data"));
      fill(byId("sliders"));
      return said(plain(answer.complaint));
    }
    found = answer.answer;
    points = found.evaluations;
    band = null;
    showSliders();
    showAtData();
    await estimate();
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
}

// Intervals take longer: at fewer values of the parameter, and where the slider stands.
async function estimate() {
  const estimated = await ask("estimate", { ...fields(), at: grid(BAND_STEPS, true) }, { heard: ({ what }) => said(`Intervals: ${what} \u2026`) });
  band = estimated.answer?.estimates ?? [];
  said(estimated.answer ? notes(estimated.answer) : `No intervals: ${plain(estimated.complaint).split("\n")[0]}`);
  showAtData();
}

async function settled() {
  try {
    await estimate();
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
}

// A complaint of the command line about files, by the names that they have here, on one line.
const plain = (text, named = files) => plainly(text).replace(/([^.?!:;])\n\s*/g, "$1. ").replace(/\n\s*/g, " ").replace(/data(\d)\.\w+/g, (all, place) => (named[place - 1] ? called(named[place - 1]) : all)).trim();
const notes = (found) => [`${found.n} units`, ...found.notes].join("; ");

function showSliders() {
  fill(byId("sliders"), reading.model.parameters.map((each) => {
    const [low, high] = range(each);
    const shown = make("output", { text: number(values[each.name], 3) });
    return make("div", { class: "slide" }, make("label", { for: `slide-${each.name}`, text: greek(each.name) }),
      make("input", { type: "range", id: `slide-${each.name}`, min: String(low), max: String(high), step: String((high - low) / STEPS), value: String(values[each.name]),
        oninput: (event) => slide(each.name, Number(event.target.value), shown), onchange: settled }), shown);
  }));
}

// Along the parameter that is varied all values are there already.
function slide(name, value, shown) {
  values[name] = value;
  shown.textContent = number(value, 3);
  if (name === varied) return showAtData();
  varied = name;
  evaluate();
}

const nearest = (list, estimand) => list.filter((each) => each.estimand === estimand).reduce((best, each) => {
  const far = (one) => Math.abs((one?.parameters[varied] ?? 0) - (values[varied] ?? 0));
  return best === null || far(each) < far(best) ? each : best;
}, null);

// The interval where the slider stands, once it is there.
function interval(estimand) {
  const own = (band ?? []).filter((each) => each.estimand === estimand && each.parameter_interval);
  return own.find((each) => !varied || Math.abs(each.parameters[varied] - values[varied]) < 1e-6) ?? null;
}

function showAtData() {
  byId("at-data").classList.remove("stale");
  const names = [...new Set(points.map((each) => each.estimand))];
  const rows = names.map((name) => ({ name, at: nearest(points, name), estimate: interval(name) }));
  markActive(Object.fromEntries(rows.map((each) => [each.name, each.at?.active ?? {}])));
  const picture = intervals(rows.map((each) => ({ name: title(each.name), bounds: [each.at.lower, each.at.upper].map(finite), interval: each.estimate?.parameter_interval })));
  fill(byId("at-data"),
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Bounds at the data" }, make("table", { class: "data", id: "bounds-table" },
      make("thead", {}, make("tr", {}, ["", "lower", "upper", `${Math.round(100 * options.level)}% interval of the effect`].map((text, place) => make("th", { scope: "col", class: place ? "number" : null, text })))),
      make("tbody", {}, rows.map((each) => make("tr", { "data-estimand": each.name }, make("th", { scope: "row", text: title(each.name) }), [each.at.lower, each.at.upper].map((value) => make("td", { class: "number", text: number(finite(value)) })),
        make("td", { class: "number", text: each.estimate ? `[${each.estimate.parameter_interval.map((end) => number(end)).join(", ")}]` : band === null ? "\u2026" : "none" })))))),
    ways(rows), implied(rows), counts(),
    picture ? make("figure", { class: "plot" }, picture, make("figcaption", { text: "Thick: bounds at the shares in the data, without sampling error. Thin: interval of the effect." })) : null,
    varied ? make("div", { class: "curves" }, names.map(drawnCurve)) : null,
    make("div", { class: "row" }, ...[["svg", "Picture (SVG)"], ["pdf", "Picture (PDF)"]].map(([kind, text]) => make("button", { type: "button", text, onclick: () => save(kind) })),
      make("button", { type: "button", text: "Table (CSV)", onclick: () => save("csv") })));
}

// How the bounds were found.
const WAYS = {
  "closed form": "by the closed form above",
  "linear program": "by the linear program of these data, solved in rational numbers: there is no closed form",
  "polynomial program": "by a polynomial program of these data, numerically: there is no closed form, and the sharp bounds are inside of these ends, at most 2 millionths away",
};

function ways(rows) {
  const used = [...new Set(rows.map((each) => each.at.method))];
  const named = (way) => (used.length > 1 ? `${rows.filter((each) => each.at.method === way).map((each) => title(each.name)).join(", ")} ` : "Evaluated ");
  const open = rows.filter((each) => "gap" in each.at && !(each.at.gap !== null && each.at.gap <= CLOSED_GAP)).map((each) => `${title(each.name)}: time ended before the program was solved; the sharp bounds may lie ${each.at.gap === null ? "an unknown distance" : each.at.gap.toPrecision(2)} inside. Give it more, under Take away.`);
  return [make("p", { class: "say", id: "ways", text: `${used.map((way) => `${named(way)}${WAYS[way] ?? way}`).join("; ")}.` }), open.map((text) => make("p", { class: "failed", text }))];
}

// Testable implications and independences at the data.
function implied(rows) {
  const failing = new Map(rows.flatMap((each) => each.at.violations ?? []).map((each) => [JSON.stringify(each.condition), each]));
  const apart = found.independences ?? [];
  const nothing = rows.some((each) => each.at.violations) ? "No testable implication fails at these shares." : "Testable implications were not derived.";
  return [
    failing.size ? make("div", { class: "failed" }, make("p", { text: "The data break a testable implication, so that some assumption does not hold, or these are accidents of the sample:" }),
      make("ul", {}, [...failing.values()].map((each) => make("li", {}, written(each.condition), ` fails by ${number(each.amount)}`)))) : apart.length ? null : make("p", { class: "say", text: nothing }),
    apart.length ? make("div", { class: "say" }, make("p", { text: "The model says that these are equal; how far the data are from it:" }), make("ul", {}, apart.map((each) => make("li", { text: `${each.equation}: ${number(each.distance)}` })))) : null,
  ];
}

const written = (condition) => (condition.coefficients ? math(`${termLatex(condition, derivation()?.names ?? {})} \\geq 0`) : JSON.stringify(condition));

// What stands in each cell: units where each counts as one, and shares.
function counts() {
  const { arms = [], sources: read = [] } = found.data ?? {};
  const whole = read.every((each) => each.kind === "micro-data" || each.kind === "cell counts");
  const rows = arms.flatMap((arm) => [
    ...Object.entries(arm.shares).map(([name, share]) => [name, whole && arm.units !== null ? String(Math.round(arm.units * fraction(share))) : "", number(fraction(share))]),
    ...Object.entries(arm.means ?? {}).map(([name, mean]) => [name, "", number(fraction(mean))]),
  ]);
  const used = read.map((each) => (each.used === null ? each.kind : `${each.used}${each.used === each.units ? "" : ` of ${each.units}`} units`)).join("; ");
  return make("details", { id: "counts", open: open.counts, ontoggle: (event) => { open.counts = event.target.open; } }, make("summary", { text: `Counts and shares: ${used}` }),
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Counts and shares" }, make("table", { class: "data" },
      make("thead", {}, make("tr", {}, ["cell", "units", "share"].map((text, place) => make("th", { scope: "col", class: place ? "number" : null, text })))),
      make("tbody", {}, rows.slice(0, MOST_CELLS).map(([name, ...values]) => make("tr", {}, make("th", { scope: "row", text: name }), values.map((text) => make("td", { class: "number", text }))))))),
    rows.length > MOST_CELLS ? make("p", { class: "say", text: `and ${rows.length - MOST_CELLS} more` }) : null,
    read.flatMap((each) => each.notes).map((text) => make("p", { class: "say", text })));
}

const GREEK = { alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", theta: "θ", lambda: "λ", rho: "ρ", tau: "τ", pi: "π" };
const greek = (name) => GREEK[name] ?? name;

const finite = (value) => (typeof value === "string" ? Number(value.replace("inf", "Infinity")) : value);

function drawnCurve(name) {
  const own = points.filter((each) => each.estimand === name).map((each) => ({ at: each.parameters[varied], low: finite(each.lower), high: finite(each.upper) }));
  const around = (band ?? []).filter((each) => each.estimand === name && each.parameter_interval).map((each) => ({ at: each.parameters[varied], low: each.parameter_interval[0], high: each.parameter_interval[1] }));
  const picture = curve(greek(varied), own, around, values[varied], title(name));
  return picture ? make("figure", { class: "plot", "data-curve": name }, picture, make("figcaption", { text: `Bounds on ${title(name)} against ${greek(varied)}${around.length ? ", with the band of the intervals" : ""}.` })) : "";
}

async function save(kind) {
  const extra = kind === "csv" ? { format: "csv" } : { picture: kind };
  const found = await ask(band?.length ? "estimate" : "evaluate", { ...fields(), at: varied ? grid(BAND_STEPS) : [], ...extra }, { kind: "picture" });
  if (kind === "csv" && found.text) return download("bounds.csv", found.text, "text/csv");
  const file = found.files?.[`picture.${kind}`];
  if (!file) return said(plain(found.complaint));
  download(`bounds.${kind}`, bytes(file), kind === "svg" ? "image/svg+xml" : "application/pdf");
}

// Data that a door brings along.
export const bring = (name) => use({ shipped: name });
