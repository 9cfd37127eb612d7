"""How gunicorn runs an instance: one process, four threads, so four requests at once and no more.

Few on purpose: where the slots end is a thing to see (`rest-scale-out`), and three instances must fit a small machine.
"""

from typing import Any

worker_class = "rest_demo.gunicorn_worker.DrainingWorker"
workers = 1
threads = 4
timeout = 30
graceful_timeout = 8
keepalive = 5
preload_app = False  # the main process stays small: it would keep a Django of its own, which the worker then copies
worker_tmp_dir = "/dev/shm"  # a heartbeat file on a slow disk makes a healthy worker look hung
control_socket_disable = True
secure_scheme_headers: dict[str, str] = {}  # whether a proxy is believed is Django's setting, in one place


def post_worker_init(worker: Any) -> None:
    """A release is taken up when an instance starts, and only then; and from now on clients wait for it."""
    from rest_demo.database.base import be_impatient
    from rest_demo.rules.release import take_up

    be_impatient()
    take_up()
