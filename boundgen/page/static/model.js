// The model: its text, where variables are drawn, and what was before. Text and graph are two views of this one value.

import { put, taken } from "./storage.js";

// This tab's model, and the one that was changed last in any.
const PLACES = [["sessionStorage", "boundgen.model"], ["localStorage", "boundgen.last"]];
const MOST_STEPS = 300;
const MERGE_MS = 900;
const LARGEST_LINK = 4e6;

const listeners = new Set();
let now = { text: "", places: {} };
let past = [];
let future = [];
let changed = 0;

export const model = () => now;
export const listen = (heard) => listeners.add(heard);

// Another text, or other places. Typing within a moment is one step of undo.
export function change(next, { merge = false, quiet = false } = {}) {
  const wanted = { ...now, ...next };
  if (wanted.text === now.text && JSON.stringify(wanted.places) === JSON.stringify(now.places)) return;
  const soon = merge && Date.now() - changed < MERGE_MS;
  if (!soon) past = [...past, now].slice(-MOST_STEPS);
  changed = merge ? Date.now() : 0;
  future = [];
  now = wanted;
  tell(quiet);
}

// A model that is opened begins a new history, which undo leaves to the one before.
export function open(text, places = {}) {
  change({ text, places });
}

export function undo() {
  if (!past.length) return;
  future.push(now);
  now = past.pop();
  changed = 0;
  tell();
}

export function redo() {
  if (!future.length) return;
  past.push(now);
  now = future.pop();
  changed = 0;
  tell();
}

export const steps = () => ({ undo: past.length > 0, redo: future.length > 0 });

function tell(quiet = false) {
  keep();
  for (const heard of listeners) heard(now, quiet);
}

// ---------------------------------------------------------------- what outlives a reload
function keep() {
  const kept = JSON.stringify(now);
  for (const [kind, name] of PLACES) put(kind, name, kept);
}

// This tab's model; in a new tab the one that was changed last.
export function kept() {
  for (const [kind, name] of PLACES) {
    try {
      const found = JSON.parse(taken(kind, name));
      if (typeof found?.text === "string") return { text: found.text, places: placesOf(found.places) };
    } catch {
      continue;
    }
  }
  return null;
}

// ---------------------------------------------------------------- links
const pack = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const unpack = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

// What comes out of a stream, of which no more than so much is taken.
async function through(bytes, stream) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  for (let size = 0; ;) {
    const { value, done } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > LARGEST_LINK) throw new RangeError("a model of that size is none of ours");
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

// Where variables were drawn, as far as these are places.
const placesOf = (found) => Object.fromEntries(Object.entries(found ?? {}).filter(([, place]) => Array.isArray(place) && place.length === 2 && place.every(Number.isFinite)));

// A link that holds the model behind #, which browsers send to nobody.
export async function link() {
  const bytes = new TextEncoder().encode(JSON.stringify({ text: now.text, places: now.places }));
  const packed = await through(bytes, new CompressionStream("deflate-raw"));
  return `${location.href.split("#")[0]}#m=${pack(packed)}`;
}

// The model of the link by which this page was opened; null where there is none, or none that can be read.
export async function linked() {
  const packed = new URLSearchParams(location.hash.slice(1)).get("m");
  if (!packed) return null;
  try {
    const bytes = await through(unpack(packed), new DecompressionStream("deflate-raw"));
    const found = JSON.parse(new TextDecoder().decode(bytes));
    return typeof found.text === "string" && found.text.length < 1e6 ? { text: found.text, places: placesOf(found.places) } : null;
  } catch {
    return null;
  } finally {
    history.replaceState(null, "", location.pathname);
  }
}
