"""Post notifications at one end of the hub, and see them on the pages at the other, while a Kafka leader dies.

    POST --> REST, outbox --> RabbitMQ, router --> handover --> Celery's workers --> Kafka freblogg --> bridge --> pages
                                                                                       ^ a leader is killed

Five systems, and between any two of them a promise that is kept only if both do their part: the outbox sends again
until RabbitMQ confirms, a notification is acknowledged when its task is confirmed, a task when Kafka has its result, a
record is committed when Redis has its event. Each of these may send twice, and none loses: so the same notification may
arrive several times at the bridge, which knows its id, gives it one number, and a page shows each number once.

One page is shut in the middle, as a laptop is, and opened again. It knows the last number that it saw and asks for what
came since. That is the last promise; without it (`--breaks`) what came meanwhile is missing on that page, and nobody
notices: a socket is told what happens from now on, and no more.
"""

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import httpx
from confluent_kafka.admin import AdminClient

from channels_demo import settings
from channels_demo.scenarios.page import Page
from channels_demo.scenarios.settings import address
from lab import demos
from lab.checks import each_notification_is_shown_once, each_passes_every_hop, the_fault_was_felt
from lab.faults import killed
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import NotReached, wait_for

KINDS = ("feed", "web", "video", "image", "gateway", "officialsnotification")
REGIONS = ["north", "south"]
BATCH = 12
HOPS = ("rest_demo.", "rabbitmq_demo.router", "rabbitmq_demo.handover", "celery_demo.", "channels_demo.bridge",
        "channels_demo.channels")  # fmt: skip
_missing = partial(count_in, check="each_notification_is_shown_once", count="missing")
_doubled = partial(count_in, check="each_notification_is_shown_once", count="doubled")
shown_once = each_notification_is_shown_once(at_least=4 * BATCH)


@scenario(
    "hub-end-to-end",
    claim="A notification accepted at REST is on every page exactly once, though a Kafka leader dies on its way.",
    question="A Kafka leader dies while notifications pass five systems, and a page is shut for a while. Each one ...",
    predictions=[
        Prediction("once", "... is on every page exactly once.", lambda f: not (_missing(f) or _doubled(f))),
        Prediction("twice", "... may be on a page twice.", lambda f: _doubled(f) > 0),
        Prediction("lost", "... may be missing on a page.", lambda f: _missing(f) > 0),
    ],
    nodes=[
        "kafka-controller", "kafka-1", "kafka-2", "rabbitmq", "rabbitmq-router", "rabbitmq-consumers", "redis",
        "postgres", "celery-feeds", "celery-web", "celery-media", "celery-sms", "celery-default", "rest-1", "rest-2",
        "rest-3", "rest-relay", "nginx", "channels-1", "channels-2", "channels-bridge",
    ],
    seconds=45,
    checks=[the_fault_was_felt, shown_once, each_passes_every_hop(HOPS)],
    breaks_with={"resume": False},
    breaks=[shown_once],
)  # fmt: skip
def hub_end_to_end(lab: Lab, resume: bool = True) -> None:
    kafka = AdminClient({"bootstrap.servers": settings.read().kafka, "socket.timeout.ms": 3000, "log_level": 0})
    desk = lab.uses(Page(lab, "page-desk", lambda: address("nginx"), REGIONS, resumes=True))
    laptop = lab.uses(Page(lab, "page-laptop", lambda: address("nginx"), REGIONS, resumes=resume))
    for page in (desk, laptop):
        page.await_open()
    client = lab.uses(httpx.Client(base_url=f"http://{address('rest')}", timeout=20))
    sent: list[str] = []

    lab.note("phase", "all is well")
    sent += _post(lab, client, BATCH)
    wait_for("the first notifications on both pages", lambda: set(sent) <= desk.shown & laptop.shown, within=60)

    lab.note("phase", "the laptop is shut")
    laptop.away.set()
    laptop.await_closed()
    sent += _post(lab, client, BATCH)
    wait_for("the next ones on the other page", lambda: set(sent) <= desk.shown, within=60)
    laptop.away.clear()
    laptop.await_open()

    lab.note("phase", "a leader dies")
    leader = demos.resolve_node("kafka-leader:freblogg/0")
    with lab.fault(killed, leader):
        sent += _post(lab, client, BATCH)
        lab.await_effect("the other broker leads every partition", _leads_nothing(kafka, leader), within=60)
        sent += _post(lab, client, BATCH)
    lab.await_recovery("both brokers are in sync", _in_sync(kafka), within=90)
    for line in demos.after_heal(["kafka_demo"]):
        lab.note("tidied", line)

    lab.note("phase", "what is still on its way arrives")
    pages = [page for page in (desk, laptop) if page.resumes]
    _settle(lab, lambda: sum(len(set(sent) - page.shown) for page in pages))


def _post(lab: Lab, client: httpx.Client, count: int) -> list[str]:
    """Post so many, of every kind and for both regions; returns the hub's ids of the accepted ones."""
    accepted = []
    for number in range(count):
        id = f"n-{uuid.uuid4().hex[:12]}"
        kind, region = KINDS[number % len(KINDS)], REGIONS[number // len(KINDS) % len(REGIONS)]
        body = {"kind": kind, "region": region, "contact": f"C-{number}", "text": f"{lab.run}: {kind} for {region}"}
        if kind == "gateway":
            body["channel"] = "sms"
        lab.record("client", "invoke", "post", id, body)
        try:
            answer = client.post("/api/notifications/", content=json.dumps(body), headers=_headers(id))
        except httpx.HTTPError as error:
            lab.record("client", "info", "post", id, None, f"{type(error).__name__}: {error}")
            continue
        if answer.status_code in (200, 201):
            accepted.append(answer.json()["id"])
            lab.record("client", "ok", "post", id, {"notification": accepted[-1]})
        else:
            kind = "fail" if answer.status_code < 500 else "info"
            lab.record("client", kind, "post", id, None, f"{answer.status_code}: {answer.text[:200]}")
    return accepted


def _headers(key: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Idempotency-Key": key, "X-Client-Request": key}


def _leads_nothing(kafka: AdminClient, broker: str) -> Callable[[], bool]:
    number = int(broker.rpartition("-")[2])

    def others_lead() -> bool:
        partitions = kafka.list_topics("freblogg", timeout=3).topics["freblogg"].partitions.values()
        return all(one.leader not in (-1, number) for one in partitions)

    return others_lead


def _in_sync(kafka: AdminClient) -> Callable[[], bool]:
    def all_copies() -> bool:
        partitions = kafka.list_topics("freblogg", timeout=3).topics["freblogg"].partitions.values()
        return all(len(one.isrs) == 2 for one in partitions)

    return all_copies


def _settle(lab: Lab, missing: Callable[[], int]) -> None:
    """Wait until nothing is missing, a minute and a half at most; then a little for what might come twice."""
    with suppress(NotReached):  # the check says what is missing
        wait_for("the last notifications", lambda: not missing(), within=90)
    lab.observe("nothing more should come", 3, at_any_pace=True)
    lab.note("settled", {"missing": missing()})
