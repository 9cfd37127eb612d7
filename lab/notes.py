"""The 35 statements of the study notes that the lab is built from, as they stand in the notes.

`lab list --notes` prints each with the scenarios that show it and what their last runs said. A scenario claims a
statement with `notes={"N32": check}`: the check's finding is the run's word on it.
"""

from collections.abc import Mapping

STATEMENTS: Mapping[str, str] = {
    "N1": "Client-server scales: one point handles the requests; for more load put more servers.",
    "N2": "Many clients can connect, as many as the server can bear.",
    "N3": "The logic can be changed on the server without changing each client.",
    "N4": "The server is a single point of failure when there are no other instances.",
    "N5": "Logic moved to the server means more requests and more load there.",
    "N6": "A resource says how data goes between a Django model and a file.",
    "N7": "A resource chooses the fields, their types and formats.",
    "N8": "A resource transforms, e.g. a string into a date.",
    "N9": "A resource validates: formats, required fields.",
    "N10": "fields = ('field1', 'field2', 'field3') selects what is imported and exported.",
    "N11": "Put {% csrf_token %} into every form to protect it.",
    "N12": "Or send the CSRF token in a header with AJAX.",
    "N13": "A task is a function with a decorator and name='officialsnotification.tasks.worker'.",
    "N14": "Or a class AddTask(Task) named tasks.add, registered with register_task.",
    "N15": "task_routes = {'feed.tasks.*': {'queue': 'feeds'}} routes by glob.",
    "N16": "An ordered list with glob and regex routes when the order matters.",
    "N17": "Or the queue stands in the decorator: gateway.tasks.covid_sms_send, queue='sms-channel'.",
    "N18": "celery -A proj worker -Q feeds handles only that queue.",
    "N19": "delay queues a task simply.",
    "N20": "apply_async gives control: arguments, delay and more.",
    "N21": "apply_async(args=[4, 4], countdown=10) waits ten seconds before it runs.",
    "N22": "scope is a dict about the connection, what request is to HTTP.",
    "N23": "scope holds the connection's unique id ('websocket.connecting').",
    "N24": "scope holds path, kwargs, query_string, host and others.",
    "N25": "Use scope for authentication and authorisation.",
    "N26": "Handlers get scope as part of their context.",
    "N27": "The sample: message['scope'], message.reply_channel.send({'type': 'websocket.accept'}).",
    "N28": "A topic has a replication factor: two brokers, factor 2, a copy of every partition on each.",
    "N29": "Partitions are spread over the nodes.",
    "N30": "A replica on the other broker may not be read: there is a leader, followers are in reserve.",
    "N31": "Followers synchronise with the leader from time to time.",
    "N32": "When the leader fails, an in-sync follower is elected and serves the partition.",
    "N33": "Leader and follower of a partition are always on different brokers.",
    "N34": "Replicas are passive: you turn to them only when the leader broke.",
    "N35": "An exchange routes in several ways: direct, fanout, topic, headers.",
}
"""Statement by its id, in the order of the notes."""

CONDITIONS: Mapping[str, str] = {
    "N1": "holds while what more servers bring is what was short: slots, say, and not the lock of a row",
    "N2": "holds; past that requests queue, everybody waits longer, and who waits too long is sent away",
    "N3": "holds while the answer keeps its form; for a while both rules are in force",
    "N4": "holds; instances help against the loss of one, if clients ask again with a key; not against what all share",
    "N5": "depends on the cut: for one decision fewer requests, for many more, than to fetch the rule",
    "N6": "holds, both ways; formulas are escaped only where one asks for it",
    "N7": "holds; with import-export's defaults the formats are those of the library",
    "N8": "holds; what is no date is refused, and what could be two dates too",
    "N9": 'only what is switched on: by default "yes" is False, 3.7 is 3, and an e-mail without an @ is saved',
    "N10": "holds; name the import id as well, and refuse unknown columns, or a misspelt one is an empty field",
    "N11": "holds for POST, PUT, PATCH and DELETE; Origin is looked at before the token, and a GET is never",
    "N12": "holds; for JSON bodies, PUT and DELETE there is no other way",
    "N13": "holds; the name is what routes go by, so name it",
    "N14": "holds; one instance a process, and its state survives calls; arguments are not checked when it is sent",
    "N15": "holds; an exact name wins whatever the order, and the star crosses dots",
    "N16": "holds among patterns; exact names are looked up first",
    "N17": "holds where the task's code is, and wins over the list; deprecated in Celery 5.7, gone in 6.0",
    "N18": "holds; a typo makes a new queue, unless task_create_missing_queues is off",
    "N19": "holds; it takes no options",
    "N20": "holds",
    "N21": "not before ten seconds; where it waits, and whether it may run twice, depends on broker and queue",
    "N28": "holds",
    "N29": "holds",
    "N30": "holds by default; a rack-aware consumer may read from a follower since Kafka 2.4",
    "N31": "they fetch all the time; in sync means within replica.lag.time.max.ms",
    "N32": "holds after the session timeout, while a controller lives",
    "N33": "holds",
    "N34": "holds by default, see N30",
    "N35": "holds; an exchange may also lead to another exchange, or to an alternate for what nothing matched",
}
"""What is right today, for the statements that a scenario shows. The run decides; this says under which condition."""
