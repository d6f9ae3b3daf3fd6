// The text of the model: words in colour, errors underlined at their place, completion.

import { ask, Overtaken } from "./ask.js";
import { byId, fill, make } from "./dom.js";
import { change, listen } from "./model.js";

const STATEMENT = /^(model|source|variable|confounded|unconfounded|observe|parameter|define|assume|estimand|claim)\b/;
const INSIDE = /\b(in|randomized|for all|and|or|not|if|lower|upper|expect|holds|sharp|valid|invalid)\b/g;
const AT_REST_MS = 70;

let text, backdrop, list;
let errors = [];
let offered = [];
let chosen = -1;
let waiting;

export function startEditor() {
  text = make("textarea", {
    id: "text", spellcheck: false, autocapitalize: "off", autocomplete: "off", wrap: "soft",
    "aria-describedby": "errors", "aria-autocomplete": "list", oninput: typed, onkeydown: pressed, onblur: () => offer([]),
  });
  text.spellcheck = false;
  backdrop = make("pre", { "aria-hidden": "true" });
  list = make("ul", { class: "completions", id: "completions", role: "listbox", "aria-label": "Completions", hidden: true });
  fill(byId("editor"), backdrop, text, list);
  listen(({ text: now }) => {
    if (text.value !== now) {
      const at = text.selectionStart;
      text.value = now;
      text.setSelectionRange(at, at);
      offer([]);
    }
    paint();
  });
}

function typed() {
  change({ text: text.value }, { merge: true });
  clearTimeout(waiting);
  waiting = setTimeout(complete, AT_REST_MS);
}

// What is wrong, with places in lines and characters from 0.
export function showErrors(found) {
  errors = found;
  text.setAttribute("aria-invalid", String(found.length > 0));
  fill(
    byId("errors"),
    found.map((error) =>
      make("button", { type: "button", text: `line ${error.line + 1}: ${error.message.replace(/^<text>: /, "")}`, onclick: () => goTo(error) })),
  );
  paint();
}

function goTo({ line, start, end }) {
  const before = text.value.split("\n").slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
  text.focus();
  text.setSelectionRange(before + start, before + end);
}

// ---------------------------------------------------------------- colour
function paint() {
  const lines = text.value.split("\n");
  fill(backdrop, lines.flatMap((line, place) => [...painted(line, errors.filter((error) => error.line === place)), "\n"]), " ");
}

function painted(line, wrong) {
  const kinds = new Array(line.length).fill("");
  const mark = (start, end, kind) => kinds.fill(kind, start, end);
  const first = STATEMENT.exec(line);
  if (first) mark(0, first[0].length, "word");
  for (const found of line.matchAll(INSIDE)) mark(found.index, found.index + found[0].length, "word");
  for (const found of line.matchAll(/"[^"]*"?|#.*/g)) mark(found.index, found.index + found[0].length, found[0][0] === "#" ? "note" : "quote");
  for (const { start, end } of wrong) for (let at = start; at < Math.min(end, line.length); at++) kinds[at] += " wrong";
  const parts = [];
  for (let at = 0; at < line.length; ) {
    let end = at;
    while (end < line.length && kinds[end] === kinds[at]) end++;
    const piece = line.slice(at, end);
    parts.push(kinds[at] ? make("span", { class: kinds[at].trim(), text: piece }) : piece);
    at = end;
  }
  if (wrong.some(({ start }) => start >= line.length)) parts.push(make("span", { class: "wrong", text: " " }));
  return parts;
}

// ---------------------------------------------------------------- completion
function caret() {
  const before = text.value.slice(0, text.selectionStart).split("\n");
  return { line: before.length - 1, column: before.at(-1).length, begun: /[A-Za-z_]?\w*$/.exec(before.at(-1))[0] };
}

async function complete(always = false) {
  const { line, column, begun } = caret();
  if (text.selectionStart !== text.selectionEnd || (!begun && !always)) return offer([]);
  try {
    const said = await ask("complete", { model: text.value, line, column }, { kind: "complete" });
    const now = caret();
    if (now.line === line && now.column === column) offer((said.answer ?? []).filter((each) => each.word !== begun));
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
}

function offer(words) {
  offered = words.slice(0, 40);
  chosen = -1;
  list.hidden = !offered.length || document.activeElement !== text;
  text.removeAttribute("aria-activedescendant");
  if (list.hidden) return;
  text.setAttribute("aria-controls", "completions");
  fill(list, offered.map((each, place) =>
    make("li", { role: "option", id: `completion-${place}`, "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); accept(place); } },
      each.word, make("span", { text: each.detail.split("\n")[0] }))));
  const at = placeOfCaret();
  list.style.left = `${Math.max(0, Math.min(at.left, byId("editor").clientWidth - 200))}px`;
  list.style.top = `${at.top}px`;
}

// Where the caret is, measured on the text that is drawn behind.
function placeOfCaret() {
  const range = document.createRange();
  let left = text.selectionStart;
  const walk = document.createTreeWalker(backdrop, NodeFilter.SHOW_TEXT);
  let node;
  while ((node = walk.nextNode()) && node.length < left) left -= node.length;
  range.setStart(node ?? backdrop, node ? left : 0);
  range.collapse(true);
  const around = byId("editor").getBoundingClientRect();
  const box = range.getBoundingClientRect();
  return { left: box.left - around.left, top: box.bottom - around.top + 3 };
}

function choose(place) {
  chosen = (place + offered.length) % offered.length;
  [...list.children].forEach((child, at) => child.setAttribute("aria-selected", String(at === chosen)));
  list.children[chosen].scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", `completion-${chosen}`);
}

function accept(place) {
  const { begun } = caret();
  const at = text.selectionStart;
  text.setRangeText(offered[place].word, at - begun.length, at, "end");
  offer([]);
  change({ text: text.value }, { merge: true });
}

function pressed(event) {
  if (event.key === " " && event.ctrlKey) {
    event.preventDefault();
    complete(true);
  } else if (!list.hidden) {
    const act = { ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen < 0 ? offered.length - 1 : chosen - 1), Escape: () => offer([]), Tab: () => accept(Math.max(chosen, 0)) };
    if (event.key === "Enter" && chosen >= 0) act.Enter = () => accept(chosen);
    if (act[event.key] && !(event.key === "Tab" && event.shiftKey)) {
      event.preventDefault();
      act[event.key]();
    }
  }
}
