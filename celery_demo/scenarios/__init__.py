"""The scenarios of the Celery demo."""

from celery_demo.scenarios.countdown import countdown
from celery_demo.scenarios.eta_blocks_worker import eta_blocks_worker
from celery_demo.scenarios.kill_matrix import kill_matrix
from celery_demo.scenarios.poison_task import poison_task
from celery_demo.scenarios.redis_visibility import redis_visibility
from celery_demo.scenarios.route_order import route_order
from celery_demo.scenarios.soft_shutdown import soft_shutdown
from celery_demo.scenarios.suffix_collision import suffix_collision
from celery_demo.scenarios.worker_dies import worker_dies
from celery_demo.scenarios.worker_q import worker_q

SCENARIOS = [
    route_order,
    countdown,
    worker_q,
    kill_matrix,
    worker_dies,
    eta_blocks_worker,
    poison_task,
    redis_visibility,
    soft_shutdown,
    suffix_collision,
]
