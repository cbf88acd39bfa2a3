# Sourced: a node with a containerd of its own and the stargz snapshotter, which mounts images over FUSE.
# shellcheck shell=bash
# shellcheck source=e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck disable=SC2154 # of lib.sh
node=$state/node

# Into the cache, as e2e/tools.sh does with what every run needs.
install_lazy_client() {
  local source=$e2e/lazy-client key
  key=$(cat "$source"/{*.go,go.mod,go.sum} | sha256sum | cut -c1-16)
  if [[ ! -x $cache/bin/lazy-client || $(cat "$cache/lazy-client.key" 2>/dev/null) != "$key" ]]; then
    (cd "$source" && retry_download go mod download && CGO_ENABLED=0 GOFLAGS='' nice go build -o "$cache/bin/lazy-client" .)
    echo "$key" >"$cache/lazy-client.key"
  fi
}

start_node() { # HOST:PORT...   registries without TLS; lines of the snapshotter's configuration may be in $node.toml
  local host
  mkdir -p "$node"
  echo "${metrics_port:-$(free_port)}" >"$node/metrics"
  [[ ! -f $node.toml ]] || cp "$node.toml" "$node/stargz.toml"
  for host in "$@"; do
    printf '[[resolver.host."%s".mirrors]]\nhost = "%s"\ninsecure = true\n' "$host" "$host"
  done >>"$node/stargz.toml"
  cat >"$node/config.toml" <<TOML
version = 2
root = "$node/root"
state = "$node/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$node/sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$node/opt"
[proxy_plugins.stargz]
  type = "snapshot"
  address = "$node/stargz.sock"
TOML
  lazy-client snapshotter -address "$node/stargz.sock" -root "$node/stargz" -config "$node/stargz.toml" \
    -metrics "127.0.0.1:$(cat "$node/metrics")" >>"$state/snapshotter.log" 2>&1 </dev/null &
  echo $! >"$node/snapshotter.pid"
  wait_for 10 test -S "$node/stargz.sock"
  containerd -c "$node/config.toml" >>"$state/containerd.log" 2>&1 </dev/null &
  echo $! >"$node/containerd.pid"
  wait_for 10 ctr -a "$node/sock" version >/dev/null
}

stop_node() {
  local name file
  [[ ! -S $node/sock ]] || end_container || true
  for name in containerd snapshotter; do
    file=$node/$name.pid
    [[ -f $file ]] || continue
    kill "$(cat "$file")" 2>/dev/null || true
    if ! wait_for "${stop_patience:-20}" gone "$(cat "$file")" 2>/dev/null; then
      kill -KILL "$(cat "$file")" 2>/dev/null || true
      wait_for 10 gone "$(cat "$file")" || true
    fi
  done
  awk -v below="$node/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount -l 2>/dev/null || true
  rm -rf "$node"
}

on_node() { # ARGUMENT...   of ctr
  ctr -a "$node/sock" -n startset "$@" 2>>"$state/ctr.log"
}

end_container() {
  on_node tasks kill --signal SIGKILL probe >/dev/null || true
  wait_for 10 task_deleted || return 1
  on_node containers delete probe >/dev/null || true
}

task_deleted() {
  ! on_node tasks ls -q | holds . || on_node tasks delete --force probe >/dev/null
}
