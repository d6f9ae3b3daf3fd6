// What is said of one variable, of unmeasured causes, and of sources of data: forms for what can be drawn too.

import { byId, choice, fill, make } from "./dom.js";
import { edit } from "./edits.js";
import { hint } from "./graph.js";

const field = (label, control) => make("label", {}, label, control);
const box = (label, checked, change) => make("label", { class: "check" }, make("input", { type: "checkbox", checked, onchange: (event) => change(event.target.checked) }), label);

let shown = "";

export function inspect(variable, graph) {
  const place = byId("inspector");
  const key = JSON.stringify([variable, graph.observations, graph.variables.map((each) => [each.name, each.parents])]);
  if (key === shown) return;
  shown = key;
  place.hidden = !variable;
  if (!variable) return fill(place);
  const { name } = variable;
  const entered = (doing) => ({ onchange: (event) => doing(event.target.value), onkeydown: (event) => { if (event.key === "Enter") event.target.blur(); } });
  const others = graph.variables.filter((each) => each.name !== name).map((each) => each.name);
  const targets = others.filter((other) => !graph.variables.find((each) => each.name === other).parents.includes(name));
  fill(place, make("div", { class: "row" },
    field("Name", make("input", { value: name, size: 8, autocomplete: "off", ...entered((to) => edit({ do: "rename", name, to: to.trim().replace(/\s+/g, "_") }, hint)) })),
    field("Values", make("input", { value: variable.domain, size: 10, autocomplete: "off", ...entered((domain) => edit({ do: "set_values", name, domain }, hint)) })),
    box("randomized", variable.randomized, (on) => edit({ do: "randomize", name, on }, hint)),
    box("observed", variable.observed, (on) => edit({ do: "observe_variable", name, on }, hint)),
    variable.observed && !variable.randomized ? field("Seen only where it is", make("input", { value: selection(name, graph), size: 6, placeholder: "any", autocomplete: "off", ...entered((value) => edit({ do: "select_on", name, value: value.trim() }, hint)) })) : null,
    targets.length ? choice("Arrow to", [["", "…"], ...targets], "", (end) => end && edit({ do: "add_arrow", start: name, end }, hint)) : null,
    make("button", { type: "button", text: `Remove ${name}`, onclick: () => edit({ do: "remove_variable", name }, hint) }),
  ));
}

// The value to which sources of data are confined; empty where they are not.
function selection(name, graph) {
  const items = graph.observations.flatMap((each) => [...each.outcomes, ...each.given]);
  return items.map((item) => item.split("=")).find(([each, value]) => each === name && value !== undefined)?.[1] ?? "";
}

export function showWorld(graph) {
  const drawn = graph.causes !== null;
  const causes = make("fieldset", { class: "row" },
    make("legend", { class: "say", text: "Which variables may share unmeasured causes?" }),
    ...[["any", "all that are not randomized", "any_causes"], ["drawn", "only those that are drawn (↔)", "drawn_causes"]].map(([value, text, doing]) =>
      make("label", { class: "check" }, make("input", { type: "radio", name: "causes", checked: drawn === (value === "drawn"), onchange: () => edit({ do: doing }, hint) }), text)));
  const sources = graph.observations.map((each, place) => source(each, place, graph));
  const first = graph.variables.find((each) => !each.randomized);
  fill(byId("world-body"), causes, make("p", { class: "say", text: "Sources of data: what is observed together, in which arms, and among whom." }), sources,
    first ? make("button", { type: "button", text: "Add a source of data", onclick: () => edit({ do: "set_observation", place: null, outcomes: [first.name], given: graph.variables.filter((each) => each.randomized).map((each) => each.name) }, hint) }) : null);
}

const ROLES = [["", "not in it"], ["outcomes", "observed"], ["given", "given (arm)"], ["interventions", "set by experiment"]];

// One source: a role for each variable, and the value where only some of its cells are seen.
function source(observation, place, graph) {
  const parts = Object.fromEntries(["outcomes", "given", "interventions"].map((part) => [part, observation[part].map((item) => item.split("="))]));
  const roleOf = (name) => ["outcomes", "given", "interventions"].find((part) => parts[part].some(([each]) => each === name)) ?? "";
  const valueOf = (name) => Object.values(parts).flat().find(([each]) => each === name)?.[1] ?? "";
  const set = (name, role, value) => {
    const next = Object.fromEntries(Object.entries(parts).map(([part, items]) => [part, items.filter(([each]) => each !== name).map((item) => item.join("="))]));
    if (role) next[role].push(value ? `${name}=${value}` : name);
    edit({ do: "set_observation", place, ...next }, hint);
  };
  return make("div", { class: "source-row" }, make("code", { text: observation.text }),
    make("div", { class: "grid-of-variables" }, graph.variables.flatMap(({ name }) => [
      make("span", { class: "say", text: name }),
      choice(null, ROLES, roleOf(name), (role) => set(name, role, valueOf(name)), { "aria-label": `${name} in source ${place + 1}` }),
      make("input", { value: valueOf(name), size: 4, placeholder: "any", "aria-label": `only where ${name} is`, disabled: !roleOf(name), onchange: (event) => set(name, roleOf(name), event.target.value.trim()) }),
    ])),
    make("button", { type: "button", class: "quiet", text: `Remove source ${place + 1}`, onclick: () => edit({ do: "remove_observation", place }, hint) }));
}
