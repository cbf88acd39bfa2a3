#!/bin/sh
# Options or a file of settings alone mean the server with them; the server never runs as root.
set -e

case "$1" in
	-* | *.conf) set -- redis-server "$@" ;;
esac

if [ "$1" = redis-server ]; then
	if [ "$(id -u)" = 0 ]; then
		find . ! -user redis -exec chown redis {} +
		exec gosu redis "$0" "$@"
	fi
	umask 0077
	# shellcheck disable=SC2086 # several words
	set -- "$@" ${REDIS_ARGUMENTS:-}
fi

exec "$@"
