/* What the lanes are drawn with: a time axis, SVG elements made without markup, and labels that do not overlap.
 *
 * Text of a run only ever becomes text: elements are made one by one, nothing is parsed. */

const SVG = "http://www.w3.org/2000/svg";
export const LEFT = 46; // pixels: the charts' axis
export const RIGHT = 14;
const CHARACTER = 6.7; // pixels of an average one at 12 pixels

/* `words[key]` with the named values filled in. A sentence is one entry: its order is the translator's. */
export function say(words, key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function seconds(t) {
  return t.toFixed(t < 100 ? 2 : 1);
}

/* From seconds to pixels, the same for charts and lanes. */
export function timeScale(width, span) {
  const pixels = Math.max(40, width - LEFT - RIGHT);
  const x = (t) => LEFT + (Math.min(Math.max(t, 0), span) / span) * pixels;
  return { x, width, span, right: LEFT + pixels };
}

/* Round moments, at least 64 pixels apart. */
export function ticks({ span, width }) {
  const least = (span * 64) / Math.max(40, width - LEFT - RIGHT);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least);
  const count = Math.floor(span / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, n) => Number((n * step).toFixed(6)));
}

export function make(name, attributes = {}, content = null) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (content !== null) element.textContent = content;
  return element;
}

/* A bar with its name inside, as far as it fits, and the whole of it as a tooltip. `short`: what to write when the name
 * does not fit, if need be after the bar, or before it where the sheet ends at `right`. */
export function bar(into, { x0, x1, y, height, name, kind, short = "", right = 0 }) {
  const group = make("g", { class: `bar ${kind}` });
  const width = Math.max(1.5, x1 - x0);
  group.append(make("rect", { x: x0, y, width, height, rx: 2 }), make("title", {}, name));
  const whole = fitting(name, width - 8);
  const shown = short && whole !== name ? short : whole;
  const inside = shown === whole || fitting(shown, width - 8) === shown;
  const before = x0 + width + 4 + shown.length * CHARACTER > right;
  const x = inside ? x0 + 4 : before ? x0 - 4 : x0 + width + 4;
  const anchor = !inside && before ? "end" : "start";
  if (shown) group.append(make("text", { x, y: y + height / 2 + 4, "text-anchor": anchor }, shown));
  into.append(group);
}

/* The text, cut to a width in pixels; nothing when not even three letters fit. */
export function fitting(text, width) {
  const most = Math.floor(width / CHARACTER);
  if (text.length <= most) return text;
  return most < 4 ? "" : `${text.slice(0, most - 1)}…`;
}

/* The heading of a lane; what follows is drawn below it. `sheet`: see lanes.js. */
export function title(sheet, text) {
  sheet.svg.append(make("text", { class: "title", x: 2, y: sheet.y + 12 }, fitting(text, sheet.scale.width)));
  sheet.y += 17;
}

/* Labels below a line at their moments, in as many rows as they need. Returns the height. */
export function labels(into, scale, y, wanted) {
  const rows = []; // the right end of each row
  const lines = make("g");
  into.append(lines);
  for (const { t, text, kind } of wanted) {
    const width = text.length * CHARACTER + 10;
    const at = scale.x(t);
    const flip = at + width > scale.width;
    const start = flip ? Math.max(0, at - width) : at;
    let row = rows.findIndex((end) => end <= start);
    if (row < 0) row = rows.length;
    rows[row] = start + width;
    const base = y + 13 + row * 15;
    lines.append(make("line", { class: `tick ${kind}`, x1: at, x2: at, y1: y - 4, y2: base + 2 }));
    const anchor = flip ? "end" : "start";
    into.append(
      make("text", { class: `label ${kind}`, x: at + (flip ? -4 : 4), y: base, "text-anchor": anchor }, text),
    );
  }
  return rows.length * 15 + 4;
}

const MARKS = {
  ok: (x, y) => make("circle", { class: "mark ok", cx: x, cy: y, r: 3 }),
  info: (x, y) => make("path", { class: "mark info", d: `M${x} ${y - 4}L${x + 4} ${y}L${x} ${y + 4}L${x - 4} ${y}Z` }),
  fail: (x, y) => make("path", { class: "mark fail", d: `M${x - 3} ${y - 3}l6 6m0 -6l-6 6` }),
};

/* The sign of an outcome: a disc, a diamond, a cross. */
export function mark(outcome, x, y) {
  return MARKS[outcome](x, y);
}

/* Hatching for bars that stand for something missing. */
export function patterns() {
  const defs = make("defs");
  const hatch = make("pattern", {
    id: "hatch",
    width: 6,
    height: 6,
    patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)",
  });
  hatch.append(
    make("rect", { class: "hatch-ground", width: 6, height: 6 }),
    make("rect", { class: "hatch-line", width: 2, height: 6 }),
  );
  defs.append(hatch);
  return defs;
}
