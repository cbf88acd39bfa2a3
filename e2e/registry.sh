# Sourced: the ordinary registry that stands for Docker Hub, and skopeo without anybody's configuration.
# shellcheck shell=bash

# Its access log goes to RUN/NAME.access, one line in Apache's format per request, written when the request ended.
start_registry() { # NAME STORE RUN [readonly] [delete]
  local name=$1 store=$2 run=$3 readonly=${4:+true} delete=${5:+true} port
  port=$(cat "$run/$name.port" 2>/dev/null || free_port)
  mkdir -p "$store"
  cat >"$run/$name.yml" <<YML
version: 0.1
log: {level: error, accesslog: {disabled: false}}
storage: {filesystem: {rootdirectory: "$store"}, maintenance: {readonly: {enabled: ${readonly:-false}}},
  delete: {enabled: ${delete:-false}}}
http: {addr: "127.0.0.1:$port", secret: end-to-end}
YML
  echo "$port" >"$run/$name.port"
  OTEL_TRACES_EXPORTER=none setsid registry serve "$run/$name.yml" >>"$run/$name.access" 2>>"$run/$name.log" </dev/null &
  echo $! >"$run/$name.registry"
  wait_for 10 curl -fs -o /dev/null "http://127.0.0.1:$port/v2/"
}

registry_address() { # NAME RUN
  echo "127.0.0.1:$(cat "$2/$1.port")"
}

stop_registry() { # NAME RUN
  local file=$2/$1.registry pid
  [[ -f $file ]] || return 0
  pid=$(cat "$file")
  kill "$pid" 2>/dev/null || true
  wait_for 10 gone "$pid"
  rm -f "$file"
}

stop_registries() { # RUN   all that were started there
  local file
  for file in "$1"/*.registry; do
    [[ ! -f $file ]] || stop_registry "$(basename "$file" .registry)" "$1"
  done
}

gone() { # PID   gone or waiting to be collected
  local state
  state=$(awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null) || return 0
  [[ -z $state || $state == Z ]]
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= end)); then
      echo "not within the time allowed: $*" >&2
      return 1
    fi
    sleep 0.1
  done
}

# skopeo between loopback registries and layouts, asking nobody's policy. It would compress a plain layer otherwise.
copy() { # [--all] SOURCE TARGET
  skopeo --insecure-policy copy -q --preserve-digests --src-tls-verify=false --dest-tls-verify=false "$@"
}
