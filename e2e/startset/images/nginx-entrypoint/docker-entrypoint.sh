#!/bin/sh
# What lies in /docker-entrypoint.d prepares the server, in the order of the names.
set -e
parts=/docker-entrypoint.d

if [ "${1##*/}" = nginx ] && [ -n "$(find "$parts" -type f)" ]; then
	find "$parts" -type f | sort -V | while read -r part; do
		case "$part" in
			*.env)
				# shellcheck disable=SC1090 # of the image's user
				. "$part"
				;;
			*.sh)
				if [ -x "$part" ]; then
					echo "$0: $part"
					"$part"
				else
					echo "$0: $part cannot be executed" >&2
				fi
				;;
		esac
	done
fi

exec "$@"
