/* The same as the picture in words: a table for each system, with a button to break each node. */

import { PARTS, SYSTEMS, isBad, oldness, role } from "./hub_facts.js";
import { say } from "./shapes.js";

export class Tables {
  /* mayBreak: whether nodes get a button; what it does is `breakNode(name)`. */
  constructor(into, words, breakNode) {
    Object.assign(this, { into, words, breakNode, rows: new Map(), shape: "" });
  }

  show(look, states) {
    const shape = JSON.stringify(PARTS.map((part) => rowsOf(part, look).map(([key]) => key)));
    if (shape !== this.shape) this.#draw(look);
    this.shape = shape;
    for (const part of PARTS) {
      const old = oldness(look[part]);
      const note = this.rows.get(`${part}/age`);
      note.textContent = old ? this.#old(old) : say(this.words, "seen_now");
      note.className = old ? "old" : "dim";
      for (const node of SYSTEMS[part]) this.#state(node, states.get(node));
      for (const [key, value] of rowsOf(part, look)) this.#fact(`${part}/${key}`, value);
    }
  }

  #old({ seconds, error }) {
    return say(this.words, seconds === null ? "never_seen_because" : "seen_ago", { seconds, error });
  }

  #state(node, state) {
    const cell = this.rows.get(node);
    cell.textContent = say(this.words, `state_${state}`);
    cell.className = isBad(state) ? "bad" : "";
  }

  #fact(key, value) {
    const cell = this.rows.get(key);
    const text = typeof value === "string" ? value : say(this.words, value.key, value);
    if (cell.textContent !== text) cell.textContent = text;
  }

  #draw(look) {
    this.rows.clear();
    this.into.replaceChildren(...PARTS.map((part) => this.#system(part, look)));
  }

  #system(part, look) {
    const block = element("div", { className: "in-words" });
    const age = element("p");
    this.rows.set(`${part}/age`, age);
    block.append(element("h3", {}, say(this.words, `system_${part}`)), age);
    block.append(this.#table(part, ["node", "state"], SYSTEMS[part].map((node) => this.#node(node))));
    const facts = rowsOf(part, look).map(([key, , label]) => {
      const cell = element("td");
      this.rows.set(`${part}/${key}`, cell);
      return row(label ? say(this.words, label) : key, cell);
    });
    block.append(this.#table(part, ["what", "now"], facts));
    return block;
  }

  #table(part, heads, rows) {
    const table = element("table");
    const head = element("tr");
    for (const key of heads) head.append(element("th", { scope: "col" }, say(this.words, `head_${key}`)));
    const caption = element("caption", { className: "unseen" }, say(this.words, `caption_${heads[0]}`, { system: say(this.words, `system_${part}`) }));
    const thead = element("thead");
    thead.append(head);
    const body = element("tbody");
    body.append(...rows);
    table.append(caption, thead, body);
    return table;
  }

  #node(name) {
    const state = element("span");
    this.rows.set(name, state);
    const cell = element("td");
    cell.append(state);
    const button = element("button", { type: "button", className: "small" }, say(this.words, "break_short"));
    button.setAttribute("aria-label", say(this.words, "break_node", { node: name }));
    button.addEventListener("click", () => this.breakNode(name));
    cell.append(" ", button);
    return row(name, cell);
  }
}

/* [key, value, label key] of each fact that a part tells beside its nodes. A value is a text, or {key, ...} of words. */
function rowsOf(part, look) {
  const told = look[part];
  const queues = (found) => found.map(({ name, waiting, consumers }) =>
    [name, waiting === null ? { key: "fact_no_queue" } : { key: "fact_queue", waiting, consumers }]);
  if (part === "rest") return [["outbox", String(told.outbox), "outbox_waiting"], ["accepted", String(told.accepted), "accepted_all"]];
  if (part === "rabbitmq") return queues(told.queues);
  if (part === "celery") return [...queues(told.queues), ["ended", String(told.ended), "ended_all"]];
  if (part === "channels")
    return [...told.groups.map((one) => [one.name, { key: "sockets", count: one.sockets }]), ["events", String(told.events), "events_all"]];
  return told.partitions.map((one) => [`freblogg/${one.number}`, partition(one)]);
}

function partition(one) {
  const behind = one.replicas.filter((broker) => role(one, broker) === "behind");
  const key = one.leader === null ? "fact_no_leader" : one.leader === one.preferred ? "fact_led" : "fact_led_by_other";
  return {
    key: behind.length ? `${key}_behind` : key,
    leader: one.leader,
    preferred: one.preferred,
    in_sync: one.in_sync.join(", "),
    behind: behind.join(", "),
    end: one.end,
  };
}

function row(label, cell) {
  const line = element("tr");
  line.append(element("th", { scope: "row" }, label), cell);
  return line;
}

export function element(name, properties = {}, text = null) {
  const made = Object.assign(document.createElement(name), properties);
  if (text !== null) made.textContent = text;
  return made;
}
