// Making elements, mathematics and drawings: texts become text, never markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

// An element of HTML: what begins with "on" is a listener, `text` its text, the rest attributes.
export function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter(Boolean));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

// LaTeX as mathematics. boundgen writes it and escapes what a user wrote; KaTeX is told to trust nothing all the same.
export function math(latex, display = false) {
  const place = make("span", { class: "math" });
  const options = { displayMode: display, throwOnError: false, trust: false, strict: false, maxExpand: 500, maxSize: 20 };
  withoutStyleAttributes(() => window.katex.render(latex, place, options));
  return place;
}

// KaTeX writes some styles as attributes, which the page's policy forbids; as properties they are allowed.
function withoutStyleAttributes(act) {
  const plain = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function set(name, value) {
    if (name === "style") this.style.cssText = value;
    else plain.call(this, name, value);
  };
  try {
    act();
  } finally {
    Element.prototype.setAttribute = plain;
  }
}

// Words with mathematics between dollars, as boundgen writes them.
export function words(text) {
  return text.split("$").map((part, place) => (place % 2 ? math(part) : part.replaceAll("\\{", "{").replaceAll("\\}", "}")));
}

// What the command line complains of: its error is at a line of the text, which the page shows elsewhere.
export function plainly(text) {
  const lines = (text ?? "").trim().split("\n");
  const shown = lines.filter((line, place) => !/^\s*\^+\s*$/.test(line) && !/^\s*\^+\s*$/.test(lines[place + 1] ?? ""));
  return shown.join("\n").replace(/model\.bounds:(\d+)(:\d+)?:/g, "line $1:").replaceAll("model.bounds: ", "").replace(/^boundgen: /gm, "");
}

// The place in the text of which it complains, in lines and characters from 0; null where it names none.
export function placeOf(complaint) {
  const found = /^model\.bounds:(\d+):(\d+): /.exec(complaint ?? "");
  if (!found) return null;
  const [line, start] = [found[1] - 1, found[2] - 1];
  return { line, start, end: start + (/^\s*(\^+)\s*$/m.exec(complaint)?.[1].length ?? 1), message: plainly(complaint).replace(/^line \d+: /, "") };
}

// A select with a label; options are texts, or pairs of value and text.
export function choice(label, options, chosen, change, attributes = {}) {
  const select = make("select", { onchange: () => change(select.value), ...attributes });
  for (const option of options) {
    const [value, text] = Array.isArray(option) ? option : [option, option];
    select.append(make("option", { value, text, selected: value === chosen }));
  }
  select.value = chosen;
  return label === null ? select : make("label", {}, label, select);
}

// What does not fit its place and scrolls can be reached by keys.
export function reachable(place) {
  for (const each of place.querySelectorAll(".single, .terms li, .implied li, .changed li")) {
    if (each.scrollWidth > each.clientWidth + 1) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
}

export function download(name, content, kind = "text/plain;charset=utf-8") {
  const address = URL.createObjectURL(new Blob([content], { type: kind }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// The content of a file that the server hands back.
export const bytes = (file) => file.text ?? Uint8Array.from(atob(file.base64), (sign) => sign.charCodeAt(0));

// A number as it is read: four digits behind the point, and a true minus.
export const number = (value, digits = 4) =>
  value === null || value === undefined ? "undefined" : String(typeof value === "number" ? value.toFixed(digits) : value).replace("-", "\u2212");
