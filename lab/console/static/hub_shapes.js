/* The shapes of the picture: a node, an exchange, a queue, a card around a system, a link between two.
 *
 * Each is drawn once. What changes from look to look is told to `sheet.each(look => ...)`, which is called again for
 * every look: nothing is made anew while it moves. */

import { isBad } from "./hub_facts.js";
import { make, say } from "./shapes.js";

export const ROW = 25;
const CHARACTER = 6.3; // pixels of an average one in the picture

export class Sheet {
  constructor(words, width) {
    Object.assign(this, { words, width, changes: [], links: new Map(), picked: () => {} });
    this.svg = make("svg", { class: "hub", role: "img" });
    this.below = make("g");
    this.above = make("g");
    this.dots = make("g");
    this.svg.append(this.below, this.above, this.dots);
  }

  say(key, values) {
    return say(this.words, key, values);
  }

  /* Do this now, as soon as there is a look, and with each look after. It is given the look and the states of nodes. */
  each(change) {
    this.changes.push(change);
  }

  show(look, states) {
    for (const change of this.changes) change(look, states);
  }

  text(x, y, text, kind = "", anchor = "start") {
    const element = make("text", { x, y, class: kind, "text-anchor": anchor }, text);
    this.above.append(element);
    return element;
  }
}

/* A frame with the system's name; `part` says whether what it shows is old. Returns where its content begins. */
export function card(sheet, { part, x, y, width, height }) {
  const frame = make("rect", { class: "card", x, y, width, height, rx: 10 });
  sheet.below.append(frame);
  sheet.text(x + 12, y + 22, sheet.say(`system_${part}`), "system");
  const note = sheet.text(x + width - 10, y + 22, "", "old-note", "end");
  sheet.each((look) => {
    const { age, error } = look[part];
    const old = Boolean(error) || age === null || age > 5;
    frame.classList.toggle("old", old);
    const seconds = age === null ? null : Math.round(age);
    note.textContent = !old ? "" : seconds === null ? sheet.say("never_seen") : sheet.say("seen_ago_short", { seconds });
  });
  return { x: x + 12, y: y + 34, width: width - 24 };
}

/* A node: a box with a sign of its state, its name, and at its right end (below the name, when it is tall) either what
 * is wrong with it or `detail(look)`. */
export function node(sheet, { name, label = name, x, y, width, detail = () => "", tall = false }) {
  const group = make("g", { class: "node" });
  const height = tall ? ROW + 12 : ROW - 3;
  const box = make("rect", { x, y, width, height, rx: 5 });
  const sign = make("path", { class: "sign" });
  const title = make("title");
  const text = make("text", { x: x + 20, y: y + 15 }, "");
  const place = tall ? { x: x + 20, y: y + 30 } : { x: x + width - 6, y: y + 15, "text-anchor": "end" };
  const right = make("text", { ...place, class: "dim" });
  group.append(title, box, sign, text, right);
  group.addEventListener("click", () => sheet.picked(name));
  sheet.above.append(group);
  sheet.each((look, states) => {
    const state = states.get(name);
    group.setAttribute("class", `node ${state}${isBad(state) ? " bad" : ""}`);
    sign.setAttribute("d", signOf(state, x + 11, y + 11));
    const says = sheet.say(`state_${state}`);
    const told = isBad(state) || state === "starts" ? says : detail(look);
    right.textContent = told;
    text.textContent = cut(label, width - 24 - (told && !tall ? told.length * CHARACTER + 6 : 0));
    title.textContent = `${name}: ${says}`;
  });
  return { left: [x, y + 11], right: [x + width, y + 11], bottom: [x + width / 2, y + height], top: [x + width / 2, y] };
}

function cut(text, width) {
  const most = Math.floor(width / CHARACTER);
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}

