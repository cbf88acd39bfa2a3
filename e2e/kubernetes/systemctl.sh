#!/bin/sh
# The systemctl of the node that node.py makes, as far as setting a node up asks for it: two services. node.py writes it
# to the node with its own values.
export PATH="@PROGRAMS@:$PATH:/usr/sbin:/sbin" HOME=/root
logs=@FOLDER@/log
echo "$*" >>"$logs/systemctl"

restart() { # NAME COMMAND...
  name=$1
  shift
  pid=$(cat "/run/$name.pid" 2>/dev/null)
  if [ -n "$pid" ] && kill "$pid" 2>/dev/null; then
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  # A service is in no group of the pod that asks for it, with whose end it would end.
  for group in /sys/fs/cgroup/*/cgroup.procs; do echo $$ >"$group"; done 2>/dev/null
  setsid "$@" >>"$logs/$name.log" 2>&1 </dev/null &
  echo $! >"/run/$name.pid"
}

case "$*" in
  daemon-reload) ;;
  "restart containerd.service")
    restart containerd containerd -c /etc/containerd/config.toml ;;
  "restart stargz-snapshotter.service")
    mkdir -p /run/containerd-stargz-grpc
    restart stargz "@LAZY_CLIENT@" snapshotter -address /run/containerd-stargz-grpc/containerd-stargz-grpc.sock \
      -root /var/lib/containerd-stargz-grpc -config /etc/containerd-stargz-grpc/config.toml ;;
  "is-active stargz-snapshotter.service")
    kill -0 "$(cat /run/stargz.pid)" && [ -S /run/containerd-stargz-grpc/containerd-stargz-grpc.sock ] ;;
  *)
    echo "systemctl.sh: $*?" >&2
    exit 1 ;;
esac
