#!/bin/sh
# As in the official image: options alone are redis-server's; root hands over to the user redis; no protected mode.
set -e
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  chown redis:redis /data
  exec setpriv --reuid redis --regid redis --clear-groups "$0" "$@"
fi
[ "$1" = redis-server ] && set -- "$@" --protected-mode no
exec "$@"
