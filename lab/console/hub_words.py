"""The sentences of the page Hub that its scripts show, by key; static/shapes.js fills in what stands in braces."""

from lab.words import _


def hub_words() -> dict[str, str]:
    """What static/hub*.js say."""
    return _states() | _picture() | _condition() | _news() | _tables() | _break() | _what_follows() | _post() | _waits()


def _states() -> dict[str, str]:
    return {
        "state_runs": _("runs"),
        "state_done": _("done"),
        "state_starts": _("starts"),
        "state_ill": _("does not answer"),
        "state_frozen": _("frozen"),
        "state_cut_off": _("cut off"),
        "state_killed": _("killed"),
        "state_stopped": _("stopped"),
        "state_ended": _("ended"),
        "state_absent": _("not started"),
        "state_unknown": _("nobody knows"),
        "system_rest": _("REST"),
        "system_rabbitmq": _("RabbitMQ"),
        "system_celery": _("Celery"),
        "system_kafka": _("Kafka, topic freblogg"),
        "system_channels": _("Channels"),
    }


def _picture() -> dict[str, str]:
    return {
        "picture_whole": _("The hub as a picture: everything runs. The tables below say the same in words."),
        "picture_broken": _(
            "The hub as a picture: {count} nodes do not run as they should: {nodes}. The tables below say more."
        ),
        "never_seen": _("never seen"),
        "seen_ago_short": _("seen {seconds} s ago"),
        "balancer": _("balancer"),
        "router": _("router"),
        "consumers": _("consumers hand over"),
        "bridge": _("bridge"),
        "layer": _("layer"),
        "outbox": _("outbox"),
        "not_ready": _("not ready"),
        "accepted": _("{count} accepted"),
        "done": _("{count} tasks done"),
        "records": _("{count} records written"),
        "sockets": _("sockets: {count}"),
        "pages": _("pages"),
        "pages_open": _("sockets: {count}"),
        "role_leader": _("leader"),
        "role_follower": _("in sync"),
        "role_behind": _("behind"),
        "role_leader_gone": _("leader ✕"),
        "role_follower_gone": _("in sync ✕"),
        "leads": _("leads {count}"),
        "replica_title": _("partition {number} on {node}: {role}"),
        "exchange_title": _("exchange {name}, type {type}"),
        "queue_title": _("queue {name}: waiting {count}"),
        "queue_absent": _("queue {name}: not there"),
    }


def _condition() -> dict[str, str]:
    return {
        "condition_well": _("All is well: every service runs."),
        "condition_starting": _("Something is starting."),
        "condition_no_stack": _("No stack answers. Start one with `bin/lab up`, or with `docker compose up`."),
        "condition_killed": _("{node} is killed."),
        "condition_stopped": _("{node} is stopped."),
        "condition_paused": _("{node} is frozen."),
        "condition_cut_off": _("{node} is cut off."),
        "condition_absent": _("Not started: {nodes}."),
        "condition_down": _("Not running as it should: {nodes}."),
        "part_old": _("{system} was last seen whole {seconds} s ago: {error}."),
        "part_never": _("{system} was not seen yet: {error}."),
        "no_look": _("No new look for some seconds: what is shown is old."),
        "no_console": _("The console does not answer. Is `lab console` still running? What is shown is old."),
    }


def _news() -> dict[str, str]:
    return {
        "news_node": _("{node}: {state}"),
        "news_node_back": _("{node} runs"),
        "news_broker_gone": _("The controller takes {node} for dead."),
        "news_broker_back": _("The controller counts {node} among the living again."),
        "news_leads": _("{node} leads partitions {partitions} now."),
        "news_leads_again": _("{node}, their preferred leader, leads partitions {partitions} again."),
        "news_no_leader": _("Nobody leads partitions {partitions}: nobody can write there."),
        "news_in_sync": _("Every copy of partitions {partitions} is in sync: {nodes}."),
        "news_behind": _("Of partitions {partitions} only these copies are in sync: {nodes}."),
        "news_part_old": _("{system} does not tell everything any more: {error}."),
        "news_part_back": _("{system} tells everything again."),
    }


def _tables() -> dict[str, str]:
    return {
        "head_node": _("Node"),
        "head_state": _("State"),
        "head_what": _("What"),
        "head_now": _("Now"),
        "caption_node": _("Nodes of {system}"),
        "caption_what": _("Figures of {system}"),
        "seen_now": _("Seen just now."),
        "seen_ago": _("Last seen whole {seconds} s ago: {error}"),
        "never_seen_because": _("Never seen: {error}"),
        "break_short": _("Break"),
        "break_node": _("Break {node}"),
        "outbox_waiting": _("waits in the outbox"),
        "accepted_all": _("accepted, by the outbox's number"),
        "ended_all": _("tasks done, by the ledger"),
        "events_all": _("events numbered"),
        "fact_queue": _("waiting: {waiting}, consumers: {consumers}"),
        "fact_no_queue": _("not there"),
        "fact_led": _("{leader} leads and is preferred; in sync: {in_sync}; records: {end}"),
        "fact_led_by_other": _("{leader} leads, {preferred} is preferred; in sync: {in_sync}; records: {end}"),
        "fact_no_leader": _("no leader, {preferred} is preferred; in sync: {in_sync}; records: {end}"),
        "fact_led_behind": _("{leader} leads and is preferred; in sync: {in_sync}; behind: {behind}; records: {end}"),
        "fact_led_by_other_behind": _(
            "{leader} leads, {preferred} is preferred; in sync: {in_sync}; behind: {behind}; records: {end}"
        ),
        "fact_no_leader_behind": _(
            "no leader, {preferred} is preferred; in sync: {in_sync}; behind: {behind}; records: {end}"
        ),
        "seconds": _("{seconds} s"),
        "rate_now": _("Lately {rate} records a second."),
        "depth_now": _("Waiting now: in queues {queued}, in the outbox {outbox}; at most {most} in this time."),
    }


