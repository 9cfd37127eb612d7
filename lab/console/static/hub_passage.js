/* How far a posted notification has come, and where it waits. Pure: hub_post.js shows it.
 *
 * Until it arrives, the look says where it was seen last: in the outbox, with a worker, in Kafka, in the backlog. Once it
 * is on the page, its own trace says when it passed each hop, in seconds of the clock that the whole machine shares. */

import { isWell, states } from "./hub_facts.js";

export const STEPS = ["rest", "outbox", "router", "handover", "worker", "bridge", "server", "page"];
const HOPS = {
  rest: "rest_demo.", router: "rabbitmq_demo.router", handover: "rabbitmq_demo.handover", worker: "celery_demo.",
  bridge: "channels_demo.bridge", server: "channels_demo.channels",
};
const NEEDS = {
  outbox: ["rest-relay", "postgres", "rabbitmq"],
  router: ["rabbitmq", "rabbitmq-router", "rabbitmq-consumers"],
  worker: [],
  bridge: ["kafka-1", "kafka-2", "channels-bridge", "redis"],
  server: ["redis", "nginx", "channels-1", "channels-2"],
};
export const WORKER_OF = {
  feed: "celery-feeds", web: "celery-web", video: "celery-media", image: "celery-media", gateway: "celery-sms",
  officialsnotification: "celery-default",
};

/* {name: seconds since it was posted} for every hop that the trace names; null where the clocks do not fit together. */
export function times({ posted, shown }) {
  const found = {};
  for (const hop of shown.trace) {
    const [who, at] = hop.split("@");
    const step = Object.keys(HOPS).find((name) => who.startsWith(HOPS[name]));
    if (step) found[step] = { who: who.split(".")[1], seconds: Number(at) - posted };
  }
  found.page = { who: "", seconds: shown.at - posted };
  const order = STEPS.filter((step) => found[step]).map((step) => found[step].seconds);
  const fits = order.every((seconds, at) => seconds >= -0.001 && (at === 0 || seconds >= order[at - 1] - 0.001));
  return fits ? found : null;
}

/* The step that it has not passed yet: the index into STEPS, STEPS.length when it has arrived. */
export function reached(sent, followed) {
  if (sent.shown) return STEPS.length;
  const { rest, celery, channels } = followed ?? {};
  if (channels) return STEPS.indexOf("server");
  if (celery?.ended) return STEPS.indexOf("bridge");
  if (celery) return STEPS.indexOf("worker");
  if (rest?.sent) return STEPS.indexOf("router");
  return STEPS.indexOf("outbox");
}

/* What to say about the step where it is now: {key, ...values} of words, with the nodes that it needs and that are down. */
export function waitsAt(sent, look, seconds) {
  const followed = look.followed[sent.id] ?? {};
  const step = STEPS[reached(sent, followed)];
  const found = states(look);
  const needs = step === "router" ? [...NEEDS.router, WORKER_OF[sent.kind]] : step === "worker" ? [WORKER_OF[sent.kind]] : NEEDS[step];
  const down = needs.filter((node) => found.has(node) && !isWell(found.get(node)) && found.get(node) !== "unknown");
  const sum = (queues) => queues.reduce((all, one) => all + (one.waiting ?? 0), 0);
  const values = {
    seconds: Math.round(seconds),
    outbox: look.rest.outbox,
    inbox: look.rabbitmq.queues.find((one) => one.name === "router.inbox")?.waiting ?? 0,
    queued: sum(look.celery.queues),
    worker: followed.celery?.worker ?? "",
    partition: followed.celery?.published?.[0] ?? "?",
    offset: followed.celery?.published?.[1] ?? "?",
    number: followed.channels?.seq ?? "?",
  };
  return { step, key: `waits_${step}`, values, down };
}
