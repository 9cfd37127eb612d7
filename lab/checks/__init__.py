"""The checks: each a pure function from a History to a Finding. A scenario lists those that its claim needs.

Those with parameters are factories and are called in the scenario; the others are checks themselves.

    log.py       what is in the log: lost, doubled, out of order, changed, never written
    reading.py   how far the final read came, and who served it
    pauses.py    how long writes paused
    leaders.py   who led, and when that changed
    replicas.py  where the copies lie, and whether they keep up
    queues.py    messages through a queue: lost, come back, come twice
    predictions.py  a grid of cases, each with what a model predicted and what was seen
    delays.py    messages that wait until they expire
    executions.py  tasks that workers execute: how often, when
    workers.py   where tasks go, what workers take, how they end
    frames.py    what sockets get: frames missed, gaps, how sockets and servers end
    requests.py  requests to a service: how they ended, what the database holds of them
    load.py      what a service bears, and what happens past that
    contracts.py a service that changes under its clients; the rule on either side
    outbox.py    what is committed is sent, and nothing else
    sockets.py   a socket's scope, who gets in, what leaks, who gets in the way
    forged.py    what a page of another site made a browser send
    hub.py       notifications on their way through the whole hub
    imports.py   files of contacts: what is reported, what is saved, what comes back
    faults.py    the experiment itself: was the fault felt, was there load, did the system come back
"""

from lab.checks.contracts import (
    a_release_reaches_every_answer,
    answers_keep_the_contract,
    both_ways_decide_the_same,
    the_cut_decides_the_load,
)
from lab.checks.delays import expiry_waits_for_the_head, messages_expire_on_time
from lab.checks.executions import (
    each_task_runs_once,
    every_task_is_finished,
    no_task_runs_early,
    tasks_run_as_often_as_predicted,
    tasks_wait_at_most,
)
from lab.checks.faults import enough_was_written, the_fault_was_felt, the_script_ran_to_its_end, the_system_recovered
from lab.checks.forged import attacks_change_nothing, requests_are_judged_as_predicted
from lab.checks.frames import (
    frames_are_lost_as_predicted,
    frames_come_in_order,
    no_frame_is_missed,
    servers_stop_as_predicted,
    sockets_end_as_predicted,
)
from lab.checks.hub import each_notification_is_shown_once, each_passes_every_hop
from lab.checks.imports import (
    a_preview_saves_nothing,
    columns_go_as_listed,
    columns_have_the_listed_formats,
    each_bad_row_is_named,
    imports_end_as_their_mode_says,
    no_exported_cell_is_a_formula,
    nothing_bad_is_saved,
    reported_equals_saved,
    strings_become_dates,
    what_goes_out_comes_back,
    what_was_confirmed_is_imported,
)
from lab.checks.leaders import leaders_go_and_come_back, the_leader_moved
from lab.checks.load import (
    load_past_capacity_waits_and_then_fails,
    throughput_does_not_grow,
    throughput_grows_with_instances,
)
from lab.checks.log import (
    acknowledged_offset_is_where_it_is_read,
    an_offset_holds_one_value,
    nothing_acknowledged_is_lost,
    nothing_is_read_twice,
    order_within_a_partition,
    unknown_outcomes_may_appear,
    what_certainly_failed_is_not_read,
    what_is_read_is_what_was_written,
)
from lab.checks.outbox import everything_committed_is_sent, nothing_uncommitted_is_sent
from lab.checks.pauses import clean_stop_pauses_less, writes_pause_at_most, writes_pause_for
from lab.checks.predictions import (
    a_poison_message_stops_at_its_limit,
    dead_letters_say_why,
    messages_reach_the_predicted_queues,
    transports_differ_only_as_listed,
    unroutable_messages_end_as_predicted,
    urgent_messages_come_at_the_predicted_place,
)
from lab.checks.queues import a_second_time_is_marked, nothing_confirmed_is_lost, unacknowledged_messages_come_back
from lab.checks.reading import reads_come_from_the_leader, the_read_reached_the_high_watermark
from lab.checks.replicas import (
    followers_stay_in_sync,
    leader_and_follower_are_on_different_brokers,
    partitions_are_spread_evenly,
)
from lab.checks.requests import (
    endpoints_fail_as_predicted,
    every_request_succeeds,
    no_request_is_stored_twice,
    requests_to_a_hung_instance_end_as_predicted,
    what_was_acknowledged_is_stored,
)
from lab.checks.sockets import (
    bystanders_go_on_as_predicted,
    every_handler_has_the_scope,
    handlers_overlap_as_predicted,
    no_scope_key_names_the_connection,
    nothing_private_leaks,
    sockets_end_with_the_login,
    sockets_open_as_predicted,
    the_sample_ends_as_predicted,
    the_scope_carries_what_the_client_sent,
    the_scope_is_as_the_table_says,
)
from lab.checks.workers import (
    a_class_task_keeps_its_state,
    delay_takes_no_options,
    tasks_go_to_the_predicted_queue,
    workers_behave_as_predicted,
    workers_take_only_their_queues,
)

