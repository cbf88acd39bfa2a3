#!/bin/sh
set -e

for template in /etc/nginx/templates/*.template; do
    name=$(basename "$template" .template)
    # shellcheck disable=SC2016
    envsubst '$QUAY_PORT' < "$template" > "/etc/nginx/conf.d/$name"
done
