#!/bin/sh
# vim:sw=4:ts=4:et

set -e

say() {
    if [ -z "${QUIET:-}" ]; then
        echo "$0: $*"
    fi
}

if [ "$1" = "nginx" ] || [ "$1" = "nginx-debug" ]; then
    if /usr/bin/find "/docker-entrypoint.d/" -mindepth 1 -maxdepth 1 -type f -print -quit 2>/dev/null | read v; then
        find "/docker-entrypoint.d/" -follow -type f -print | sort -V | while read -r f; do
            case "$f" in
                *.envsh)
                    if [ -x "$f" ]; then
                        say "sourcing $f"
                        . "$f"
                    fi
                    ;;
                *.sh)
                    if [ -x "$f" ]; then
                        say "running $f"
                        "$f"
                    else
                        say "ignoring $f, not executable"
                    fi
                    ;;
            esac
        done
    fi
fi

exec "$@"
