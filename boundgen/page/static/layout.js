// Where variables stand, causes left of effects, and how arrows run between them. Shared with the page without a server.

const STEP = 130;
export const RADIUS = 21;

// A place for each variable; one that was dragged keeps its own.
export function places(variables, kept = {}) {
  const known = new Map(variables.map((each) => [each.name, each]));
  const ranks = new Map();
  const rank = (name, seen = []) => {
    if (seen.includes(name) || !known.has(name)) return -1;
    if (!ranks.has(name)) ranks.set(name, 1 + Math.max(-1, ...known.get(name).parents.map((each) => rank(each, [...seen, name]))));
    return ranks.get(name);
  };
  variables.forEach((each) => rank(each.name));
  const columns = new Map();
  for (const { name } of variables) columns.set(ranks.get(name), [...(columns.get(ranks.get(name)) ?? []), name]);
  const tallest = Math.max(1, ...[...columns.values()].map((each) => each.length));
  const found = {};
  for (const [column, names] of columns) {
    names.forEach((name, place) => {
      found[name] = kept[name] ?? [60 + column * STEP, 95 + (tallest - 1) * 50 + (place - (names.length - 1) / 2) * 100];
    });
  }
  return found;
}

export const half = (name) => Math.max(RADIUS, 7 + name.length * 4.6);

// The arrows and shared causes, each as a path; one that would run through a variable bends around it.
export function edges(graph, at) {
  const found = [];
  for (const { name, parents } of graph.variables)
    for (const parent of parents) if (at[parent]) found.push({ kind: "effect", start: parent, end: name, ...curve(parent, name, at, bend(parent, name, at)) });
  for (const [start, end] of shared(graph)) found.push({ kind: "shared", start, end, ...curve(start, end, at, sharedBend(start, end, at)) });
  return found;
}

// The pairs that share a cause; where nothing is said of causes, all that are not randomized.
function shared(graph) {
  const free = graph.variables.filter((each) => !each.randomized).map((each) => each.name);
  const groups = graph.causes ?? [free];
  const pairs = new Map();
  for (const group of groups)
    group.forEach((one, place) => group.slice(place + 1).forEach((other) => pairs.set([one, other].sort().join(" "), [one, other])));
  return [...pairs.values()];
}

function bend(start, end, at) {
  const others = Object.keys(at).filter((name) => name !== start && name !== end);
  return others.some((name) => distance(at[name], at[start], at[end]) < RADIUS + 8) ? 0.32 : 0;
}

function sharedBend(start, end, at) {
  const forward = at[start][0] <= at[end][0] ? 1 : -1;
  const far = Math.abs(at[start][0] - at[end][0]) > STEP * 1.5;
  return -forward * (far ? 0.42 : 0.45);
}

function distance([x, y], [ax, ay], [bx, by]) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
  const share = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay));
}

function curve(start, end, at, bent) {
  const [ax, ay] = at[start];
  const [bx, by] = at[end];
  const middle = [(ax + bx) / 2 - bent * (by - ay), (ay + by) / 2 + bent * (bx - ax)];
  const from = rim(start, at[start], middle, 2);
  const to = rim(end, at[end], middle, 3);
  const top = [(from[0] + 2 * middle[0] + to[0]) / 4, (from[1] + 2 * middle[1] + to[1]) / 4];
  return { path: `M${round(from)}Q${round(middle)} ${round(to)}`, top };
}

const round = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;

// Where a line from a variable's middle leaves its frame.
function rim(name, [x, y], [tx, ty], gap) {
  const wide = half(name) + gap;
  const high = RADIUS + gap;
  const [dx, dy] = [tx - x, ty - y];
  const length = Math.hypot(dx / wide, dy / high) || 1;
  return [x + dx / length, y + dy / length];
}

// The window on a graph. One that is drawn on keeps its corner, so that places stay; one that is looked at is centred.
export function frame(at, paths, centred = false) {
  const points = [...Object.values(at), ...paths.map((each) => each.top)];
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  if (centred) {
    const [[x, width], [y, height]] = [middle(xs, 320), middle(ys, 180)];
    return [x, y, width, height];
  }
  const left = Math.min(0, ...xs.map((x) => x - 55));
  const top = Math.min(...ys, 95) - 48;
  return [left, top, Math.max(400, ...xs.map((x) => x + 55)) - left, Math.max(...ys, 95) + 50 - top];
}

// Where a window begins, and how wide it is, that has these points in its middle.
function middle(points, least) {
  const [low, high] = [Math.min(...points), Math.max(...points)];
  const size = Math.max(least, high - low + 80);
  return [(low + high - size) / 2, size];
}
