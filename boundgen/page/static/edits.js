// Drawing and picking change the text by the server, which makes the least change that says it.

import { ask } from "./ask.js";
import { change, model } from "./model.js";

let line = Promise.resolve();

// One change after the other, each of the text that the one before left; true where it was made.
export function edit(edits, complain = () => {}, places = null) {
  line = line.then(() => made([].concat(edits), complain, places)).catch(() => false);
  return line;
}

async function made(edits, complain, places) {
  let text = model().text;
  for (const each of edits) {
    const said = await ask("edit", { model: text, edit: each }, { kind: Symbol("edit") });
    if (said.complaint || said.answer.error) {
      complain(said.complaint || said.answer.error);
      return false;
    }
    text = said.answer.text;
    // A variable keeps its place under another name.
    if (each.do === "rename" && model().places[each.name]) places = { ...places, [each.to]: model().places[each.name] };
  }
  change({ text, places: { ...model().places, ...places } });
  complain("");
  return true;
}
