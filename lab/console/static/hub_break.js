/* Break and heal from the page. Before anything is broken the dialog says what will happen, from what is so now. */

import { ask } from "./ask.js";
import { ledBy, states } from "./hub_facts.js";
import { say } from "./shapes.js";

export const LEADER = "kafka-leader:freblogg/0";
const FAULTS = ["kill", "stop", "pause", "cut-off"];

export class Breaking {
  /* dialog: the element of hub.html. told: called with {text, kind} when something was done. */
  constructor(dialog, { words, facts, nodes, told }) {
    Object.assign(this, { dialog, words, facts, told, look: null, busy: false });
    this.form = dialog.querySelector("form");
    this.node = dialog.querySelector("[name=node]");
    this.fault = dialog.querySelector("[name=fault]");
    this.happens = dialog.querySelector("[data-happens]");
    this.error = dialog.querySelector("[data-error]");
    this.#fill(nodes, FAULTS);
    for (const choice of [this.node, this.fault]) choice.addEventListener("change", () => this.#tell());
    this.form.addEventListener("submit", (event) => this.#submit(event));
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.querySelector("[data-copy]")?.addEventListener("click", () => navigator.clipboard?.writeText(this.command));
    this.#learn();
  }

  get command() {
    return `bin/lab break ${this.fault.value} ${this.node.value}`;
  }

  /* Ask whether this node, or whoever leads partition 0, shall be broken. */
  open(node) {
    if (![...this.node.options].some((one) => one.value === node)) return;
    this.node.value = node;
    this.error.textContent = "";
    this.#tell();
    this.dialog.showModal();
  }

  show(look) {
    this.look = look;
    if (this.dialog.open) this.#tell();
  }

  async heal(button) {
    await this.#during(button, "healing", async () => {
      for (const text of (await ask("/api/heal")).says ?? []) this.told({ text, kind: "good" });
    });
  }

  #fill(nodes, faults) {
    const option = (value, text) => new Option(text, value);
    this.node.replaceChildren(
      option(LEADER, say(this.words, "leader_choice", { role: LEADER })), ...nodes.map((name) => option(name, name)));
    this.fault.replaceChildren(...faults.map((name) => option(name, say(this.words, `fault_${name}`))));
  }

  /* What this target can do, and which nodes it has. */
  async #learn() {
    const answer = await fetch("/api/breakable").catch(() => null);
    if (!answer?.ok) return;
    const { nodes, faults } = await answer.json();
    const [node, fault] = [this.node.value, this.fault.value];
    this.#fill(nodes, faults.length ? faults : FAULTS); // none while no stack is up
    this.node.value = node;
    this.fault.value = fault;
    this.#tell();
  }

  #tell() {
    const leader = this.look?.kafka.partitions.find((one) => one.number === 0)?.leader;
    const node = this.node.value === LEADER ? (leader ?? LEADER) : this.node.value;
    const values = { node, ...this.#kafkaValues(node) };
    const told = [say(this.words, `does_${this.fault.value}`, values), say(this.words, expectation(node, this.fault.value, values), values)];
    const state = this.look && states(this.look).get(node);
    if (state && !["runs", "unknown"].includes(state)) told.push(say(this.words, "is_already", { node, state: say(this.words, `state_${state}`) }));
    this.happens.textContent = told.join(" ");
    this.dialog.querySelector("[data-scenario]").hidden = !node.startsWith("kafka-") || node === "kafka-controller";
    for (const code of this.dialog.querySelectorAll("[data-command]")) code.textContent = this.command;
  }

  #kafkaValues(node) {
    const led = this.look ? ledBy(this.look, node) : [];
    const other = this.look?.kafka.brokers.find((one) => one.name !== node && one.alive)?.name ?? "";
    return { count: led.length, partitions: led.join(", "), other, seconds: this.facts.session_seconds };
  }

  async #submit(event) {
    event.preventDefault();
    if (this.busy || !this.facts.may_break) return;
    const body = { fault: this.fault.value, node: this.node.value };
    const button = this.form.querySelector("[type=submit]");
    await this.#during(button, "breaking", async () => {
      await ask("/api/break", body); // the next look says what it did
      this.dialog.close();
    });
  }

  /* While it lasts the button says what happens; what goes wrong is said in the dialog, or where there is none, as news. */
  async #during(button, key, work) {
    const before = button.textContent;
    this.busy = button.disabled = true;
    button.textContent = say(this.words, key);
    this.error.textContent = "";
    try {
      await work();
    } catch (error) {
      const text = [error.message, error.hint].filter(Boolean).join(" ");
      if (this.dialog.open) this.error.textContent = text;
      else this.told({ text, kind: "bad" });
    } finally {
      this.busy = button.disabled = false;
      button.textContent = before;
    }
  }
}

/* Which sentence says what follows when this node is broken. */
function expectation(node, fault, { count, other }) {
  if (node === "kafka-1" || node === "kafka-2") {
    if (!other) return "then_last_broker";
    if (!count) return "then_follower";
    return fault === "stop" ? "then_leader_stops" : "then_leader_dies";
  }
  if (node.startsWith("rest-") && /\d$/.test(node)) return "then_rest";
  if (node.startsWith("celery-")) return "then_worker";
  if (/^channels-(\d|uvicorn)/.test(node)) return "then_channels";
  const known = ["kafka-controller", "nginx", "rest-relay", "postgres", "rabbitmq", "rabbitmq-router", "rabbitmq-consumers", "redis", "channels-bridge"];
  return known.includes(node) ? `then_${node}` : "then_other";
}
