/* The state of a run, from the lines of its history taken one by one.
 *
 * Fed by the live page, by a replay and by a report; `draw` (timeline.js) shows what it holds. It keeps no lines, only
 * counts in slots of a tenth of a second, so that any moment of a long run can be drawn without reading it again. */

export const SLOT = 0.1; // seconds
export const OUTCOMES = ["ok", "info", "fail"];
const MOST_MARKS = 300; // completions of one op that are kept one by one
const SHORTEST_SILENCE = 0.5; // seconds

export class Run {
  constructor() {
    this.seconds = 0;
    this.lines = 0;
    this.ended = false;
    this.about = {};
    this.tallies = new Map(); // op -> Tally, in order of first appearance
    this.faults = new Map(); // id -> {name, node, steps: {began: t, ...}}
    this.partitions = new Map(); // number -> [{t, leader, replicas, inSync}], one for each change
    this.depths = new Map(); // queue -> [{t, depth}]
    this.phases = []; // {t, name}
    this.ends = []; // {t, op, text}: what cut the run short
    this.silences = []; // {op, partition, start, end, open}
    this.workloads = new Map(); // op -> {shortest, last: Map(partition -> t), unanswered, over}
  }

  /* One line of the history, parsed. */
  add(line) {
    this.lines += 1;
    this.seconds = Math.max(this.seconds, line.t);
    if (line.kind === "note") this.#note(line);
    else if (line.kind === "fault") this.#fault(line);
    else if (line.kind === "observe") this.#observation(line);
    else this.#operation(line);
  }

  /* The silences of at least half a second up to a moment, the one that lasts at that moment included. */
  silencesUntil(until) {
    const found = this.silences.filter((one) => one.start < until);
    for (const [op, work] of this.workloads) {
      if (work.over) continue;
      for (const [partition, start] of work.last)
        if (this.seconds - start >= work.shortest) found.push({ op, partition, start, end: this.seconds, open: true });
    }
    return found
      .map((one) => (one.end > until ? { ...one, end: until, open: true } : one))
      .filter((one) => one.end - one.start >= SHORTEST_SILENCE);
  }

  /* Whether operations of this kind are better counted by the second than drawn one by one. */
  often(tally) {
    return tally.ended > MOST_MARKS || (this.workloads.has(tally.op) && tally.ended > 0);
  }

  #operation(line) {
    if (line.kind === "invoke") {
      this.#tally(line.op).begin(line.t);
      return;
    }
    this.#tally(line.op).count(when(line), line.kind, line.id);
    const work = this.workloads.get(line.op);
    if (work) this.#answer(work, line);
  }

  #answer(work, line) {
    if (line.kind !== "ok") {
      work.unanswered = line.t;
      return;
    }
    const partition = line.value?.partition ?? null;
    const start = work.last.get(partition);
    if (start !== undefined && line.t - start >= work.shortest)
      this.silences.push({ op: line.op, partition, start, end: line.t, open: false });
    work.last.set(partition, line.t);
  }

  #observation(line) {
    const value = line.value;
    if (line.op === "cluster") this.#cluster(line.t, value);
    else if (value && typeof value === "object" && "predicted" in value && "seen" in value) {
      const right = JSON.stringify(sorted(value.predicted)) === JSON.stringify(sorted(value.seen));
      this.#tally(line.op, true).count(line.t, right ? "ok" : "fail", line.id);
    } else if (line.op === "waiting" && value)
      for (const [queue, depth] of Object.entries(value))
        if (typeof depth === "number") push(this.depths, queue, { t: line.t, depth });
  }

  #cluster(t, value) {
    for (const [number, part] of Object.entries(value?.partitions ?? {})) {
      const seen = { t, leader: part.leader, replicas: part.replicas ?? [], inSync: part.in_sync ?? [] };
      const before = this.partitions.get(number)?.at(-1);
      const same = before && before.leader === seen.leader && before.inSync.join() === seen.inSync.join();
      if (!same) push(this.partitions, number, seen);
    }
  }

  #fault(line) {
    const id = line.id ?? line.op;
    const { node = "", step = "", what = null } = line.value ?? {};
    if (!this.faults.has(id)) this.faults.set(id, { name: line.op, node, steps: {}, what: {} });
    const fault = this.faults.get(id);
    fault.steps[step] ??= line.t;
    fault.what[step] ??= what;
  }

  #note(line) {
    if (line.op === "run") this.about = line.value ?? {};
    else if (line.op === "phase") this.phases.push({ t: line.t, name: String(line.value) });
    else if (line.op === "workload") this.#workload(line.value ?? {});
    else if (line.op === "workload_ended") this.#workloadEnded(line);
    else if (line.op === "end") this.ended = true;
    else if (["crash", "ended_early", "interrupted", "not_recovered"].includes(line.op))
      this.ends.push({ t: line.t, op: line.op, text: text(line.value ?? line.error) });
    if (line.op === "interrupted") this.ended = true;
  }

  #workload(value) {
    const shortest = Math.max(SHORTEST_SILENCE, 10 / (value.per_second || 20));
    this.workloads.set(value.op, { shortest, last: new Map(), unanswered: -Infinity, over: false });
  }

  #workloadEnded(line) {
    const work = this.workloads.get(line.value?.op);
    if (!work) return;
    work.over = true;
    for (const [partition, start] of work.last)
      if (work.unanswered > start && line.t - start >= work.shortest)
        this.silences.push({ op: line.value.op, partition, start, end: line.t, open: true });
  }

  #tally(op, predicted = false) {
    if (!this.tallies.has(op)) this.tallies.set(op, new Tally(op, predicted));
    return this.tallies.get(op);
  }
}

