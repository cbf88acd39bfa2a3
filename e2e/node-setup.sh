#!/usr/bin/env bash
# Sets nodes up with the real program and lets real containerds judge the result: every configuration of the unit tests
# that is theirs, restarts of a running containerd, one that does not come up, kill -9 at random moments, and removal.
# Ends with "N passed, N failed".
#
#   e2e/node-setup.sh
#   CONTAINERDS="/usr/bin/containerd /opt/bin/containerd" SEED=7 e2e/node-setup.sh
#
# Needs root (mount namespaces), python3 and skopeo. A containerd of version 1 is asked about configurations of version 2 only.
# shellcheck disable=SC2016 # the scripts in quotes are for the shell inside
set -euo pipefail
e2e=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=e2e/lib.sh
. "$e2e/lib.sh"
lighter=$(dirname "$e2e")/lighter
nodes=$(dirname "$e2e")/node/src/test/resources/nodes
# Debian's is of version 1; the one that e2e/tools.sh builds for Kubernetes is of version 2.
CONTAINERDS=${CONTAINERDS:-$(command -v containerd) $cache/kubernetes/containerd}
SEED=${SEED:-$RANDOM}
RANDOM=$SEED
port=$(free_port)

# --- a node in a mount namespace of its own -----------------------------------------------------------------------

# Runs "$@" where FOLDER's parts are the host's: nothing outside of FOLDER is written.
inside() { # FOLDER COMMAND...
  local folder=$1
  shift
  mkdir -p "$folder"/{etc/containerd,etc/containerd-stargz-grpc,etc/containers,run,var/lib,bin}
  mkdir -p /etc/containerd /etc/containerd-stargz-grpc /etc/containers
  unshare -m --propagation private bash -c '
    folder=$1; shift
    for part in etc/containerd etc/containerd-stargz-grpc etc/containers var/lib run; do
      mount --bind "$folder/$part" "/$part"
    done
    PATH=$folder/bin:$PATH exec "$@"' inside "$folder" "$@"
}

tree() { (cd "$1" && find . -path ./run -prune -o -path ./var/lib/containerd -prune -o -path ./bin -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum); }

fresh() { # LAYOUT FOLDER
  rm -rf "$2"
  mkdir -p "$2"/{etc,run,var/lib}
  cp -r "$nodes/$1/." "$2"
}

node() { # FOLDER ARGUMENT...   lighter node on a folder, restarting nothing
  local folder=$1 verb=$2
  shift 2
  "$lighter" node "$verb" --root "$folder" --no-restart "$@"
}

listen() { # SOCKET   until it is killed
  python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(9); time.sleep(3600)' "$1" &
}

major() { "$1" --version | sed -n 's/.* v\?\([0-9]\)\.[0-9].*/\1/p'; }

# --- what containerd says about each result -----------------------------------------------------------------------

judged() { # CONTAINERD LAYOUT
  local folder=$state/judged before after listener status=0
  fresh "$2" "$folder"
  local socket=containerd-stargz-grpc/containerd-stargz-grpc.sock
  [[ $2 != stargz-already ]] || socket=stargz/stargz.sock
  mkdir -p "$(dirname "$folder/run/$socket")"
  (cd "$folder/run" && listen "$socket" && echo $! >"$state/listener")
  listener=$(cat "$state/listener")
  for _ in $(seq 50); do [[ -S $folder/run/$socket ]] && break; sleep 0.1; done
  before=$(tree "$folder")
  node "$folder" setup --upstream docker.io,quay.io --accept-discarded-layers || status=$?
  kill "$listener"
  [[ $status -eq 4 || $status -eq 0 ]] # 0: only files that need no restart
  inside "$folder" "$1" --config /etc/containerd/config.toml config dump >"$state/dump"
  grep -E "^ *snapshotter = ['\"](stargz|gcfs)['\"]" "$state/dump"
  grep -E "config_path = ['\"]/etc/containerd/" "$state/dump"
  grep -F '[proxy_plugins' "$state/dump" >/dev/null
  status=0
  node "$folder" remove || status=$?
  after=$(tree "$folder")
  same 'files after removal' "$before" "$after"
}