def _break() -> dict[str, str]:
    return {
        "leader_choice": _("whoever leads partition 0 ({role})"),
        "fault_kill": _("kill it (SIGKILL)"),
        "fault_stop": _("stop it cleanly (SIGTERM)"),
        "fault_pause": _("freeze it (pause)"),
        "fault_cut-off": _("cut it off the network"),
        "breaking": _("Breaking it …"),
        "healing": _("Healing …"),
        "is_already": _("But {node} is not whole even now: {state}."),
        "does_kill": _("{node} is killed at once and can save nothing."),
        "does_stop": _("{node} is asked to end, and may finish what it has in hand."),
        "does_pause": _("{node} is frozen: its connections stay open, and it answers nobody."),
        "does_cut-off": _("{node} lives on, but nobody reaches it and it reaches nobody."),
    }


def _what_follows() -> dict[str, str]:
    return {
        "then_leader_dies": _(
            "It leads partitions {partitions}: writes there pause until its session of {seconds} s is over. "
            "Then {other} leads them. Nothing that was acknowledged by both copies is lost."
        ),
        "then_leader_stops": _(
            "It leads partitions {partitions} and hands them over to {other} before it ends: "
            "writes there pause for a moment only."
        ),
        "then_follower": _("It leads nothing now: writes go on, with one copy less."),
        "then_last_broker": _("No other broker is alive: nobody can write or read until it is back."),
        "then_kafka-controller": _("The leaders go on, but while it is away no new one can be elected."),
        "then_nginx": _("Nobody comes in any more: neither requests nor sockets."),
        "then_rest": _("The balancer sends requests to the others. What it had in hand gets no answer from it."),
        "then_rest-relay": _("Notifications are still accepted; they wait in the outbox until it is back."),
        "then_postgres": _("REST accepts nothing, and no task starts: the ledger is there too."),
        "then_rabbitmq": _("Notifications are still accepted; they wait in the outbox until it is back."),
        "then_rabbitmq-router": _("Notifications wait in router.inbox until it is back."),
        "then_rabbitmq-consumers": _("Notifications wait in the hub's queues until it is back."),
        "then_worker": _("Its tasks wait in its queue. The other workers go on."),
        "then_channels-bridge": _("Results wait in Kafka. The pages hear nothing until it is back."),
        "then_redis": _("The sockets close, and what comes out of Kafka waits at the bridge. Pages ask again later."),
        "then_channels": _("Its sockets end. Pages connect to another server and ask for what they missed."),
        "then_other": _("Watch the picture: what needs it will show."),
    }


def _post() -> dict[str, str]:
    return {
        "posted_news": _("Accepted. This page listens to the region {region} as any page does."),
        "arrived_news": _("On this page after {ms} ms, told by {server} as the region's number {number}."),
        "arrived": _("“{text}” came out of the hub for {region}, {ms} ms after the POST."),
        "gave_up": _("Not here after five minutes. It is not lost: it waits where the line above says."),
        "clocks_differ": _("The hops were timed by clocks of different machines, so no times are shown."),
        "when": _("{ms} ms"),
        "who_when": _("{who}, {ms} ms"),
        "step_rest": _("REST: written, with its outbox row"),
        "step_outbox": _("The relay sends it to RabbitMQ"),
        "step_router": _("RabbitMQ: the router puts it on the hub exchange"),
        "step_handover": _("A consumer hands it over as a task"),
        "step_worker": _("Celery: a worker does the task"),
        "step_bridge": _("Kafka: the bridge reads the result"),
        "step_server": _("Channels: a server tells its sockets"),
        "step_page": _("It is on this page"),
    }


def _waits() -> dict[str, str]:
    return {
        "waits_outbox": _("For {seconds} s in the outbox, where {outbox} wait."),
        "waits_router": _("For {seconds} s in RabbitMQ: {inbox} wait for the router, {queued} in the workers' queues."),
        "waits_worker": _("For {seconds} s with the worker {worker}."),
        "waits_bridge": _("For {seconds} s in Kafka, partition {partition}, offset {offset}."),
        "waits_server": _("For {seconds} s in the backlog, as number {number}: no server has told this page yet."),
        "needs": _("Down now, and needed there: {nodes}."),
    }
