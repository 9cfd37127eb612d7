# Our own image: one for every service that docker-compose.yml builds. No `# syntax=` line, which would pull a frontend.
ARG PYTHON_IMAGE=python:3.13-slim-trixie
FROM ${PYTHON_IMAGE}
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
# The dependencies change seldom, the demos often: two layers, so that a changed demo is built in a second.
COPY requirements.txt ./
RUN pip install --require-hashes --no-cache-dir -r requirements.txt
# A new demo needs a line here and in .dockerignore. Of the lab only the console runs here: it drives no stack.
COPY kafka_demo kafka_demo
COPY rabbitmq_demo rabbitmq_demo
COPY celery_demo celery_demo
COPY rest_demo rest_demo
COPY channels_demo channels_demo
COPY lab lab
COPY docker-compose.yml ./
USER 10001
