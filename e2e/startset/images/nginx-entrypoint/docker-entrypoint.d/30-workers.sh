#!/bin/sh
set -eu

sed -i "s/^worker_processes .*/worker_processes $(nproc);/" /etc/nginx/nginx.conf