/* What became of the operations of one name. `predicted`: ok and fail mean as predicted and not as predicted. */
class Tally {
  constructor(op, predicted) {
    this.op = op;
    this.predicted = predicted;
    this.begun = []; // by slot
    this.slots = { ok: [], info: [], fail: [] };
    this.totals = { begun: 0, ok: 0, info: 0, fail: 0 };
    this.marks = []; // {t, outcome, id}; more than MOST_MARKS are not kept
  }

  get ended() {
    return this.totals.ok + this.totals.info + this.totals.fail;
  }

  begin(t) {
    bump(this.begun, t);
    this.totals.begun += 1;
  }

  count(t, outcome, id) {
    bump(this.slots[outcome], t);
    this.totals[outcome] += 1;
    if (this.marks.length <= MOST_MARKS) this.marks.push({ t, outcome, id });
  }

  /* {begun, ok, info, fail} up to a moment, to a tenth of a second. */
  until(moment) {
    const last = Math.floor(moment / SLOT + 1e-6);
    const sum = (slots) => {
      let total = 0;
      for (let at = Math.min(last, slots.length - 1); at >= 0; at -= 1) total += slots[at] ?? 0;
      return total;
    };
    return { begun: sum(this.begun), ok: sum(this.slots.ok), info: sum(this.slots.info), fail: sum(this.slots.fail) };
  }

  /* Counts of an outcome in buckets of `width` seconds up to a moment. */
  buckets(outcome, width, until) {
    const counts = new Array(Math.max(1, Math.ceil(until / width))).fill(0);
    const slots = this.slots[outcome];
    const last = Math.min(slots.length - 1, Math.floor(until / SLOT + 1e-6));
    for (let at = 0; at <= last; at += 1)
      if (slots[at]) counts[Math.min(counts.length - 1, Math.floor((at * SLOT) / width + 1e-6))] += slots[at];
    return counts;
  }
}

/* An execution is told of after the run, by a ledger; its value holds when it ended, or when it started. */
function when(line) {
  const told = line.value?.ended ?? line.value?.started;
  return typeof told === "number" ? told : line.t;
}

function bump(slots, t) {
  const at = Math.max(0, Math.floor(t / SLOT + 1e-6));
  slots[at] = (slots[at] ?? 0) + 1;
}

function push(lists, key, value) {
  if (!lists.has(key)) lists.set(key, []);
  lists.get(key).push(value);
}

/* The same value with the keys of its objects in order: equal as JSON means equal. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function text(value) {
  return typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
}
