"""The scenarios of the Celery demo."""

from celery_demo.scenarios.countdown import countdown
from celery_demo.scenarios.route_order import route_order

SCENARIOS = [route_order, countdown]
