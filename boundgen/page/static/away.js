// Take away: the model, its bounds as code or LaTeX, a proof, the graph, a link, a citation.

import { derivation, seconds } from "./answer.js";
import { ask } from "./ask.js";
import { byId, bytes, download, fill, make, plainly } from "./dom.js";
import { textWithout } from "./choose.js";
import { drawing } from "./graph.js";
import { link, model } from "./model.js";

let reading = null;
let version = "";

export const ofVersion = (found) => { version = found; };

export function showAway(read) {
  reading = read;
  if (byId("away-body").childElementCount) return;
  const button = ([text, act]) => make("button", { type: "button", text, onclick: () => act().catch((error) => say(error.message)) });
  fill(byId("away-body"), make("div", { class: "downloads" }, FORMS.map(button)), make("p", { class: "say", id: "away-said", role: "status" }),
    make("pre", { class: "shown", id: "away-text", tabindex: 0, hidden: true, "aria-label": "Text to copy" }),
    make("div", { class: "row" }, make("label", {}, "Time limit of one answer, seconds", make("input", { id: "time-limit", type: "number", min: "1", max: "3600", value: "60" }))));
}

const say = (text) => { byId("away-said").textContent = text; };
const name = () => reading?.model?.name ?? "model";

function show(text) {
  byId("away-text").hidden = false;
  byId("away-text").textContent = text;
}

async function copy(text, what) {
  show(text);
  try {
    await navigator.clipboard.writeText(text);
    say(`${what}: copied.`);
  } catch {
    say(`${what}: below, to be copied.`);
  }
}

// What the command line prints, as a file.
async function printed(question, fields, file) {
  const said = await ask(question, { model: textWithout(model().text), time_limit: seconds(), ...fields }, { kind: "away" });
  const text = said.text ?? (said.answer && JSON.stringify(said.answer, null, 1));
  if (!text || said.status === 2) return say(plainly(said.complaint) || "There is no answer.");
  download(file, text);
  say(`${file}: written.`);
}

async function code(target) {
  const said = await ask("generate", { model: textWithout(model().text), target, time_limit: seconds() }, { kind: "away" });
  const [found] = Object.entries(said.files ?? {});
  if (!found) return say(plainly(said.complaint) || "There is no closed form to be written.");
  download(found[0], found[1].text);
  say(`${found[0]}: written.`);
}

// The look of a picture on paper, whatever the page's is: for what each part of the drawing matches.
const LOOK = [
  [".shape", { fill: "#fff", stroke: "#1c1b19", "stroke-width": 1.3 }],
  [".latent .shape", { stroke: "#5a5750", "stroke-dasharray": "4 3" }],
  [".seen", { fill: "none", stroke: "#1c1b19", "stroke-width": 1.4 }],
  [".shared .seen", { stroke: "#5a5750", "stroke-width": 1.2, "stroke-dasharray": "5 4" }],
  ["marker path", { fill: "#1c1b19" }],
  ["marker.soft path", { fill: "#5a5750" }],
  ["text", { fill: "#1c1b19", "font-family": "Latin Modern Roman, CMU Serif, serif", "font-size": 15, "text-anchor": "middle", "dominant-baseline": "central" }],
  ["text.selected", { fill: "#5a5750", "font-size": 9 }],
];

// The graph as it stands on the page.
async function picture() {
  const copied = drawing().cloneNode(true);
  for (const each of copied.querySelectorAll(".hit, .draft, .empty")) each.remove();
  for (const [part, look] of LOOK)
    for (const each of copied.querySelectorAll(part)) for (const [name, value] of Object.entries(look)) each.setAttribute(name, value);
  for (const each of copied.querySelectorAll("*")) for (const name of ["tabindex", "role", "data-key", "aria-pressed", "aria-label"]) each.removeAttribute(name);
  for (const name of ["role", "aria-labelledby", "aria-describedby"]) copied.removeAttribute(name);
  copied.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  download(`${name()}.svg`, new XMLSerializer().serializeToString(copied), "image/svg+xml");
  say(`${name()}.svg: written.`);
}

async function pdf() {
  const said = await ask("draw", { model: model().text, format: "pdf" }, { kind: "away" });
  const found = said.files?.["graph.pdf"];
  if (!found) return say(plainly(said.complaint) || "There is no picture.");
  download(`${name()}.pdf`, bytes(found), "application/pdf");
  say(`${name()}.pdf: written.`);
}

const FORMS = [
  ["Model (.bounds)", async () => { download(`${name()}.bounds`, model().text); say(`${name()}.bounds: written.`); }],
  ["LaTeX", async () => { const found = derivation(); if (!found) return say("There are no bounds yet."); download(`${name()}.tex`, found.latex); copy(found.latex, "LaTeX"); }],
  ["Python", () => code("python")],
  ["R", () => code("r")],
  ["Stata", () => code("stata")],
  ["JavaScript", () => code("js")],
  ["Certificate", () => printed("certify", {}, `${name()}.certificate.json`)],
  ["JSON of the bounds", () => printed("derive", { format: "json" }, `${name()}.json`)],
  ["Graph as drawn (SVG)", picture],
  ["Graph (PDF)", pdf],
  ["dagitty", async () => { const said = await ask("export", { model: model().text, format: "dagitty" }, { kind: "away" }); said.text ? copy(said.text, "dagitty") : say(plainly(said.complaint)); }],
  ["Link with the model", async () => copy(await link(), "The link holds the model; no server keeps it")],
  ["Citation", () => copy(citation(), "Citation")],
];

function citation() {
  const found = reading?.model;
  const sources = found?.sources.length ? ` Model after ${found.sources.join("; ")}.` : "";
  return `Bounds on ${found?.estimands.map((each) => each.words || each.name).join("; ") || "effects"}, derived by boundgen ${version} from the model ${name()}.${sources}`;
}
