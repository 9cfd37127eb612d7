"""The application that `celery -A celery_demo worker -Q feeds` finds: the hub's, or the one of CELERY_DEMO_SETUP."""

from celery_demo import settings, worker
from celery_demo.setup import HUB, Setup, build

_setup = settings.read().setup
setup = Setup.from_json(_setup) if _setup else HUB
app = build(setup, settings.read().broker)
app.set_default()
worker.equip(app)