# --- a running containerd -----------------------------------------------------------------------------------------

# systemctl as far as a set-up needs it: the only service is a containerd.
write_systemctl() { # FOLDER CONTAINERD
  mkdir -p "$1/bin"
  cat >"$1/bin/systemctl" <<END
#!/bin/bash
echo "\$*" >>$1/systemctl.log
case "\$1 \$2" in
  "restart containerd.service")
    [ ! -e $1/containerd.pid ] || { kill \$(cat $1/containerd.pid); while kill -0 \$(cat $1/containerd.pid); do sleep 0.1; done 2>/dev/null; }
    setsid $2 >>$1/containerd.log 2>&1 </dev/null &
    echo \$! >$1/containerd.pid ;;
  "restart stargz-snapshotter.service" | "is-active stargz-snapshotter.service" | "daemon-reload "*) ;;
  *) exit 1 ;;
esac
END
  chmod +x "$1/bin/systemctl"
  local ctr
  ctr=$(dirname "$2")/ctr
  [[ ! -x $ctr ]] || ln -sf "$ctr" "$1/bin/ctr"
  ln -sf "$2" "$1/bin/containerd"
}

end_containerd() { # FOLDER
  [[ ! -e $1/containerd.pid ]] || kill "$(cat "$1/containerd.pid")" || true
}

running() { # CONTAINERD
  local folder=$state/running
  rm -rf "$folder"
  mkdir -p "$folder/etc/containerd" "$folder/run"
  case $(major "$1") in
    1) printf 'version = 2\n# the operator'"'"'s\n[plugins."io.containerd.grpc.v1.cri"]\n  restrict_oom_score_adj = true\n' ;;
    *) printf 'version = 3\n# the operator'"'"'s\n[plugins."io.containerd.cri.v1.runtime"]\n  restrict_oom_score_adj = true\n' ;;
  esac >"$folder/etc/containerd/config.toml"
  local before
  before=$(sha256sum <"$folder/etc/containerd/config.toml")
  write_systemctl "$folder" "$1"
  : >"$folder/requests"
  python3 "$e2e/node/registry.py" "$port" "$folder/requests" &
  local registry=$! status=0
  inside "$folder" bash -euc '
    folder=$1 lighter=$2
    mkdir -p /run/containerd-stargz-grpc
    python3 -c "import socket, time
s = socket.socket(socket.AF_UNIX); s.bind(\"/run/containerd-stargz-grpc/containerd-stargz-grpc.sock\"); s.listen(9); time.sleep(3600)" &
    snapshotter=$!
    trap "kill $snapshotter" EXIT
    until [ -S /run/containerd-stargz-grpc/containerd-stargz-grpc.sock ]; do sleep 0.1; done
    systemctl restart containerd.service
    until ctr plugins ls | grep -q "cri .*ok"; do sleep 0.2; done
    "$lighter" node setup --registry "$3" --upstream docker.io
    ctr plugins ls | grep "stargz"
    "$lighter" node status
    "$lighter" node setup --registry "$3" --upstream docker.io,quay.io
    ctr --namespace k8s.io images pull --hosts-dir /etc/containerd/certs.d docker.io/library/nothing:1 && exit 1
    "$lighter" node remove' running "$folder" "$lighter" "http://localhost:$port" || status=$?
  kill $registry
  end_containerd "$folder"
  cat "$folder/systemctl.log"
  tail -n 3 "$folder/containerd.log"
  same 'status' 0 "$status"
  cat "$folder/requests"
  grep -E '^HEAD /v2/library/nothing/manifests/1\?ns=docker.io lazy docker.io$' "$folder/requests"
  # The start by hand, the set-up, and the removal; the second set-up added a mirror only.
  same 'restarts of containerd' 3 "$(grep -c '^restart containerd' "$folder/systemctl.log")"
  same 'configuration' "$before" "$(sha256sum <"$folder/etc/containerd/config.toml")"
}