/* A disc while it runs, a cross when it is gone, two bars when it is frozen, a ring when nobody knows or it starts. */
function signOf(state, x, y) {
  if (state === "frozen") return `M${x - 4} ${y - 5}h3v10h-3ZM${x + 1} ${y - 5}h3v10h-3Z`;
  if (state === "runs" || state === "done") return `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z`;
  if (isBad(state)) return `M${x - 5} ${y - 3}l2 -2l3 3l3 -3l2 2l-3 3l3 3l-2 2l-3 -3l-3 3l-2 -2l3 -3Z`;
  return `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0ZM${x - 2} ${y}a2 2 0 1 1 4 0a2 2 0 1 1 -4 0Z`;
}

export function exchange(sheet, { name, label, type, x, y, width }) {
  const group = make("g", { class: "exchange" });
  group.append(make("title", {}, sheet.say("exchange_title", { name, type })));
  group.append(make("rect", { x, y, width, height: 34, rx: 17 }));
  group.append(make("text", { x: x + width / 2, y: y + 15, "text-anchor": "middle" }, label));
  group.append(make("text", { x: x + width / 2, y: y + 27, "text-anchor": "middle", class: "small" }, type));
  sheet.above.append(group);
  return { left: [x, y + 17], right: [x + width, y + 17], bottom: [x + width / 2, y + 34], top: [x + width / 2, y] };
}

/* A queue: a box that is open to the left, with how many wait. `waiting(look)` is a number, or null when it is not there. */
export function queue(sheet, { name, label = name, x, y, width, waiting }) {
  const group = make("g", { class: "queue" });
  const shape = make("path", { d: `M${x} ${y + 1}h${width - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1 -4 4h${4 - width}m5 -20v20m5 -20v20` });
  const title = make("title");
  const count = make("text", { x: x + width - 6, y: y + 15, "text-anchor": "end", class: "count" });
  group.append(title, shape, make("text", { x: x + 16, y: y + 15 }, cut(label, width - 36)), count);
  sheet.above.append(group);
  sheet.each((look) => {
    const found = waiting(look);
    count.textContent = found === null ? "–" : String(found);
    group.setAttribute("class", `queue${found ? " waits" : ""}`);
    title.textContent = found === null ? sheet.say("queue_absent", { name }) : sheet.say("queue_title", { name, count: found });
  });
  return { left: [x, y + 11], right: [x + width, y + 11], bottom: [x + width / 2, y + 21], top: [x + width / 2, y] };
}

/* A thin line from an exchange to what is bound to it. */
export function binding(sheet, from, to, key) {
  const path = curve(from, to);
  const line = make("path", { class: "binding", d: path });
  line.append(make("title", {}, key));
  sheet.below.append(line);
}

/* A line with an arrow along which messages move; `name` is how motion.js finds it. */
export function link(sheet, name, from, to, { down = false, by = null } = {}) {
  const line = make("path", { class: "link", d: down ? `M${from}L${to}` : by === null ? curve(from, to) : corners(from, to, by) });
  const [x, y] = to;
  const head = down ? `M${x - 5} ${y - 8}L${x} ${y}L${x + 5} ${y - 8}` : `M${x - 8} ${y - 5}L${x} ${y}L${x - 8} ${y + 5}`;
  sheet.below.append(line, make("path", { class: "link head", d: head }));
  sheet.links.set(name, line);
}

/* Along, then up or down at `by`, then along again, with round corners: what several links share looks like one. */
function corners([x0, y0], [x1, y1], by) {
  const turn = Math.min(9, Math.abs(y1 - y0) / 2);
  if (turn < 1) return `M${x0} ${y0}H${x1}`;
  const way = Math.sign(y1 - y0) * turn;
  return `M${x0} ${y0}H${by - turn}q${turn} 0 ${turn} ${way}V${y1 - way}q0 ${way} ${turn} ${way}H${x1}`;
}

function curve([x0, y0], [x1, y1]) {
  const bend = Math.max(12, Math.abs(x1 - x0) / 2);
  return `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`;
}
