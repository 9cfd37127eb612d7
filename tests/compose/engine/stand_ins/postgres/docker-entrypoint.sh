#!/bin/bash
# As in the official image: root hands over to the user postgres; an empty folder becomes a cluster with the user,
# password and database of POSTGRES_*, and every address is listened on.
set -euo pipefail
case ${1:-} in -*) set -- postgres "$@" ;; esac
if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    chown -R postgres "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    user=${POSTGRES_USER:-postgres}
    initdb -D "$PGDATA" -U "$user" --pwfile=<(printf %s "${POSTGRES_PASSWORD:?}") -A scram-sha-256 -E UTF8 --locale=C.UTF-8
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    database=${POSTGRES_DB:-$user}
    [ "$database" = postgres ] || echo "create database \"$database\"" | postgres --single -D "$PGDATA" postgres
  fi
  set -- "$@" -c "listen_addresses=*" -c unix_socket_directories=/tmp
fi
exec "$@"
