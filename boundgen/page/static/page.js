// The page: what is typed or drawn is read, and everything else follows from what was read.

import { answer, begin, startAnswer } from "./answer.js";
import { ask, Overtaken } from "./ask.js";
import { ofVersion, showAway } from "./away.js";
import { showBehind } from "./behind.js";
import { showChoices, startChoosing } from "./choose.js";
import { showClaims } from "./claims.js";
import { byId, plainly } from "./dom.js";
import { showErrors, startEditor } from "./editor.js";
import { newVariable, showGraph, startGraph } from "./graph.js";
import { inspect, showWorld } from "./inspector.js";
import { change, kept, linked, listen, model, open, redo, steps, undo } from "./model.js";
import { bring, showNumbers, startNumbers } from "./numbers.js";
import { fillShelf, startShelf } from "./shelf.js";
import { put, taken } from "./storage.js";

const AT_REST_MS = 40;

let reading = null;
let last = null;
let waiting;
// What the server was started with, as it is read.
let given = null;
let awaited = "begins" in document.documentElement.dataset;

function changed({ text }) {
  // Who empties the text goes on writing it.
  const away = text.trim() === "" && document.activeElement !== byId("text");
  byId("doors").hidden = !away || awaited;
  byId("sheet").hidden = away;
  byId("undo").disabled = !steps().undo;
  byId("redo").disabled = !steps().redo;
  if (text === last) return;
  last = text;
  clearTimeout(waiting);
  if (text.trim()) waiting = setTimeout(read, AT_REST_MS);
}

async function read() {
  const text = model().text;
  begin(text);
  if (given?.model === text) return show(given.reading);
  try {
    const said = await ask("read", { model: text });
    if (!said.answer) return void (byId("said").textContent = plainly(said.complaint));
    if (model().text !== text) return;
    show(said.answer);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
}

function show(found) {
  reading = found;
  showErrors(reading.errors);
  showGraph(reading.graph, reading.model);
  const added = newVariable();
  if (added) byId("inspector").querySelector("input")?.select();
  showWorld(reading.graph);
  showChoices(reading);
  follow();
}

// What follows from the model with the assumptions that are in use.
function follow() {
  answer(reading);
  if (!reading.model) return;
  showNumbers(reading);
  showClaims(reading);
  showBehind(reading);
  showAway(reading);
}

function keys(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  const inForm = event.target.matches?.("input, select, textarea:not(#text)");
  if (inForm || !["z", "y"].includes(key)) return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) redo();
  else undo();
}

async function openFile(file) {
  if (!file) return;
  tell("");
  if (file.size > 1e6) return tell("The file is larger than 1 MB, so not a model.");
  const text = await file.text();
  if (file.name.endsWith(".bounds") || /^\s*(#|model\b)/.test(text)) return open(text);
  const said = await ask("import", { graph: text });
  if (said.text) open(said.text);
  else tell(`${file.name}: ${plainly(said.complaint).replace(/^graph\.txt:\s*/, "")}`);
}

// What is said of a file, above the doors or above the bounds.
function tell(text) {
  for (const id of ["said", "doors-said"]) byId(id).textContent = text;
}

async function start() {
  startEditor();
  startGraph(inspect);
  startChoosing(follow);
  startAnswer();
  listen(changed);
  startShelf(bring);
  byId("undo").addEventListener("click", undo);
  byId("redo").addEventListener("click", redo);
  byId("new-model").addEventListener("click", () => open(""));
  byId("open-file").addEventListener("change", (event) => { openFile(event.target.files[0]); event.target.value = ""; });
  byId("format").addEventListener("click", layOut);
  document.addEventListener("keydown", keys);
  document.addEventListener("unkept", () => { byId("where").textContent = "The browser's storage is full: this model does not survive a reload. Save it to a file."; });
  const link = await linked();
  changed(model());
  // What stood here before a link was opened is one step back.
  for (const found of [kept(), link]) if (found?.text) open(found.text, found.places);
  const said = await ask("start");
  const begun = said.answer ?? { models: [], data: [], version: "" };
  given = begun.reading ? begun : null;
  if (said.complaint) byId("colophon").textContent = said.complaint;
  else byId("colophon").textContent = `boundgen ${begun.version}. Closed forms are exact, and each comes with its proof.`;
  ofVersion(begun.version);
  startNumbers(begun);
  fillShelf(begun);
  if (begun.model && !link && taken("sessionStorage", "boundgen.start") !== begun.model) open(begun.model);
  put("sessionStorage", "boundgen.start", begun.model ?? "");
  awaited = false;
  changed(model());
  document.documentElement.dataset.ready = "yes";
}

async function layOut() {
  const said = await ask("format", { model: model().text });
  if (said.answer?.text) change({ text: said.answer.text });
}

start();
