#!/bin/bash
# As in the official image: root hands over to the user rabbitmq. RABBITMQ_DEFAULT_USER and _PASS are read by RabbitMQ itself.
set -eu
if [[ $1 == rabbitmq* ]] && [ "$(id -u)" = 0 ]; then
  [ "$1" = rabbitmq-server ] && chown -R rabbitmq /var/lib/rabbitmq
  exec setpriv --reuid rabbitmq --regid rabbitmq --init-groups "$0" "$@"
fi
exec "$@"
