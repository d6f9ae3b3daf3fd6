// Questions to the server: one at a time of each kind, the older one given up when a newer comes.

import { put, taken } from "./storage.js";

const running = new Map();
const TOKEN = "boundgen.token";

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  put("sessionStorage", TOKEN, given);
  history.replaceState(null, "", location.pathname);
}

export class Overtaken extends Error {}

// The answer to a question. `kind` says which older question this one overtakes; progress is told to `heard`.
export async function ask(question, fields = {}, { kind = question, heard = () => {} } = {}) {
  running.get(kind)?.abort();
  const control = new AbortController();
  running.set(kind, control);
  try {
    return await answered({ question, ...fields }, control.signal, heard);
  } catch (error) {
    if (error.name === "AbortError") throw new Overtaken(question);
    return { status: 0, lost: true, complaint: "The server does not answer. Is boundgen serve still running? Your model is kept here." };
  } finally {
    if (running.get(kind) === control) running.delete(kind);
  }
}

export function stop(kind) {
  running.get(kind)?.abort();
}

async function answered(document_, signal, heard) {
  const token = given ?? taken("sessionStorage", TOKEN);
  const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const response = await fetch("ask", { method: "POST", headers, body: JSON.stringify(document_), signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    rest += value;
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const said = JSON.parse(line);
      if (!("progress" in said)) return said;
      heard(said.progress);
    }
  }
  throw new Error("the answer has no end");
}
