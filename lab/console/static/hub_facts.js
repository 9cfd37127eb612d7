/* What one look at the hub says about each node, as plain values. Pure: nothing here touches the page.
 *
 * A look is one object of lab/look.py. A node is a service of docker-compose.yml by its name. */

export const SYSTEMS = {
  rest: ["nginx", "rest-1", "rest-2", "rest-3", "rest-relay", "postgres"],
  rabbitmq: ["rabbitmq", "rabbitmq-router", "rabbitmq-consumers"],
  celery: ["celery-feeds", "celery-web", "celery-media", "celery-sms", "celery-default"],
  kafka: ["kafka-controller", "kafka-1", "kafka-2"],
  channels: ["channels-bridge", "redis", "channels-1", "channels-2", "channels-uvicorn"],
};
export const PARTS = Object.keys(SYSTEMS);
const OLD = 5; // seconds from which on a part that was not seen is said to be old
const BROKEN = { killed: "killed", stopped: "stopped", paused: "frozen", cut_off: "cut_off" };

/* The state of each node by name: runs, starts, ill, frozen, cut_off, killed, stopped, ended, absent or unknown. */
export function states(look) {
  const found = new Map(look.services.map((service) => [service.name, stateOf(service)]));
  if (!found.size) for (const [name, runs] of withoutServices(look)) found.set(name, runs);
  for (const name of Object.values(SYSTEMS).flat()) if (!found.has(name)) found.set(name, "unknown");
  return found;
}

function stateOf({ state, health, broken }) {
  if (broken && (state !== "running" || broken === "cut_off")) return BROKEN[broken] ?? "ended";
  if (state === "paused") return "frozen";
  if (state === "cut_off") return "cut_off";
  if (state === "running") return { healthy: "runs", none: "runs", unhealthy: "ill" }[health] ?? "starts";
  if (state === "exited") return health === "completed" ? "done" : "ended";
  return state === "starting" ? "starts" : "absent";
}

/* Where no target can be asked, as in a container, the systems themselves say who answers. */
function* withoutServices({ kafka, rabbitmq, celery, rest, channels }) {
  const says = (alive) => (alive ? "runs" : "ended");
  for (const { name, alive } of kafka.brokers) yield [name, says(alive)];
  for (const { name, alive } of celery.workers) yield [`celery-${name}`, says(alive)];
  for (const { name, alive } of [...rest.instances, ...channels.servers]) yield [name, says(alive)];
  yield ["nginx", says(rest.balancer)];
  if (rabbitmq.version) yield ["rabbitmq", says(!rabbitmq.error)];
  const inbox = rabbitmq.queues.find((queue) => queue.name === "router.inbox");
  if (inbox && !rabbitmq.error) yield ["rabbitmq-router", says(inbox.consumers > 0)];
  const feeds = rabbitmq.queues.find((queue) => queue.name === "feeds");
  if (feeds && !rabbitmq.error) yield ["rabbitmq-consumers", says(feeds.consumers > 0)];
}

export const isWell = (state) => state === "runs" || state === "done";
export const isBad = (state) => !["runs", "done", "starts", "unknown"].includes(state);

/* Of a part: {seconds, error} while it is old, null while it is fresh. seconds is null when it was never seen. */
export function oldness(part) {
  const isOld = part.age === null || part.age > OLD;
  return isOld || part.error ? { seconds: part.age === null ? null : Math.round(part.age), error: part.error } : null;
}

/* Whether a part's first look is still under way: nothing can be said of it yet. */
export const isUnasked = (part) => part.age === null && part.error === "not asked yet";

/* The services that somebody broke on purpose, as [{name, fault}]. */
export const brokenOnes = (look) => look.services.filter((one) => one.broken).map(({ name, broken }) => ({ name, fault: broken }));

/* What a cell of the Kafka grid is: leader, follower, behind, or nothing. */
export function role(partition, broker) {
  if (!partition.replicas.includes(broker)) return "none";
  if (partition.leader === broker) return "leader";
  return partition.in_sync.includes(broker) ? "follower" : "behind";
}

/* The partitions that a node leads, e.g. [0, 2, 4]. */
export const ledBy = (look, node) => look.kafka.partitions.filter((one) => one.leader === node).map((one) => one.number);

export const sockets = (look) => look.channels.groups.reduce((sum, one) => sum + one.sockets, 0);

/* Messages that wait anywhere between POST and worker. */
export function waiting(look) {
  const hub = look.rabbitmq.queues.filter((queue) => !READ_BY_NOBODY.includes(queue.name));
  const queued = [...hub, ...look.celery.queues].reduce((sum, queue) => sum + (queue.waiting ?? 0), 0);
  return { outbox: look.rest.outbox, queued };
}

export const READ_BY_NOBODY = ["dead-letters", "unrouted"]; // what ends here is kept, nobody is waited for
