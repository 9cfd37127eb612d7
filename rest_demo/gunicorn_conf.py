"""How gunicorn runs an instance: one process, four threads, so four requests at once and no more.

Few on purpose: where the slots end is a thing to see (`rest-scale-out`), and three instances must fit a small machine.
"""

worker_class = "gthread"
workers = 1
threads = 4
timeout = 30
graceful_timeout = 8
keepalive = 5
preload_app = True
worker_tmp_dir = "/dev/shm"  # a heartbeat file on a slow disk makes a healthy worker look hung
control_socket_disable = True
