#!/bin/sh
set -e

# Arguments alone are arguments of the server.
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
	set -- redis-server "$@"
fi

# As root: hand the data to the server's user and begin again as that user.
if [ "$1" = 'redis-server' ] && [ "$(id -u)" = '0' ]; then
	find . \! -user redis -exec chown redis '{}' +
	exec gosu redis "$0" "$@"
fi

mask="$(umask)"
if [ "$mask" = '0022' ]; then
	umask 0077
fi

if [ "$1" = 'redis-server' ] && [ -n "$REDIS_ARGUMENTS" ]; then
	# shellcheck disable=SC2086
	set -- "$@" $REDIS_ARGUMENTS
fi

exec "$@"
