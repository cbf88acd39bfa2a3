#!/usr/bin/env bash
# The chart on a real Kubernetes of one node: installed, the node set up by it so that containers run lazily (stargz
# snapshotter), used, tested, upgraded, refused, rolled back, its pod replaced while a container reads lazily, and
# uninstalled. Root. Needs e2e/tools.sh, the image of `./lighter image`, and Kubernetes, which e2e/kubernetes/build.sh
# builds into the cache folder (10 to 20 minutes the first time).
# Ends with the line "N passed, N failed".
#
#   e2e/kubernetes.sh
#
# KUBERNETES=FOLDER takes programs from elsewhere, IMAGE=FILE an image archive that is there already, PORT=N another port
# than 30500, which nobody else on this machine may use meanwhile.
set -uo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"
cd "$e2e/.." || exit 1
programs=${KUBERNETES:-$cache/kubernetes}
[[ -n ${KUBERNETES:-} ]] || e2e/kubernetes/build.sh "$programs" || { echo "0 passed, 1 failed"; exit 1; }
export PATH=$programs:$PATH
# Unix sockets have short paths.
work=$(mktemp -d /tmp/lk.XXXXXX)
export HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm KUBECONFIG=$work/node/kubeconfig
upstream=10.86.0.1:5055
port=${PORT:-30500}
upstream_pid=
cleanup() {
  [[ -z $upstream_pid ]] || kill "$upstream_pid" 2>/dev/null
  e2e/kubernetes/node.py down "$work/node"
  if [[ -n ${KEEP:-} ]]; then
    echo "kept: $work"
  else
    rm -rf "$work"
  fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

passed=0
failed=0
check() { # NAME COMMAND...
  local name=$1 output started=$SECONDS
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "PASS $name ($((SECONDS - started)) s)"
  else
    failed=$((failed + 1))
    echo "FAIL $name ($((SECONDS - started)) s)"
    tail -n 25 <<<"$output" | sed 's/^/  | /'
  fi
}

within() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [[ $SECONDS -lt $end ]] || return 1
    sleep 0.3
  done
}