# A containerd that dies with what was set up gets its old configuration back and runs.
failing() { # CONTAINERD
  local folder=$state/failing status=0
  rm -rf "$folder"
  mkdir -p "$folder/etc/containerd" "$folder/run"
  printf 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  restrict_oom_score_adj = true\n' >"$folder/etc/containerd/config.toml"
  cat >"$folder/picky" <<END
#!/bin/bash
! grep -q config_path /etc/containerd/config.toml || [[ "\$*" == *dump* ]] || exit 1
exec $1 "\$@"
END
  chmod +x "$folder/picky"
  write_systemctl "$folder" "$folder/picky"
  ln -sf "$(dirname "$1")/ctr" "$folder/bin/ctr"
  inside "$folder" bash -euc '
    lighter=$1 status=0
    systemctl restart containerd.service
    until ctr plugins ls | grep -q "cri .*ok"; do sleep 0.2; done
    "$lighter" node setup --restart-limit 5 || status=$?
    [ $status = 1 ]
    ctr plugins ls | grep "cri .*ok"' failing "$lighter" || status=$?
  end_containerd "$folder"
  same 'status' 0 "$status"
  ! grep -q config_path "$folder/etc/containerd/config.toml"
}

# Podman, CRI-O and Skopeo read the same files by the same library.
mirrored() {
  local folder=$state/mirrored status=0
  fresh podman "$folder"
  mkdir -p "$folder/etc/containers"
  printf '{"default": [{"type": "insecureAcceptAnything"}]}\n' >"$folder/etc/containers/policy.json"
  node "$folder" setup --registry "http://localhost:$port" --runtime podman --lazy off
  : >"$folder/requests"
  python3 "$e2e/node/registry.py" "$port" "$folder/requests" &
  local registry=$!
  for _ in $(seq 50); do curl -fs "http://localhost:$port/v2/" >/dev/null && break; sleep 0.1; done
  inside "$folder" skopeo inspect docker://docker.io/library/nothing:1 || status=$?
  kill $registry
  cat "$folder/requests"
  [[ $status -ne 0 ]]
  grep -F 'GET /v2/docker.io/library/nothing/manifests/1 - -' "$folder/requests"
}

# --- kill -9 ------------------------------------------------------------------------------------------------------

killed() { # LAYOUT ROUNDS
  local folder=$state/killed before round verbs=(setup setup remove) verb pid status
  fresh "$1" "$folder"
  before=$(tree "$folder")
  for round in $(seq "$2"); do
    verb=${verbs[RANDOM % 3]}
    "$lighter" node "$verb" --root "$folder" --no-restart >/dev/null 2>&1 &
    pid=$!
    sleep "0.$((RANDOM % 9))$((RANDOM % 9))"
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    containerd --config "$folder/etc/containerd/config.toml" config dump >/dev/null || { echo "round $round"; return 1; }
  done
  status=0
  node "$folder" setup >/dev/null || status=$?
  [[ $status -eq 4 || $status -eq 0 ]]
  containerd --config "$folder/etc/containerd/config.toml" config dump | grep -F '/etc/containerd/certs.d'
  node "$folder" remove || true
  same 'files after removal' "$before" "$(tree "$folder")"
  note "$2 rounds"
}

[[ $EUID -eq 0 ]] || { echo 'node-setup: needs root' >&2; exit 1; }
echo "SEED=$SEED"
for containerd in $CONTAINERDS; do
  for layout in "$nodes"/*/etc/containerd/config.toml; do
    layout=${layout#"$nodes"/}
    layout=${layout%%/*}
    version=$(sed -n 's/^version = //p' "$nodes/$layout/etc/containerd/config.toml" | tr -d '\r')
    [[ $(major "$containerd") != 1 || $version == 2 ]] || continue
    step "$layout, judged by containerd $(major "$containerd")" judged "$containerd" "$layout"
  done
  step "a running containerd $(major "$containerd")" running "$containerd"
  step "a containerd $(major "$containerd") that does not come up" failing "$containerd"
done
step 'the mirror of Podman, CRI-O and Skopeo' mirrored
step 'kill -9 at random moments' killed kubeadm-containerd-1.7 25
rm -rf "$state"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
