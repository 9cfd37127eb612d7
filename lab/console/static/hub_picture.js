/* The whole hub as one picture, side by side where there is room, else one below the other.
 *
 * It is drawn anew only when its shape changes: another width, another topology. Everything else is told to the shapes
 * that stand (hub_shapes.js). The picture is for the eye; the tables below it say the same (hub_tables.js). */

import { states } from "./hub_facts.js";
import { Sheet, link } from "./hub_shapes.js";
import * as systems from "./hub_systems.js";
import { say } from "./shapes.js";

const WIDE = 960; // pixels from which on the systems stand side by side
const DRAWN = { wide: 1180, narrow: 372 };
const COLUMNS = { rest: [34, 150], rabbitmq: [212, 326], celery: [576, 150], kafka: [766, 222], channels: [1016, 162] };
const GAP = 36;

export class Picture {
  /* into: the element that holds it. picked: called with a node's name when somebody points at it. */
  constructor(into, words, picked) {
    Object.assign(this, { into, words, picked, sheet: null, shape: "", look: null });
    new ResizeObserver(() => this.look && this.show(this.look)).observe(into);
  }

  show(look) {
    this.look = look;
    const isWide = this.into.clientWidth >= WIDE;
    const shape = JSON.stringify([isWide, topology(look)]);
    if (shape !== this.shape) this.#draw(look, isWide);
    this.shape = shape;
    const found = states(look);
    this.sheet.show(look, found);
    const bad = [...found].filter(([, state]) => !["runs", "done", "unknown", "starts"].includes(state));
    const values = { count: bad.length, nodes: bad.map(([name]) => name).join(", ") };
    this.sheet.svg.setAttribute("aria-label", say(this.words, bad.length ? "picture_broken" : "picture_whole", values));
  }

  get links() {
    return this.sheet.links;
  }

  get dots() {
    return this.sheet.dots;
  }

  #draw(look, isWide) {
    const width = isWide ? DRAWN.wide : DRAWN.narrow;
    this.sheet = new Sheet(this.words, width);
    this.sheet.picked = this.picked;
    const height = isWide ? sideBySide(this.sheet, look) : oneBelowTheOther(this.sheet, look);
    this.sheet.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.sheet.svg.setAttribute("class", isWide ? "hub wide" : "hub narrow");
    this.into.replaceChildren(this.sheet.svg);
  }
}

/* What decides about the shape: names, not numbers. */
function topology({ rabbitmq, kafka, channels }) {
  return [
    rabbitmq.queues.map((one) => one.name),
    kafka.brokers.map((one) => one.name),
    kafka.partitions.map((one) => one.number),
    channels.groups.map((one) => one.name),
  ];
}

/* Heights depend on what is in them, so each system is drawn twice: once to be measured, once in its frame. */
function heightOf(name, sheet, place, look) {
  return systems[name](new Sheet(sheet.words, sheet.width), { ...place, y: 0, height: 0 }, look).height;
}

function sideBySide(sheet, look) {
  const places = Object.entries(COLUMNS).map(([name, [x, width]]) => [name, { x, width, y: 4 }]);
  const height = Math.max(...places.map(([name, place]) => heightOf(name, sheet, place, look)));
  const drawn = Object.fromEntries(places.map(([name, place]) => [name, systems[name](sheet, { ...place, height }, look)]));
  sheet.text(2, drawn.rest.entry[1] - 8, "POST", "dim");
  link(sheet, "post", [2, drawn.rest.entry[1]], drawn.rest.entry);
  link(sheet, "rest>rabbitmq", drawn.rest.exit, drawn.rabbitmq.entry);
  for (const [worker, entry] of Object.entries(drawn.celery.entries)) link(sheet, `to-celery-${worker}`, drawn.rabbitmq.exit, entry, { by: 557 });
  for (const [worker, exit] of Object.entries(drawn.celery.exits)) link(sheet, `from-celery-${worker}`, exit, drawn.kafka.entry, { by: 746 });
  link(sheet, "kafka>channels", drawn.kafka.exit, drawn.channels.entry);
  link(sheet, "channels>pages", drawn.channels.servers, drawn.channels.pages, { down: true });
  return height + 8;
}

function oneBelowTheOther(sheet, look) {
  const drawn = {};
  const frames = [];
  let y = 26;
  sheet.text(sheet.width / 2 + 10, 14, "POST", "dim");
  for (const name of Object.keys(COLUMNS)) {
    const place = { x: 2, y, width: sheet.width - 4 };
    const height = heightOf(name, sheet, place, look);
    drawn[name] = systems[name](sheet, { ...place, height }, look);
    frames.push({ name, top: y, bottom: y + height });
    y += height + GAP;
  }
  const middle = sheet.width / 2;
  link(sheet, "post", [middle, 2], [middle, 24], { down: true });
  const names = ["rest>rabbitmq", "rabbitmq>celery", "celery>kafka", "kafka>channels"];
  names.forEach((name, at) => link(sheet, name, [middle, frames[at].bottom], [middle, frames[at + 1].top - 2], { down: true }));
  link(sheet, "channels>pages", drawn.channels.servers, drawn.channels.pages, { down: true });
  return y - GAP + 4;
}