k() { kubectl --namespace lighter "$@"; }
ctr_node() { ctr --address "$work/node/node/run/containerd/containerd.sock" --namespace k8s.io "$@"; }
chart() { # install|upgrade OPTIONS...
  helm "$1" lighter helm/lighter --namespace lighter -f "$work/values.yaml" --wait --timeout 150s "${@:2}"
}
# 401 by default: who may push is asked for.
registry_answers() { [[ $(curl -s -m 3 -o /dev/null -w '%{http_code}' http://localhost:$port/v2/) =~ ^(200|401)$ ]]; }
pod_uid() { k get pod lighter-0 -o 'jsonpath={.metadata.uid}'; }

# --- a node, an upstream, a volume -------------------------------------------------------------------------------

mkdir -p "$work/node" "$work/volume"
chown 65532:65532 "$work/volume"
e2e/absence.sh --tools || { echo "0 passed, 1 failed"; exit 1; } # the lazy client
image=${IMAGE:-$work/lighter.tar}
if [[ -z ${IMAGE:-} ]]; then
  ./lighter image --platform "linux/$(dpkg --print-architecture)" --output "$image" || { echo "0 passed, 1 failed"; exit 1; }
fi
LAZY_CLIENT=$cache/bin/lazy-client e2e/kubernetes/node.py up "$work/node" "$programs" || { echo "0 passed, 1 failed"; exit 1; }
# What node set-up may write: all of /etc, and folders of its own.
files_of_node() {
  (cd "$work/node/node" && for part in etc var/lib/lighter-node run/lighter-node; do
    [[ ! -e $part ]] || find "$part" \( -type f -exec sha256sum {} + -o -type d -print \)
  done | sort)
}
files_of_node >"$work/files.before"
iptables-save | grep -c "dport $port" >"$work/rules.before"

cat >"$work/upstream.yaml" <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/upstream}}
http: {addr: "$upstream"}
YAML
registry serve "$work/upstream.yaml" >"$work/upstream.log" 2>&1 &
upstream_pid=$!

mkdir -p "$work/root/bin" "$work/root/www"
cp "$(command -v busybox)" "$work/root/bin/"
for name in sh httpd cat sleep; do ln -s busybox "$work/root/bin/$name"; done
echo 'hello from a pod' >"$work/root/www/index.html"
# Something to be lazy about.
for number in 1 2 3; do head -c 1000000 /dev/urandom >"$work/root/www/large$number"; done
tar --owner=0 --group=0 -C "$work/root" -cf "$work/layer.tar" .
web=library/web:1
# A container that reads one file after the other, each for the first time, and says how that went: times of begin and
# end, exit code, digest, name. A file is larger than what the snapshotter fetches at once, so each is a request at least.
mkdir -p "$work/reader/bin" "$work/reader/cold"
cp "$(command -v busybox)" "$work/reader/bin/"
for name in sh sha256sum sleep; do ln -s busybox "$work/reader/bin/$name"; done
head -c $((600 * 65536)) /dev/urandom | split -b 65536 -a 3 -d - "$work/reader/cold/"
(cd "$work/reader/cold" && sha256sum -- *) >"$work/reader.sums"
cat >"$work/reader/read.sh" <<'READER'
PATH=/bin
for file in /cold/*; do
  read -r begun _ </proc/uptime
  sum=$(sha256sum "$file")
  status=$?
  read -r ended _ </proc/uptime
  echo "$begun $ended $status ${sum%% *} ${file#/cold/}"
  sleep 0.1
done
exec sleep 100000
READER
tar --owner=0 --group=0 -C "$work/reader" -cf "$work/reader.tar" .
reader=library/reader:1

publish() { # TAR NAME ENTRYPOINT
  crane append --insecure --oci-empty-base -f "$1" -t "$upstream/$2" >/dev/null 2>&1 &&
    crane mutate --insecure "$upstream/$2" --set-platform "linux/$(dpkg --print-architecture)" --entrypoint "$3" -t "$upstream/$2" >/dev/null 2>&1
}

within 10 curl -sf "http://$upstream/v2/" >/dev/null
publish "$work/layer.tar" "$web" /bin/busybox,httpd,-f,-p,8080,-h,/www
publish "$work/reader.tar" "$reader" /bin/busybox,sh,/read.sh

cat >"$work/values.yaml" <<YAML
image: {pullPolicy: Never}
config:
  http: {drain: 1s}
  upstreams: [{name: docker.io, endpoint: "http://$upstream"}]
  conversion: {platforms: pulled}
persistence: {size: 1Gi, storageClass: test}
resources: {requests: {cpu: 10m, memory: 512Mi}, limits: {memory: 1Gi}}
reach: {port: $port}
nodeSetup: {enabled: true, upstreams: ["docker.io=http://$upstream"], putBack: {limit: 25}}
images: [docker.io/$web, docker.io/$reader]
conversionJob: {timeout: 2m, required: true}
YAML
kubectl apply -f - >/dev/null <<YAML
apiVersion: v1
kind: PersistentVolume
metadata: {name: lighter-test}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], storageClassName: test, hostPath: {path: $work/volume}}
YAML

# --- checks ------------------------------------------------------------------------------------------------------

accepted_by_api() { # every golden set, by the API server's own strict validation
  local values
  kubectl create namespace golden && kubectl --namespace golden create serviceaccount lighter &&
    kubectl --namespace golden create serviceaccount images-of-the-cluster || return 1
  for values in helm/tests/values/*.yaml; do
    helm template lighter helm/lighter --namespace golden -f "$values" | python3 -c '
import re, sys
for document in re.split(r"^---$", sys.stdin.read(), flags=re.M):
    if document.strip() and "monitoring.coreos.com" not in document:  # kinds of an operator that is not here
        print("---" + document)' | kubectl --namespace golden apply --dry-run=server --validate=strict -f - || return 1
  done
  kubectl delete namespace golden --wait=false
}

install() {
  chart install --create-namespace | tee "$work/install.log"
  return "${PIPESTATUS[0]}"
}

admitted_as_restricted() { # what the namespace's admission would say of the server's pod
  local said
  said=$(kubectl label --dry-run=server --overwrite namespace lighter pod-security.kubernetes.io/enforce=restricted 2>&1) || return 1
  echo "$said"
  ! grep -q 'lighter-0' <<<"$said"
}

preflight_says() {
  k logs job/lighter-preflight-0 | tee /dev/stderr | holds "node1 reaches the registry at 127.0.0.1:$port"
}

images_converted() {
  local said name
  said=$(k logs job/lighter-images)
  echo "$said"
  for name in "$web" "$reader"; do
    grep -q "docker.io/$name is lazy as sha256:" <<<"$said" || return 1
  done
}

restarts() { # of containerd; one is its start
  grep -c '^restart containerd' "$work/node/log/systemctl"
}

node_set_up() { # by the DaemonSet, for which helm has waited
  local hosts=$work/node/node/etc/containerd/certs.d/docker.io/hosts.toml
  k exec daemonset/lighter-node-setup -- /lighter/bin/lighter node status --root /host || { k logs daemonset/lighter-node-setup; return 1; }
  cat "$hosts" "$work/node/log/systemctl"
  grep -q "^server = \"http://$upstream\"" "$hosts" && grep -q "host.\"http://localhost:$port\"" "$hosts" &&
    grep -q "snapshotter = ['\"]stargz" "$work/node/node/etc/containerd/config.toml" &&
    [[ $(restarts) == 2 ]] && kubectl wait --for=condition=Ready node/node1 --timeout=5s
}

set_up_again() { # changes nothing
  local before
  before=$(files_of_node | grep -v lighter-node/status.json)
  k exec daemonset/lighter-node-setup -- /lighter/bin/lighter node setup --root /host --registry "http://localhost:$port" \
    --upstream "docker.io=http://$upstream" --json | tee /dev/stderr | jq -e '.state == "DONE" and .changed == []' >/dev/null || return 1
  diff <(echo "$before") <(files_of_node | grep -v lighter-node/status.json) && [[ $(restarts) == 2 ]]
}

lazy_by_tag() {
  curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://localhost:$port/v2/docker.io/${web%:*}/manifests/${web#*:}" | tr -d '\r' |
    tee /dev/stderr | holds -i '^lighter-view: lazy'
}

deploy() { # by the image's own name, for which the node was set up
  kubectl create deployment web --image="docker.io/$web" --replicas=2 &&
    kubectl rollout status deployment/web --timeout=90s || { kubectl describe pods; return 1; }
  local address
  address=$(kubectl get pods -l app=web -o 'jsonpath={.items[0].status.podIP}')
  curl -sf -m 5 "http://$address:8080/" | holds 'hello from a pod'
}

runs_lazily() { # its layer is mounted over FUSE, and containerd has not fetched it
  local layer
  layer=$(curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://localhost:$port/v2/docker.io/${web%:*}/manifests/${web#*:}" |
    jq -er '.layers[0].digest') || return 1
  e2e/kubernetes/node.py run "$work/node" cat /proc/mounts | grep ' /var/lib/containerd-stargz-grpc/.* fuse' || return 1
  ! ctr_node content ls -q | grep "$layer"
}

reads_what_nobody_read() { # of a file for each time: what was read once is on the node
  local address
  for address in $(kubectl get pods -l app=web -o 'jsonpath={.items[*].status.podIP}'); do
    curl -sf -m 20 "http://$address:8080/large$1" | cmp - "$work/root/www/large$1" || return 1
  done
}

# The values of it; the node is labelled as the chart wants it.
cat >"$work/readiness.yaml" <<YAML
readiness:
  enabled: true
  ways: [whole, lazy]
  rounds: 1
  cold: ""
  args: [--namespace=startset, "--lazy-pull=$cache/bin/lazy-client pull -address {address} {reference}"]
  images:
    - name: web
      image: docker.io/$web
      command: [/bin/busybox, httpd, -f, -p, "30380", -h, /www]
      ready: {url: "http://127.0.0.1:30380/", contains: hello from a pod}
YAML

readiness() {
  local job
  kubectl label node node1 readiness=here || return 1
  job=$(k get jobs -o name | grep readiness) || return 1
  k wait --for=condition=complete "$job" --timeout=60s || { k describe "$job"; k logs "$job"; return 1; }
  k logs "$job" | tee -a "$work/figures"
  ! ctr --address "$work/node/node/run/containerd/containerd.sock" --namespace startset containers ls -q | grep .
}

pulled_once() { # however many: upstream sent the image's bytes once
  curl -s "http://localhost:$port/v2/docker.io/${web%:*}/tags/list?n=1" >/dev/null
  k get --raw "/api/v1/namespaces/lighter/services/lighter-management:30501/proxy/metrics" | tee "$work/metrics" | grep lighter_upstream_bytes_total |
    awk -v size="$(cat "$work/layer.tar" "$work/reader.tar" | wc -c)" '{ bytes += $2 } END { print bytes, size; exit !(bytes > 0 && bytes < 1.05 * size) }'
}

helm_test() {
  helm test lighter --namespace lighter --timeout 90s
}

# Asks again and again, each time on a connection of its own, and notes when, for how long, and what came of it.
ask() { # FILE
  python3 - "$1" "$port" "/v2/docker.io/${web%:*}/manifests/${web#*:}" <<'PYTHON' &
import http.client, sys, time
with open(sys.argv[1], "w", buffering=1) as out:
    while True:
        begun = time.time()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=30)
            connection.request("GET", sys.argv[3], headers={"Accept": "application/vnd.oci.image.manifest.v1+json", "Connection": "close"})
            answer = connection.getresponse()
            answer.read()
            said = answer.status
        except (OSError, http.client.HTTPException) as failure:
            said = type(failure).__name__
        print(f"{begun:.3f} {time.time() - begun:.3f} {said}", file=out)
        time.sleep(0.05)
PYTHON
  asker=$!
  within 20 grep -q ' 200$' "$1"
}

absence() { # FILE   the longest time from the end of one answer 200 to that of the next, and what else there was
  awk '{ count[$3]++; end = $1 + $2; if ($2 > slow) slow = $2 }
    $3 == 200 { if (last && end - last > longest) longest = end - last; last = end }
    END { printf "%.1f s without an answer, the slowest request took %.1f s;", longest, slow; for (k in count) printf " %s: %d", k, count[k]; print "" }' "$1"
}

replaced() { # FILE   the pod, while somebody asks
  local before
  before=$(pod_uid)
  ask "$1"
  sleep 1
  k delete pod lighter-0 --wait=false >/dev/null
  within 60 sh -c "[ \"\$(kubectl -n lighter get pod lighter-0 -o 'jsonpath={.metadata.uid} {.status.containerStatuses[0].ready}' 2>/dev/null)\" != '$before true' ]" &&
    within 60 sh -c "kubectl -n lighter get pod lighter-0 -o 'jsonpath={.metadata.uid} {.status.containerStatuses[0].ready}' 2>/dev/null | grep -v '$before' | grep -q true" &&
    within 30 registry_answers
  local status=$?
  sleep 3
  kill "$asker"
  wait "$asker" 2>/dev/null
  return $status
}

replaced_by_node_port() {
  replaced "$work/node-port" || return 1
  echo "absence with a NodePort: $(absence "$work/node-port")" | tee -a "$work/figures"
}

upgrade() {
  local before
  before=$(pod_uid)
  chart upgrade --set config.http.drain=2s || return 1
  [[ $(pod_uid) != "$before" ]] && within 20 registry_answers && lazy_by_tag
}

upgrade_without_effect() { # nothing that the server reads has changed, so it runs on
  local before
  before=$(pod_uid)
  chart upgrade --set config.http.drain=2s --set podDisruptionBudget.maxUnavailable=0 && [[ $(pod_uid) == "$before" ]]
}

bad_configuration_is_refused() { # before anything changes
  local before output
  before=$(pod_uid)
  if output=$(chart upgrade --set config.http.drian=2s 2>&1); then
    echo "accepted"
    return 1
  fi
  echo "$output"
  [[ $(pod_uid) == "$before" ]] && registry_answers && grep -q 'http.drian' <<<"$output$(k logs job/lighter-config-check 2>&1)"
}

rollback() { # from a version that does not start
  local revision
  revision=$(helm history lighter --namespace lighter -o json | jq '[.[] | select(.status == "deployed")][-1].revision')
  if helm upgrade lighter helm/lighter --namespace lighter -f "$work/values.yaml" --set configCheck.enabled=false --set preflight.hook=false \
    --set 'images=null' --set 'env[0].name=LIGHTER_HTTP_LISTEN' --set 'env[0].value=nowhere' --wait --timeout 15s >/dev/null 2>&1; then
    echo "a server that does not start counts as installed"
    return 1
  fi
  # Helm's own wait takes the pod that failed before for one that fails now.
  helm rollback lighter "$revision" --namespace lighter --timeout 120s && k rollout status statefulset/lighter --timeout 90s &&
    within 30 registry_answers && lazy_by_tag
}

forwarder() {
  chart upgrade --set reach.mode=forwarder -f "$work/readiness.yaml" || { k get pods -o wide; k logs ds/lighter-forwarder; return 1; }
  [[ $(k get service lighter -o 'jsonpath={.spec.type}') == ClusterIP ]] && within 20 registry_answers && helm_test
}

# --- a container that reads lazily, meanwhile ---

start_reader() {
  kubectl run reader --image="localhost:$port/docker.io/$reader" --restart=Never &&
    kubectl wait --for=condition=Ready pod/reader --timeout=60s || { kubectl describe pod reader; return 1; }
  within 30 files_read 20
}

files_read() { [[ $(kubectl logs reader | wc -l) -ge $1 ]]; }

# How many ranges of blobs the server says it has answered, again and again; it counts from 0 when it starts.
watch_ranges() { # FILE
  local address
  address=$(k get service lighter-management -o 'jsonpath={.spec.clusterIP}')
  while true; do
    curl -sf -m 1 "http://$address:30501/metrics" |
      awk '/^lighter_requests_seconds_count/ && /endpoint="Blob"/ && /status="206"/ { sum += $NF } END { if (NR) print sum + 0 }'
    sleep 0.2
  done >"$1"
}

# Whether the container could read all it wanted, and whether that came from the server that went and from the next one.
reading_during() { # NAME COMMAND...
  local name=$1 begun status=0 watcher
  shift
  begun=$(kubectl logs reader | wc -l)
  watch_ranges "$work/ranges" &
  watcher=$!
  "$@" || status=$?
  sleep 4 # for what waited
  kill "$watcher"
  wait "$watcher" 2>/dev/null
  kubectl logs reader | tail -n "+$((begun + 1))" >"$work/reads"
  awk -v name="$name" 'NR == FNR { wanted[$2] = $1; next }
    { took = $2 - $1; if (took > longest) longest = took }
    $3 != 0 { failed++; print; next }
    wanted[$5] != $4 { wrong++; print }
    { count++ }
    END {
      printf "%s: %d files read lazily, %d could not be, %d with other bytes, the longest read took %.2f s;", name, count, failed, wrong, longest
      exit !(count >= 50 && !failed && !wrong)
    }' "$work/reader.sums" "$work/reads" >"$work/reading" || status=1
  awk 'NR == 1 { first = $1 }
    NR > 1 && $1 < last { before += last - first; first = 0; restarts++ }
    { last = $1 }
    END {
      printf " %d ranges from the server that went, %d from the next\n", before, last - first
      exit !(restarts == 1 && before > 0 && last > first)
    }' "$work/ranges" >>"$work/reading" || status=1
  tee -a "$work/figures" <"$work/reading"
  return "$status"
}

upgraded() {
  local before
  before=$(pod_uid)
  chart upgrade --set reach.mode=forwarder --set config.http.drain=3s && [[ $(pod_uid) != "$before" ]]
}

upgraded_while_read() {
  reading_during 'helm upgrade' upgraded
}

replaced_behind_forwarder() { # not one request fails
  replaced "$work/forwarder" || return 1
  echo "absence with the forwarder: $(absence "$work/forwarder")" | tee -a "$work/figures"
  # None is refused, and none waits in vain. What was under way at the very end of the old server may have been cut.
  ! grep -E 'Refused|imeout' "$work/forwarder" && [[ $(grep -cvE ' (200|503)$' "$work/forwarder") -le 2 ]]
}

deleted_while_read() {
  reading_during 'kubectl delete pod' replaced "$work/meanwhile"
}

uninstall_without_a_node() { # one that cannot be put back is named, and nothing goes
  local said
  # What runs lazily needs the registry.
  kubectl delete deployment/web pod/reader --ignore-not-found --grace-period=1 --wait || return 1
  kubectl create -f - <<<'{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "gone"}}' || return 1
  if said=$(helm uninstall lighter --namespace lighter --wait --timeout 90s 2>&1); then
    echo "it was uninstalled: $said"
    return 1
  fi
  echo "$said"
  grep -E 'not put back within 25 s: (gone|gone, node1)"?$' <<<"$said" && registry_answers
}

uninstall() {
  kubectl delete node gone || return 1
  helm uninstall lighter --namespace lighter --wait --timeout 150s && within 30 eval '! registry_answers' || return 1
  # The Jobs stay an hour for their logs.
  k delete jobs --all >/dev/null
  within 30 sh -c '[ -z "$(kubectl -n lighter get pods -o name)" ]'
  local left
  left=$(k get all,configmaps,secrets,networkpolicies,poddisruptionbudgets,serviceaccounts,roles,leases -o name |
    grep -vE 'kube-root-ca.crt|serviceaccount/default')
  kubectl get priorityclasses,clusterroles,clusterrolebindings -o name | grep lighter && return 1
  [[ -z $left ]] || { echo "left: $left"; return 1; }
  k get pvc data-lighter-0 -o name
}

node_as_before() {
  cat "$work/node/log/systemctl"
  files_of_node | diff "$work/files.before" - && [[ $(restarts) == 3 ]] &&
    [[ $(iptables-save | grep -c "dport $port") == "$(cat "$work/rules.before")" ]]
}

check 'the API server accepts every golden output' accepted_by_api
check 'the image loads without a network' ctr_node images import "$image"
version=$(sed -n 's/^appVersion: //p' helm/lighter/Chart.yaml)
ctr_node images ls -q | holds "lighter:$version" || ctr_node images ls -q | grep lighter
check 'helm install' install
check "localhost:$port answers on the node" within 20 registry_answers
check "the server's pod keeps to the restricted profile" admitted_as_restricted
check 'the preflight says how the node reaches it' preflight_says
check 'the listed images were pulled and converted' images_converted
check 'the node was set up by the DaemonSet' node_set_up
check 'setting it up once more changes nothing' set_up_again
check 'its tag is lazy' lazy_by_tag
check "a deployment pulls through the node's mirror" deploy
check 'its containers run lazily' runs_lazily
check 'files come when they are read' reads_what_nobody_read 1
check 'upstream sent the image once' pulled_once
check 'helm test' helm_test
check 'the pod is replaced, reached by NodePort' replaced_by_node_port
check 'the containers still read what nobody read' reads_what_nobody_read 2
check 'helm upgrade with another configuration' upgrade
check 'helm upgrade that the server need not notice' upgrade_without_effect
check 'a configuration that is wrong changes nothing' bad_configuration_is_refused
check 'helm rollback from a server that does not start' rollback
check 'helm upgrade to the forwarder' forwarder
check 'the readiness experiment of the chart' readiness
check "a container reads lazily through localhost:$port" start_reader
check 'helm upgrade: it can read all it wants' upgraded_while_read
check 'kubectl delete pod: it can read all it wants' deleted_while_read
check 'the pod is replaced behind the forwarder' replaced_behind_forwarder
check 'the containers still read what nobody read, behind the forwarder' reads_what_nobody_read 3
check 'helm uninstall names a node that cannot be put back, and goes no further' uninstall_without_a_node
check 'helm uninstall puts the node back and leaves only the volume' uninstall
check 'the node is as it was' node_as_before

[[ ! -f $work/figures ]] || cat "$work/figures"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
