// Assumptions and estimands as sentences with gaps, and the statements that they stand for.

const ends = (variable) => [variable.values[0], variable.values.at(-1)];
const two = (variable) => variable.values.length === 2;

// Causes of a variable, near and far: what an intervention on may change it.
function causesOf(name, variables) {
  const known = new Map(variables.map((each) => [each.name, each]));
  const found = new Set();
  const walk = (each) => known.get(each)?.parents.forEach((parent) => { if (!found.has(parent)) { found.add(parent); walk(parent); } });
  walk(name);
  return variables.filter((each) => found.has(each.name)).map((each) => each.name);
}

// Direct causes first: of an instrument's outcome the treatment, not the instrument.
const directFirst = (y, variables) => {
  const direct = variables.find((each) => each.name === y)?.parents ?? [];
  return [...direct, ...causesOf(y, variables).filter((each) => !direct.includes(each))];
};

// Whether something randomized sways a variable around a cause, so that its effect is another one in each arm.
function isSwayed(y, x, variables) {
  const known = new Map(variables.map((each) => [each.name, each]));
  const around = (name) => name !== x && (known.get(name)?.randomized || known.get(name)?.parents.some(around));
  return known.get(y)?.parents.some(around) ?? false;
}

const withCauses = (variables) => variables.filter((each) => causesOf(each.name, variables).length && !each.bounded).map((each) => each.name);
const numericEffects = (variables) => variables.filter((each) => causesOf(each.name, variables).length && (each.numeric || each.bounded)).map((each) => each.name);
const between = (start, end, variables) => variables.filter((each) => causesOf(end, variables).includes(each.name) && causesOf(each.name, variables).includes(start)).map((each) => each.name);
const others = (name, cause, known) => known(name).parents.filter((each) => each !== cause);

function ordered(cause, known, write) {
  const variable = known(cause);
  if (two(variable)) return write(...ends(variable));
  const letter = cause.toLowerCase() === cause ? `${cause}_` : cause.toLowerCase();
  return `${write(`${letter}0`, `${letter}1`)} for all ${letter}1 > ${letter}0 in ${cause}`;
}

// A mean difference of the outcome between the ends of its cause.
const difference = (y, x, known, beside = "") => {
  const [low, high] = ends(known(x));
  return `${y}(${x}=${high}${beside}) - ${y}(${x}=${low}${beside})`;
};

const outcome = { gap: "y", label: "outcome", options: (variables) => numericEffects(variables).reverse() };
const any = { gap: "y", label: "variable", options: withCauses };
const cause = { gap: "x", label: "cause", options: (variables, { y }) => directFirst(y, variables).filter((x) => !isSwayed(y, x, variables)) };
const anyCause = { ...cause, options: (variables, { y }) => directFirst(y, variables) };
const groups = (variables, y) => variables.filter((each) => each.name !== y && !each.bounded).map((each) => each.name);

// Each has words with gaps in braces, and what they become.
export const ASSUMPTIONS = [
  {
    name: "monotone", words: "No one is {less} {y} with more {x}", short: "No one has less of … with more of …",
    gaps: [{ gap: "less", label: "direction", options: () => [["less", "less"], ["more", "more"]] }, any, anyCause],
    code: ({ less, y, x }, known) => {
      const rest = others(y, x, known).filter(() => known(y).parents.includes(x));
      const letters = rest.map((each) => `, ${each}=${each.toLowerCase()}_`).join("");
      const sign = less === "less" ? ">=" : "<=";
      const body = ordered(x, known, (low, high) => `${y}(${x}=${high}${letters}) ${sign} ${y}(${x}=${low}${letters})`);
      const all = rest.map((each) => `${each.toLowerCase()}_ in ${each}`).join(", ");
      return [`assume {name}: ${body}${all ? (body.includes(" for all ") ? `, ${all}` : ` for all ${all}`) : ""}`];
    },
  },
  {
    name: "few_defiers", words: "At most a share {g} of units is less {y} with more {x}", short: "At most a share γ has less of … with more of …",
    gaps: [{ gap: "g", label: "parameter", options: () => ["gamma", "delta", "epsilon"] }, any, cause],
    code: ({ g, y, x }, known) => {
      const [low, high] = ends(known(x));
      return [`parameter ${g} in [0, 1]`, `assume {name}: P(${y}(${x}=${high}) < ${y}(${x}=${low})) <= ${g}`];
    },
  },
  {
    name: "average", words: "The average effect of {x} on {y} is {sign}", short: "The average effect of … is not negative",
    gaps: [outcome, cause, { gap: "sign", label: "sign", options: () => [[">=", "not negative"], ["<=", "not positive"], ["=", "zero"]] }],
    code: ({ x, y, sign }, known) => [`assume {name}: E[${difference(y, x, known)}] ${sign} 0`],
  },
  {
    name: "independent", words: "{y} under each {x} has the same mean whatever {z} is", short: "… is mean-independent of …",
    gaps: [outcome, cause, { gap: "z", label: "instrument", options: (variables, { y, x }) => groups(variables, y).filter((each) => each !== x) }],
    code: ({ y, x, z }, known) => {
      const level = `${x.toLowerCase()}_`;
      const body = ordered(z, known, (low, high) => `E[${y}(${x}=${level}) | ${z}=${high}] = E[${y}(${x}=${level}) | ${z}=${low}]`);
      return [`assume {name}: ${body}${body.includes(" for all ") ? "," : " for all"} ${level} in ${x}`];
    },
  },
  {
    name: "selection", words: "Units with more {z} have no smaller mean of {y} under each {x}", short: "Those with more of … do no worse (monotone selection, monotone instrument)",
    gaps: [outcome, cause, { gap: "z", label: "grouping variable", options: (variables, { y, x }) => [x, ...groups(variables, y).filter((each) => each !== x)] }],
    code: ({ y, x, z }, known) => {
      const level = `${x.toLowerCase()}_`;
      const body = ordered(z, known, (low, high) => `E[${y}(${x}=${level}) | ${z}=${high}] >= E[${y}(${x}=${level}) | ${z}=${low}]`);
      return [`assume {name}: ${body}${body.includes(" for all ") ? "," : " for all"} ${level} in ${x}`];
    },
  },
];

