/* The five systems of the hub, each drawn into a place of the sheet. Returns the system's height and its ends:
 * `entry` and `exits`, the points where links to its neighbours begin and end. */

import { READ_BY_NOBODY, isBad, ledBy, role, sockets } from "./hub_facts.js";
import { ROW, binding, card, exchange, node, queue } from "./hub_shapes.js";
import { make } from "./shapes.js";

const count = (number) => number.toLocaleString(document.documentElement.lang || "en");
const depthOf = (queues, name) => queues.find((queue) => queue.name === name)?.waiting ?? null;

export function rest(sheet, { x, y, width, height }) {
  const inner = card(sheet, { part: "rest", x, y, width, height });
  const at = (row) => ({ x: inner.x, y: inner.y + row * ROW, width: inner.width });
  const nginx = node(sheet, { name: "nginx", ...at(0), detail: () => sheet.say("balancer") });
  ["rest-1", "rest-2", "rest-3"].forEach((name, row) => {
    const ready = (look) => look.rest.instances.find((one) => one.name === name)?.ready;
    const detail = (look) => (ready(look) === false ? sheet.say("not_ready") : "");
    node(sheet, { name, ...at(row + 1.4), detail });
  });
  const box = at(4.8);
  queue(sheet, { name: "outbox", label: sheet.say("outbox"), ...box, waiting: (look) => look.rest.outbox });
  const relay = node(sheet, { name: "rest-relay", ...at(5.8) });
  node(sheet, { name: "postgres", ...at(7.2) });
  const accepted = sheet.text(inner.x, inner.y + 8.2 * ROW + 16, "", "dim");
  sheet.each((look) => (accepted.textContent = sheet.say("accepted", { count: count(look.rest.accepted) })));
  return { entry: nginx.left, exit: relay.right, height: 8.2 * ROW + 68 };
}

export function rabbitmq(sheet, { x, y, width, height }, look) {
  const { exchanges, bindings, queues } = look.rabbitmq;
  const inner = card(sheet, { part: "rabbitmq", x, y, width, height });
  const version = (now) => now.rabbitmq.version;
  node(sheet, { name: "rabbitmq", x: inner.x, y: inner.y, width: inner.width, detail: version });
  const half = (inner.width - 14) / 2;
  const second = inner.y + 1.4 * ROW;
  const waiting = (name) => (now) => depthOf(now.rabbitmq.queues, name);
  const inbox = queue(sheet, { name: "router.inbox", x: inner.x, y: second, width: half, waiting: waiting("router.inbox") });
  const router = node(sheet, { name: "rabbitmq-router", label: sheet.say("router"), x: inner.x + half + 14, y: second, width: half });
  binding(sheet, inbox.right, router.left, "router.inbox");
  const bottom = routes(sheet, { ...inner, y: second + 1.5 * ROW }, { exchanges, bindings, queues, waiting, router });
  const out = node(sheet, {
    name: "rabbitmq-consumers", label: sheet.say("consumers"), x: inner.x, y: bottom + 8, width: inner.width,
  });
  return { entry: inbox.left, exit: out.right, height: bottom + 8 + ROW + 10 - y };
}

/* hub, the exchanges that it is bound to, and the queues. Each exchange stands in the middle of what it leads to. */
function routes(sheet, { x, y, width }, { exchanges, bindings, queues, waiting, router }) {
  const leaves = queues.filter((one) => one.name !== "router.inbox");
  const queueX = x + width - Math.min(124, width * 0.38);
  const places = new Map();
  let next = y;
  for (const { name } of leaves) {
    const apart = READ_BY_NOBODY.includes(name) ? 7 : 0;
    const place = { x: queueX, y: next + apart, width: x + width - queueX };
    places.set(name, queue(sheet, { name, ...place, waiting: waiting(name) }));
    next += ROW + 2 * apart;
  }
  const ends = (name) => bindings.filter((one) => one.source === name).map((one) => places.get(one.destination)).filter(Boolean);
  const middle = (found) => found.reduce((sum, end) => sum + end.left[1], 0) / found.length;
  const inner = exchanges.filter(({ name }) => !["hub.inbox", "hub"].includes(name) && ends(name).length);
  const innerX = x + width * 0.27;
  for (const { name, type } of inner) {
    const place = { x: innerX, y: middle(ends(name)) - 17, width: width * 0.26 };
    places.set(name, exchange(sheet, { name, label: name.replace("hub.", ""), type, ...place }));
  }
  const hub = exchanges.find(({ name }) => name === "hub");
  if (hub && ends("hub").length) {
    const place = { x, y: y + 3.4 * ROW, width: width * 0.17 };
    places.set("hub", exchange(sheet, { name: "hub", label: "hub", type: hub.type, ...place }));
    const [fromX, fromY] = router.bottom;
    const [toX, toY] = places.get("hub").top;
    sheet.below.append(make("path", { class: "binding", d: `M${fromX} ${fromY}C${fromX} ${fromY + 30} ${toX} ${toY - 50} ${toX} ${toY}` }));
  }
  for (const { source, destination, key } of bindings)
    if (places.has(source) && places.has(destination))
      binding(sheet, places.get(source).right, places.get(destination).left, `${source} → ${destination}: ${key}`);
  return next + 4;
}

