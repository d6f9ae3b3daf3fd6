// The catalogue with search, and three doors for who is new here.

import { ask } from "./ask.js";
import { byId, fill, make } from "./dom.js";
import { open } from "./model.js";
import { sketch } from "./sketch.js";

const drawn = (text) => ({ causes: null, variables: text.split("; ").map((part) => { const [name, ...parents] = part.split(" "); return { name: name.replace("!", ""), parents, randomized: name.endsWith("!"), observed: true }; }) });

// The guided first models, each with the data of a study.
const DOORS = [
  ["iv_ate", "jobs_take_up", drawn("Z!; X Z; Y X"), "I have an instrument", "Something random moved people towards a treatment, and not all went along: an invitation, a lottery, a distance."],
  ["mediation_mmr", "framing", drawn("A!; M A; Y A M"), "I have a mediator", "A treatment was randomized. How much of its effect goes through something in between?"],
  ["horowitz_manski_missing", "bursztyn_missing", drawn("X!; R X; Y X"), "My outcome is missing for some", "Who did not answer may depend on the treatment, and on the outcome itself."],
];

const EMPTY = { causes: [], variables: [{ name: "", parents: [], observed: false }, { name: " ", parents: [""], observed: false }] };

let models = [];

// What comes with boundgen, once the server has said it.
export function fillShelf(found) {
  models = found.models;
  byId("all-models").textContent = `Or open one of ${models.length} models of the literature`;
}

export function startShelf(bring) {
  const dialog = byId("shelf");
  byId("open-shelf").addEventListener("click", () => { show(""); byId("shelf-search").value = ""; dialog.showModal(); byId("shelf-search").focus(); });
  byId("all-models").addEventListener("click", () => byId("open-shelf").click());
  byId("shelf-search").addEventListener("input", (event) => show(event.target.value));
  fill(byId("door-list"), DOORS.map(([name, data, graph, title, words]) => make("li", {}, make("button", { type: "button", "data-model": name, onclick: async () => { await load(name); bring(data); } }, sketch(graph, `door-${name}`, ""), make("b", { text: title }), make("span", { text: words })))),
    make("li", {}, make("button", { type: "button", id: "empty", onclick: () => { open("model untitled\n"); document.getElementById("add-variable").focus(); } }, sketch(EMPTY, "door-empty", ""), make("b", { text: "An empty page" }), make("span", { text: "Draw variables and arrows, or type." }))));
}

async function load(name) {
  const said = await ask("shipped", { name });
  if (said.answer?.text) open(said.answer.text);
  byId("shelf").close();
}

function show(wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found = models.filter((each) => { const text = `${each.name} ${each.title} ${each.sources.join(" ")}`.toLowerCase(); return words.every((word) => text.includes(word)); });
  fill(byId("shelf-list"), found.map((each) => make("li", {}, make("button", { type: "button", onclick: () => load(each.name) },
    make("span", { text: each.title || each.name }), make("span", { class: "name", text: each.name }), make("span", { class: "from", text: each.sources[0] ?? "" })))),
  found.length ? null : make("li", { class: "say", text: "No model has all these words." }));
}