const event = (variable, value) => `${variable}=${value}`;
const treated = (x, known) => event(x, ends(known(x))[1]);

export const ESTIMANDS = [
  { name: "ate", words: "Average effect of {x} on {y}", short: "Average effect", gaps: [outcome, cause],
    code: ({ x, y }, known) => `E[${difference(y, x, known)}]` },
  { name: "nie", words: "Effect of {x} on {y} through {m}, at {x} = {a}", short: "Natural indirect effect", gaps: [outcome, cause,
    { gap: "m", label: "mediator", options: (variables, { y, x }) => between(x, y, variables) }, { gap: "a", label: "level", options: (_, { x }, known) => known(x)?.values ?? [] }],
    code: ({ x, y, m, a }, known) => { const [low, high] = ends(known(x)); return `E[${y}(${x}=${a}, ${m}=${m}(${x}=${high})) - ${y}(${x}=${a}, ${m}=${m}(${x}=${low}))]`; } },
  { name: "nde", words: "Effect of {x} on {y} not through {m}, with {m} as under {x} = {a}", short: "Natural direct effect", gaps: [outcome, cause,
    { gap: "m", label: "mediator", options: (variables, { y, x }) => between(x, y, variables) }, { gap: "a", label: "level", options: (_, { x }, known) => known(x)?.values ?? [] }],
    code: ({ x, y, m, a }, known) => `E[${difference(y, x, known, `, ${m}=${m}(${x}=${a})`)}]` },
  { name: "cde", words: "Effect of {x} on {y} with {m} set to {a}", short: "Controlled direct effect", gaps: [outcome, cause,
    { gap: "m", label: "variable that is set", options: (variables, { y, x }) => causesOf(y, variables).filter((each) => each !== x) }, { gap: "a", label: "level", options: (_, { m }, known) => known(m)?.values ?? [] }],
    code: ({ x, y, m, a }, known) => `E[${difference(y, x, known, `, ${event(m, a)}`)}]` },
  { name: "late", words: "Effect of {x} on {y} among those whose {x} follows {z}", short: "Effect among compliers", gaps: [outcome, cause,
    { gap: "z", label: "instrument", options: (variables, { x }) => causesOf(x, variables) }],
    code: ({ x, y, z }, known) => {
      const [z0, z1] = ends(known(z));
      const [x0, x1] = ends(known(x));
      return `E[${difference(y, x, known)} | ${x}(${z}=${z0})=${x0}, ${x}(${z}=${z1})=${x1}]`;
    } },
  { name: "sace", words: "Effect of {x} on {y} among those with {s} = {a} either way", short: "Effect among survivors", gaps: [outcome, cause,
    { gap: "s", label: "survival", options: (variables, { y, x }) => variables.filter((each) => each.name !== y && !each.bounded && causesOf(each.name, variables).includes(x)).map((each) => each.name) },
    { gap: "a", label: "level", options: (_, { s }, known) => [...(known(s)?.values ?? [])].reverse() }],
    code: ({ x, y, s, a }, known) => { const [low, high] = ends(known(x)); return `E[${difference(y, x, known)} | ${s}(${x}=${low})=${a}, ${s}(${x}=${high})=${a}]`; } },
  { name: "att", words: "Effect of {x} on {y} among the treated", short: "Effect among the treated", gaps: [outcome, cause],
    code: ({ x, y }, known) => `E[${difference(y, x, known)} | ${treated(x, known)}]` },
  { name: "pns", words: "Share for whom {x} is necessary and sufficient for {y}", short: "Probability of necessity and sufficiency", gaps: [any, cause],
    code: ({ x, y }, known) => { const [low, high] = ends(known(x)); const [no, yes] = ends(known(y)); return `P(${y}(${x}=${high})=${yes}, ${y}(${x}=${low})=${no})`; } },
  { name: "pn", words: "Of those with {x} and {y}: for whom {x} was necessary", short: "Probability of necessity", gaps: [any, cause],
    code: ({ x, y }, known) => { const [low] = ends(known(x)); const [no, yes] = ends(known(y)); return `P(${y}(${x}=${low})=${no} | ${treated(x, known)}, ${y}=${yes})`; } },
  { name: "ps", words: "Of those with neither {x} nor {y}: for whom {x} would suffice", short: "Probability of sufficiency", gaps: [any, cause],
    code: ({ x, y }, known) => { const [low, high] = ends(known(x)); const [no, yes] = ends(known(y)); return `P(${y}(${x}=${high})=${yes} | ${x}=${low}, ${y}=${no})`; } },
  { name: "risk", words: "Mean of {y} if {x} were {a} for all", short: "Mean of an outcome if all were treated", gaps: [outcome, cause, { gap: "a", label: "level", options: (_, { x }, known) => [...(known(x)?.values ?? [])].reverse() }],
    code: ({ x, y, a }) => `E[${y}(${event(x, a)})]` },
  { name: "rr", words: "Risk ratio of {y} for {x}", short: "Risk ratio", gaps: [outcome, cause],
    code: ({ x, y }, known) => { const [low, high] = ends(known(x)); return `E[${y}(${x}=${high})] / E[${y}(${x}=${low})]`; } },
].map((each) => ({ ...each, code: (gaps, known) => [`estimand {name} = ${each.code(gaps, known)}`] }));