export function celery(sheet, { x, y, width, height }) {
  const inner = card(sheet, { part: "celery", x, y, width, height });
  const workers = { feeds: "feeds", web: "web", media: "media", sms: "sms-channel", default: "default" };
  const entries = {};
  const exits = {};
  Object.entries(workers).forEach(([worker, name], row) => {
    const top = inner.y + row * 2.35 * ROW;
    const waiting = (look) => depthOf(look.celery.queues, name);
    entries[worker] = queue(sheet, { name, x: inner.x, y: top, width: inner.width, waiting }).left;
    exits[worker] = node(sheet, { name: `celery-${worker}`, x: inner.x, y: top + ROW - 2, width: inner.width }).right;
  });
  const bottom = inner.y + 5 * 2.35 * ROW;
  const done = sheet.text(inner.x, bottom + 8, "", "dim");
  sheet.each((look) => (done.textContent = sheet.say("done", { count: count(look.celery.ended) })));
  return { entries, exits, height: bottom + 22 - y };
}

export function kafka(sheet, { x, y, width, height }, look) {
  const inner = card(sheet, { part: "kafka", x, y, width, height });
  node(sheet, { name: "kafka-controller", x: inner.x, y: inner.y, width: inner.width });
  const brokers = look.kafka.brokers.map((one) => one.name);
  const cell = (inner.width - 18 - 6 * (brokers.length - 1)) / brokers.length;
  const column = (at) => inner.x + 18 + at * (cell + 6);
  const top = inner.y + 1.4 * ROW;
  const leads = (name) => (now) => sheet.say("leads", { count: ledBy(now, name).length });
  brokers.forEach((name, at) => node(sheet, { name, x: column(at), y: top, width: cell, detail: leads(name), tall: true }));
  look.kafka.partitions.forEach(({ number }, row) => {
    const line = top + (row + 1.6) * (ROW + 3);
    sheet.text(inner.x + 2, line + 16, String(number), "dim");
    brokers.forEach((broker, at) => replica(sheet, { number, broker, x: column(at), y: line, width: cell }));
  });
  const bottom = top + (look.kafka.partitions.length + 1.6) * (ROW + 3);
  const total = sheet.text(inner.x, bottom + 12, "", "dim");
  const sum = (now) => now.kafka.partitions.reduce((all, one) => all + one.end, 0);
  sheet.each((now) => (total.textContent = sheet.say("records", { count: count(sum(now)) })));
  const middle = top + 4.6 * (ROW + 3);
  return { entry: [inner.x + 12, middle], exit: [x + width - 6, middle], height: bottom + 26 - y };
}

/* One copy of a partition. The leader is filled and says so, a copy behind is dashed; a star marks the preferred one. */
function replica(sheet, { number, broker, x, y, width }) {
  const group = make("g", { class: "replica" });
  const box = make("rect", { x, y, width, height: ROW - 1, rx: 3 });
  const text = make("text", { x: x + 8, y: y + 16 });
  const star = make("text", { x: x + width - 7, y: y + 16, "text-anchor": "end", class: "star" });
  const title = make("title");
  group.append(title, box, text, star);
  sheet.above.append(group);
  sheet.each((look, states) => {
    const found = look.kafka.partitions.find((one) => one.number === number);
    const is = found ? role(found, broker) : "none";
    const gone = isBad(states.get(broker)); // the controller may not know it yet
    group.setAttribute("class", `replica ${is}${gone ? " gone" : ""}`);
    text.textContent = is === "none" ? "" : sheet.say(gone && is !== "behind" ? `role_${is}_gone` : `role_${is}`);
    star.textContent = found?.preferred === broker ? "★" : "";
    title.textContent = sheet.say("replica_title", { node: broker, role: text.textContent, number });
  });
}

export function channels(sheet, { x, y, width, height }, look) {
  const inner = card(sheet, { part: "channels", x, y, width, height });
  const at = (row) => ({ x: inner.x, y: inner.y + row * ROW, width: inner.width });
  const bridge = node(sheet, { name: "channels-bridge", label: sheet.say("bridge"), ...at(0) });
  node(sheet, { name: "redis", ...at(1.4), detail: () => sheet.say("layer") });
  const servers = ["channels-1", "channels-2", "channels-uvicorn"];
  const last = servers.map((name, row) => node(sheet, { name, ...at(row + 2.8) })).at(-1);
  const groups = look.channels.groups.map((one) => one.name);
  groups.forEach((name, row) => {
    const place = at(row + 6.3);
    sheet.text(place.x + 24, place.y + 14, name.replace("region.", ""), "");
    const members = sheet.text(place.x + place.width - 4, place.y + 14, "", "dim", "end");
    const found = (now) => now.channels.groups.find((one) => one.name === name)?.sockets ?? 0;
    sheet.each((now) => (members.textContent = sheet.say("sockets", { count: count(found(now)) })));
  });
  const place = at(groups.length + 7);
  const screen = make("g", { class: "screen" });
  screen.append(make("rect", { x: place.x, y: place.y, width: place.width, height: 52, rx: 5 }));
  screen.append(make("path", { d: `M${place.x} ${place.y + 14}h${place.width}` }));
  sheet.above.append(screen);
  sheet.text(place.x + place.width / 2, place.y + 31, sheet.say("pages"), "", "middle");
  const shown = sheet.text(place.x + place.width / 2, place.y + 45, "", "dim", "middle");
  sheet.each((now) => (shown.textContent = sheet.say("pages_open", { count: count(sockets(now)) })));
  const way = place.x + 11;
  return { entry: bridge.left, servers: [way, last.bottom[1]], pages: [way, place.y], height: place.y + 66 - y };
}
