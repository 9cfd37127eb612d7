"""What gunicorn runs: `gunicorn -c python:rest_demo.gunicorn_conf rest_demo.wsgi`."""

from django.core.wsgi import get_wsgi_application

from rest_demo import settings

settings.point_django_here()
application = get_wsgi_application()
