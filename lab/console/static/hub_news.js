/* What changed between two looks, in sentences. Pure: hub.js shows them, and a screen reader reads them. */

import { PARTS, isBad, isWell, oldness, states } from "./hub_facts.js";
import { say } from "./shapes.js";

/* [{text, kind}], kind is bad, good or plain, in the order in which things happen. */
export function news(before, after, words) {
  return [
    ...nodes(before, after, words),
    ...brokers(before, after, words),
    ...leaders(before, after, words),
    ...inSync(before, after, words),
    ...parts(before, after, words),
  ];
}

function* nodes(before, after, words) {
  const was = states(before);
  for (const [node, state] of states(after)) {
    const old = was.get(node);
    if (old === state || old === undefined || old === "unknown" || state === "unknown") continue;
    if (isBad(state)) yield { kind: "bad", text: say(words, "news_node", { node, state: say(words, `state_${state}`) }) };
    else if (isWell(state)) yield { kind: "good", text: say(words, "news_node_back", { node }) };
  }
}

function* brokers(before, after, words) {
  const was = new Map(before.kafka.brokers.map((one) => [one.name, one.alive]));
  for (const { name, alive } of after.kafka.brokers) {
    if (was.has(name) && was.get(name) !== alive)
      yield alive
        ? { kind: "good", text: say(words, "news_broker_back", { node: name }) }
        : { kind: "bad", text: say(words, "news_broker_gone", { node: name }) };
  }
}

function* leaders(before, after, words) {
  for (const [[node, preferred], numbers] of grouped(before, after, (one) => [one.leader, one.leader === one.preferred])) {
    const values = { node, count: numbers.length, partitions: numbers.join(", ") };
    if (node === null) yield { kind: "bad", text: say(words, "news_no_leader", values) };
    else yield { kind: preferred ? "good" : "plain", text: say(words, preferred ? "news_leads_again" : "news_leads", values) };
  }
}

function* inSync(before, after, words) {
  const found = grouped(before, after, (one) => [one.in_sync.toSorted(), one.in_sync.length === one.replicas.length]);
  for (const [[nodes, whole], numbers] of found) {
    const values = { nodes: nodes.join(", "), partitions: numbers.join(", ") };
    yield whole
      ? { kind: "good", text: say(words, "news_in_sync", values) }
      : { kind: "bad", text: say(words, "news_behind", values) };
  }
}

function* parts(before, after, words) {
  for (const part of PARTS) {
    const [was, is] = [oldness(before[part]), oldness(after[part])];
    const values = { system: say(words, `system_${part}`), error: is?.error ?? "" };
    if (is && !was && after[part].age !== null) yield { kind: "bad", text: say(words, "news_part_old", values) };
    if (was && !is && before[part].age !== null) yield { kind: "good", text: say(words, "news_part_back", values) };
  }
}

/* [what it is now, [partitions]] for each group of partitions that changed in the same way. */
function grouped(before, after, what) {
  const was = new Map(before.kafka.partitions.map((one) => [one.number, JSON.stringify(what(one))]));
  const groups = new Map();
  for (const one of after.kafka.partitions) {
    const is = JSON.stringify(what(one));
    if (!was.has(one.number) || was.get(one.number) === is) continue;
    groups.set(is, [...(groups.get(is) ?? []), one.number]);
  }
  return [...groups].map(([is, numbers]) => [JSON.parse(is), numbers]);
}