__all__ = [
    "a_class_task_keeps_its_state",
    "a_poison_message_stops_at_its_limit",
    "a_preview_saves_nothing",
    "a_release_reaches_every_answer",
    "a_second_time_is_marked",
    "acknowledged_offset_is_where_it_is_read",
    "an_offset_holds_one_value",
    "answers_keep_the_contract",
    "attacks_change_nothing",
    "both_ways_decide_the_same",
    "bystanders_go_on_as_predicted",
    "clean_stop_pauses_less",
    "columns_go_as_listed",
    "columns_have_the_listed_formats",
    "dead_letters_say_why",
    "delay_takes_no_options",
    "each_bad_row_is_named",
    "each_notification_is_shown_once",
    "each_passes_every_hop",
    "each_task_runs_once",
    "endpoints_fail_as_predicted",
    "enough_was_written",
    "every_handler_has_the_scope",
    "every_request_succeeds",
    "every_task_is_finished",
    "everything_committed_is_sent",
    "expiry_waits_for_the_head",
    "followers_stay_in_sync",
    "frames_are_lost_as_predicted",
    "frames_come_in_order",
    "handlers_overlap_as_predicted",
    "imports_end_as_their_mode_says",
    "leader_and_follower_are_on_different_brokers",
    "leaders_go_and_come_back",
    "load_past_capacity_waits_and_then_fails",
    "messages_expire_on_time",
    "messages_reach_the_predicted_queues",
    "no_exported_cell_is_a_formula",
    "no_frame_is_missed",
    "no_request_is_stored_twice",
    "no_scope_key_names_the_connection",
    "no_task_runs_early",
    "nothing_acknowledged_is_lost",
    "nothing_bad_is_saved",
    "nothing_confirmed_is_lost",
    "nothing_is_read_twice",
    "nothing_private_leaks",
    "nothing_uncommitted_is_sent",
    "order_within_a_partition",
    "partitions_are_spread_evenly",
    "reads_come_from_the_leader",
    "reported_equals_saved",
    "requests_are_judged_as_predicted",
    "requests_to_a_hung_instance_end_as_predicted",
    "servers_stop_as_predicted",
    "sockets_end_as_predicted",
    "sockets_end_with_the_login",
    "sockets_open_as_predicted",
    "strings_become_dates",
    "tasks_go_to_the_predicted_queue",
    "tasks_run_as_often_as_predicted",
    "tasks_wait_at_most",
    "the_cut_decides_the_load",
    "the_fault_was_felt",
    "the_leader_moved",
    "the_read_reached_the_high_watermark",
    "the_sample_ends_as_predicted",
    "the_scope_carries_what_the_client_sent",
    "the_scope_is_as_the_table_says",
    "the_script_ran_to_its_end",
    "the_system_recovered",
    "throughput_does_not_grow",
    "throughput_grows_with_instances",
    "transports_differ_only_as_listed",
    "unacknowledged_messages_come_back",
    "unknown_outcomes_may_appear",
    "unroutable_messages_end_as_predicted",
    "urgent_messages_come_at_the_predicted_place",
    "what_certainly_failed_is_not_read",
    "what_goes_out_comes_back",
    "what_is_read_is_what_was_written",
    "what_was_acknowledged_is_stored",
    "what_was_confirmed_is_imported",
    "workers_behave_as_predicted",
    "workers_take_only_their_queues",
    "writes_pause_at_most",
    "writes_pause_for",
]
"""Every check has histories in the tests that make it HOLD, BROKEN and UNKNOWN, or a reason why one cannot be."""
