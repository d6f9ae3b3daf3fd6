// A published bound, typed or pasted: is it valid, is it sharp, and which few units break it?

import { seconds, title } from "./answer.js";
import { ask, Overtaken } from "./ask.js";
import { byId, choice, fill, make, plainly } from "./dom.js";
import { textWithout } from "./choose.js";
import { model } from "./model.js";

const WHERE = "as typed here";
const PEOPLE = 20;

let reading = null;
let estimand = null;
const typed = { lower: "", upper: "", latex: "" };

export function showClaims(read) {
  reading = read;
  if (!read.model?.estimands.length) return fill(byId("claim-body"), make("p", { class: "say", text: "Ask for an effect first." }));
  const names = read.model.estimands.map((each) => each.name);
  if (!names.includes(estimand)) estimand = names[0];
  if (byId("claim-form")?.dataset.names === names.join(" ") && byId("claim-form").dataset.own === String(read.model.claims)) return;
  const area = (part, label, text, rows = 2) => make("label", { class: "area" }, label, make("textarea", { class: "claim", id: `claim-${part}`, rows: String(rows), spellcheck: "false", placeholder: text, value: typed[part], oninput: (event) => { typed[part] = event.target.value; } }));
  fill(byId("claim-body"), make("div", { id: "claim-form", "data-names": names.join(" "), "data-own": String(read.model.claims) },
    make("p", { text: "Type a bound as the language has it, or paste the LaTeX of a paper. The verdict is exact." }),
    make("div", { class: "row" }, choice("About", names.map((name) => [name, title(name)]), estimand, (value) => { estimand = value; }, { class: "effects" })),
    area("lower", "Lower bound", "max(-P(Y=0, M=1 | A=1), ...)"), area("upper", "Upper bound", "min(...)"),
    make("div", { class: "row" }, make("button", { type: "button", class: "main", id: "check-claim", text: "Check it", onclick: check }),
      read.model.claims ? make("button", { type: "button", text: read.model.claims === 1 ? "Check the claim of the text" : `Check the ${read.model.claims} claims of the text`, onclick: () => verify(model().text, () => true) }) : null),
    make("details", {}, make("summary", { text: "Paste LaTeX" }), area("latex", "Displays of a paper", "\\max\\{-p_{01\\cdot 1}, ...\\} \\leq \\delta(1)"),
      make("button", { type: "button", id: "check-latex", text: "Read and check it", onclick: paste }))),
  make("div", { id: "verdicts", role: "status" }));
}

const oneLine = (text) => text.trim().replace(/\s+/g, " ");

function check() {
  const sides = ["lower", "upper"].filter((side) => typed[side].trim());
  if (!sides.length) return tell("Type a lower or an upper bound.");
  const claim = [`claim "${WHERE}" for ${estimand}`, ...sides.map((side) => `  ${side} ${oneLine(typed[side])}`)].join("\n");
  verify(`${textWithout(model().text).trimEnd()}\n\n${claim}\n`, (each) => each.where === WHERE);
}

async function paste() {
  const said = await ask("claims", { model: textWithout(model().text), latex: typed.latex, time_limit: seconds() });
  if (!said.text?.includes("claim ")) return tell(plainly(said.complaint) || said.text || "No bound was found in this LaTeX.");
  const before = new Set(reading.statements.filter((each) => each.kind === "claim").map((each) => each.code));
  verify(`${textWithout(model().text).trimEnd()}\n\n${said.text}\n`, (each) => ![...before].some((code) => code.includes(`"${each.where}"`)));
}

async function verify(text, wanted) {
  tell("\u2026");
  try {
    const said = await ask("verify", { model: text, time_limit: seconds() });
    if (!said.answer) return tell(plainly(said.complaint).replace(/^line \d+: /, ""));
    fill(byId("verdicts"), said.answer.claims.filter(wanted).map(verdict), (said.answer.unanswered ?? []).map((each) => make("p", { text: `${each.name}: ${each.reason}` })));
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
}

const tell = (text) => fill(byId("verdicts"), make("p", { class: "verdict", text }));

const MEANS = {
  sharp: "Sharp: no better bound follows from the model and the data.",
  valid: "Valid, but not sharp: it holds, and a better one follows.",
  invalid: "Invalid: units that meet every assumption lie beyond it.",
};

function verdict(claim) {
  const { witness } = claim;
  return make("div", { class: `verdict ${claim.verdict}`, "data-verdict": claim.verdict },
    make("p", {}, make("strong", { text: MEANS[claim.verdict] ?? claim.verdict }), ` ${[claim.estimand && title(claim.estimand), claim.side && `${claim.side} bound`, claim.where === WHERE ? "" : claim.where].filter(Boolean).join(", ")}.`),
    witness ? shown(claim, witness) : null);
}

function shown(claim, witness) {
  const strata = Object.entries(witness.strata ?? {});
  const sentence = claim.verdict === "invalid"
    ? `Here ${claim.estimand ? title(claim.estimand) : "the condition"} is ${minus(witness.estimand)}, and the claim says ${claim.side === "lower" ? "at least" : "at most"} ${minus(witness.claimed)}:`
    : `At these shares the claim gives ${minus(witness.claimed)}, and the sharp bound is ${minus(witness.sharp)}:`;
  const cells = Object.entries(witness.cells).map(([name, value]) => `${name} = ${value}`).join(", ");
  const parameters = Object.entries(witness.parameters ?? {}).map(([name, value]) => `${name} = ${value}`).join(", ");
  return make("div", {}, witness.claimed === undefined || witness.claimed === null ? null : make("p", { text: sentence }),
    strata.length ? make("div", { class: "units" }, strata.map(([stratum, share]) => unit(stratum, share))) : null,
    make("p", { class: "say", text: [cells, parameters].filter(Boolean).join("; ") }));
}

const minus = (value) => String(value).replace("-", "\u2212");

// One kind of unit: how many of a few people are so, and what each of them would do.
function unit(stratum, share) {
  const [top, under = "1"] = share.split("/").map(Number);
  const many = Math.round((PEOPLE * top) / under);
  return make("div", { class: "unit" }, make("div", { class: "people", "aria-hidden": "true" }, Array.from({ length: PEOPLE }, (_, at) => make("i", { class: at < many ? null : "none" }))),
    make("span", { class: "share", text: share === "1" ? "every unit" : `${share} of the units` }), stratum.split(/, (?=[A-Za-z_]\w*\()/).map((each) => make("span", { text: each })));
}
