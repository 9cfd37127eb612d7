"""Three healthy instances, and one after the other everything stops that they share.

    clients --> nginx --> rest-1, rest-2, rest-3 --> database   what is stored
               (balancer)                        --> cache      what is counted
                                                 --> broker     what is sent, later

Instances help against the loss of an instance. What all of them need is a single point of failure still, for exactly
those requests that need it: dependencies.py says which, and is held against what is seen, each endpoint asked of every
instance. Stop the cache, and only the throttled search fails; stop the broker, and nothing does, because the outbox
waits for it. Stop the balancer, and nobody is answered at all, though each instance, asked directly, would answer.

When it is back everything answers again, and no instance was started anew for that.

`--breaks` predicts what one would like to believe: three instances, so nothing fails.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from lab.checks import endpoints_fail_as_predicted, the_fault_was_felt
from lab.faults import stopped
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rest_demo import settings
from rest_demo.dependencies import NEEDS
from rest_demo.scenarios.balancer import INSTANCES, await_all_serving, await_all_trusted
from rest_demo.scenarios.client import ask, at_once, tag
from rest_demo.scenarios.database import Database, contact_code

SHARED = {"database": "postgres", "cache": "redis", "broker": "rabbitmq", "balancer": "nginx"}
NOTHING, DIRECTLY, AFTERWARDS = "nothing", "balancer, asked directly", "afterwards"
as_predicted = endpoints_fail_as_predicted(ways=[NOTHING, *SHARED, DIRECTLY, AFTERWARDS])


@scenario(
    "rest-single-point-of-failure",
    claim="Instances do not help when what they share fails: exactly the endpoints that need it fail, and come back.",
    question="Three instances are healthy. Database, cache, broker and balancer stop in turn. What fails?",
    predictions=[
        Prediction(
            "nothing",
            "Nothing for long: that is what three instances are for.",
            lambda f: count_in(f, "endpoints_fail_as_predicted", "ended: fails") == 0,
        ),
        Prediction(
            "what-needs-it",
            "Whatever needs it, on all three at once.",
            lambda f: count_in(f, "endpoints_fail_as_predicted", "ended: fails") > 0,
        ),
    ],
    notes={"N4": as_predicted},
    nodes=["postgres", "redis", "rabbitmq", "nginx", "rest-1", "rest-2", "rest-3"],
    needs=["stop"],
    seconds=60,
    checks=[the_fault_was_felt, as_predicted],
    breaks_with={"prediction": "instances_help"},
    breaks=[as_predicted],
)
def single_point_of_failure(
    lab: Lab, prediction: Literal["what_needs_it_fails", "instances_help"] = "what_needs_it_fails"
) -> None:
    await_all_trusted()
    lab.uses(tidied(lab))
    requests = Requests(lab)
    lives = {instance: life_of(instance) for instance in INSTANCES}
    requests.try_all(NOTHING, settings.read().url, predicted=lambda endpoint: "answers")

    for what, service in SHARED.items():
        lab.note("phase", f"no {what}")

        def predicted(endpoint: str, what: str = what) -> str:
            believed = lab.variant == "control" or prediction == "instances_help"
            return "answers" if believed or not needs(endpoint, what) else "fails"

        with lab.fault(stopped, service):
            lab.await_effect(f"an instance misses the {what}, or nobody answers", requests.nobody_is_ready, within=30)
            requests.try_all(what, settings.read().url, predicted)
            if what == "balancer":
                for url in settings.read().published.values():
                    requests.try_all(DIRECTLY, url, predicted=lambda endpoint: "answers", times=1)
        lab.await_recovery(f"with the {what} every endpoint answers", requests.everything_answers, within=60)
    await_all_serving(lab)
    for instance, life in lives.items():
        value = {"way": AFTERWARDS, "predicted": life, "seen": life_of(instance)}
        lab.record("lab", "observe", "endpoint", f"{instance}: the same process", value)


def needs(endpoint: str, what: str) -> bool:
    return what == "balancer" or what in NEEDS[endpoint]


def life_of(instance: str) -> str | None:
    """Which life of its process answers; None when none does."""
    try:
        answer = ask(settings.read().published[instance], "GET", "/livez")
    except ConnectionError:
        return None
    return str(answer.json()["process"]) if answer.ok else None


class Requests:
    """A request for each endpoint of dependencies.py, and what it shall be asked about."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._count = 0
        url = settings.read().url
        order = {"kind": "web", "region": "north", "contact": "lab", "text": "which stays"}
        headers = {"X-Client-Request": tag(lab.run, "stays")}
        self._notification = ask(url, "POST", "/api/notifications/", order, headers).json()["id"]
        self._contact = self._person("stays")
        ask(url, "POST", "/api/contacts/", self._contact)
        exported = ask(url, "GET", f"/api/contacts/export/?prefix={self._contact['code']}").body
        part = b'--part\r\nContent-Disposition: form-data; name="file"; filename="contacts.csv"\r\n\r\n'
        self._file = part + exported + b"\r\n--part--\r\n"

    def try_all(self, way: str, url: str, predicted: Callable[[str], str], times: int = len(INSTANCES)) -> None:
        """Ask for every endpoint, as often as there are instances."""
        for endpoint, said, about in self._ask_all(url, times):
            value = {"way": way, "predicted": predicted(endpoint), "seen": said, "about": about}
            self._lab.record("client", "observe", "endpoint", f"no {way}: {endpoint}", value)

    def everything_answers(self) -> bool:
        """Of every instance."""
        return all(said == "answers" for _, said, _ in self._ask_all(settings.read().url, len(INSTANCES)))

    def _ask_all(self, url: str, times: int) -> list[tuple[str, str, str]]:
        jobs = [endpoint for endpoint in NEEDS for _ in range(times)]
        return at_once(lambda number: (jobs[number], *self._seen(url, jobs[number])), len(jobs), at_most=6)

    def nobody_is_ready(self) -> bool:
        """Whether each instance in turn says that it misses something."""
        return all(self._seen(settings.read().url, "GET /readyz")[0] == "fails" for _ in INSTANCES)

    def _seen(self, url: str, endpoint: str) -> tuple[str, str]:
        """ "answers" or "fails", and what was heard. Too many searches (429) are an answer: the cache counted them."""
        heard = ""
        for method, path, body, headers in self._steps(endpoint):
            try:
                answer = ask(url, method, path, body, headers)
            except ConnectionError as error:
                return "fails", str(error)
            heard = f"{answer.status} of {answer.instance}"
            if not (answer.ok or answer.status == 429):
                return "fails", f"{heard}: {(answer.json() or {}).get('detail', '')}"
        return "answers", heard

    def _steps(self, endpoint: str) -> Iterator[tuple[str, str, Any, Mapping[str, str]]]:
        """The requests that try an endpoint; what is to be deleted has to be made before."""
        method, path = endpoint.split()
        self._count += 1
        other = self._person(str(self._count))
        bodies: Mapping[str, Any] = {
            "POST /api/notifications/": {"kind": "web", "region": "north", "contact": "lab", "text": "tried"},
            "POST /api/contacts/": other,
            "PUT /api/contacts/{code}/": self._contact,
            "PATCH /api/contacts/{code}/": {"note": "tried"},
            "POST /api/contacts/import/": self._file,
        }
        code = self._contact["code"]
        if method == "DELETE":
            yield "POST", "/api/contacts/", other, {}
            code = other["code"]
        elif path == "/api/priority/":
            path += "?kind=web&region=north"
        elif path.startswith("/api/bottleneck/"):
            path += "?ms=0"
        elif path.endswith("search="):
            path += "nobody"
        elif path == "/api/contacts/export/":
            path += f"?prefix={code}"
        headers = {"Content-Type": "multipart/form-data; boundary=part"} if path.endswith("/import/") else {}
        yield method, path.format(id=self._notification, code=code), bodies.get(endpoint), headers

    def _person(self, name: str) -> dict[str, str]:
        return {"code": contact_code(self._lab.run, name), "full_name": "Tried By The Lab", "region": "north"}


@contextmanager
def tidied(lab: Lab) -> Iterator[None]:
    """Whatever happens, the contacts that were made for trying go again."""
    try:
        yield
    finally:
        with Database(lab) as database:
            database.forget_contacts()
