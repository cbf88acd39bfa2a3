#!/usr/bin/env bash
# The container image: built from this tree, loaded by the engines, and run as a cluster should run it, without root,
# capabilities, a shell or a file system to write to, in 512 MiB. Ends with the line "N passed, N failed".
#
#   e2e/image.sh [ARCHIVE]      with an archive that is there, nothing is built
#
# Needs e2e/tools.sh to have run, and root. All ports are free ones on the loopback, all state is in a temporary folder.
# A failure leaves the servers' logs in e2e/target/.
set -euo pipefail
# shellcheck source=e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=e2e/client-lib.sh
. "$e2e/client-lib.sh"

finish() {
  local status=$?
  trap - EXIT
  if [[ $failed -gt 0 || $status -ne 0 ]]; then
    mkdir -p "$e2e/target"
    for log in build docker/log containerd/log served; do
      [[ ! -f $state/$log ]] || cp "$state/$log" "$e2e/target/image-$(tr / - <<<"$log")"
    done
  fi
  [[ ! -f $state/docker/engine.pid ]] || in_docker rm -f lighter >/dev/null 2>&1 || true
  stop_dockerd
  # The engine leaves what containers in the machine's network were given.
  umount "$state/docker/exec/netns/default" 2>/dev/null || true
  stop_everything
  rm -rf "$state"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

archive=${1:-$state/lighter.tar}
layout=$state/layout
version=$(sed -n '0,/<version>/s/.*<version>\(.*\)<\/version>.*/\1/p' "$e2e/../pom.xml")
image=lighter:$version

# --- built -------------------------------------------------------------------------------------------------------

builds() {
  "$lighter" image --output "$archive" >"$state/build" 2>&1 || { tail -n 25 "$state/build" >&2; return 1; }
  same platforms 2 "$(grep -c '^linux/' "$state/build")"
}

index_file() {
  layout_blob "$layout" "$(jq -r '.manifests[0].digest' "$layout/index.json")"
}

manifest_digest() { # ARCHITECTURE
  jq -er --arg architecture "$1" '.manifests[] | select(.platform.architecture == $architecture) | .digest' "$(index_file)"
}

same_again() {
  "$lighter" image --platform linux/amd64 --output "$state/again.tar" >>"$state/build" 2>&1
  grep -q "^linux/amd64: $(manifest_digest amd64)," <(tail -n 2 "$state/build")
}

is_small() {
  local architecture size
  for architecture in amd64 arm64; do
    size=$(jq '[.layers[].size] | add' "$(layout_blob "$layout" "$(manifest_digest "$architecture")")")
    [[ $size -le 80000000 ]] || { echo "$architecture has $size bytes" >&2; return 1; }
    note "$architecture $((size / 1000000)) MB"
  done
}

entries() { # ARCHITECTURE   of all layers, as tar lists them
  local digest
  jq -r '.layers[].digest' "$(layout_blob "$layout" "$(manifest_digest "$1")")" | while read -r digest; do
    tar -tvzf "$(layout_blob "$layout" "$digest")" --numeric-owner
  done
}

holds_nothing_dangerous() {
  local architecture
  for architecture in amd64 arm64; do
    entries "$architecture" >"$state/entries"
    [[ $(wc -l <"$state/entries") -gt 100 ]] || return 1
    ! grep -E '^.{3}[sS]|^.{6}[sS]' "$state/entries" || { echo "setuid or setgid" >&2; return 1; }
    ! grep -E '/(sh|bash|dash|busybox|perl|python[0-9.]*)( |$)' "$state/entries" || { echo "a shell" >&2; return 1; }
    ! grep -vE '^(l|.{8}-)' "$state/entries" | grep -vE ' (\./)?tmp/$' || { echo "writable by everybody" >&2; return 1; }
    same "owners of $architecture" "0/0 65532/65532" "$(awk '{ print $2 }' "$state/entries" | sort -u | paste -sd ' ')"
    grep -qE 'usr/share/doc/libc6/copyright$' "$state/entries"
    grep -qE 'lighter/sbom.json$' "$state/entries"
  done
}

has_nsenter() { # for node set-up
  in_docker run --rm "${restricted[@]}" --entrypoint nsenter "$image" --version | holds util-linux
}

is_labelled() {
  local config
  config=$(layout_blob "$layout" "$(jq -r .config.digest "$(layout_blob "$layout" "$(manifest_digest amd64)")")")
  same label "$version" "$(jq -r '.config.Labels["org.opencontainers.image.version"]' "$config")"
  same user 65532:65532 "$(jq -r .config.User "$config")"
}

# --- loaded ------------------------------------------------------------------------------------------------------

into_containerd() {
  start_containerd
  ctr -a "$state/containerd/sock" images import --all-platforms "$archive"
  same digest "$(jq -r '.manifests[0].digest' "$layout/index.json")" \
    "$(ctr -a "$state/containerd/sock" images ls | awk -v name="docker.io/library/$image" '$1 == name { print $3 }')"
}

runs_in_containerd() {
  same version "lighter $version" \
    "$(ctr -a "$state/containerd/sock" run --rm --read-only "docker.io/library/$image" version /lighter/bin/lighter --version)"
}

into_podman() {
  in_storage podman load -q -i "$archive"
  same user 65532:65532 "$(in_storage podman image inspect -f '{{.Config.User}}' "docker.io/library/$image")"
}

by_skopeo() {
  same architecture arm64 "$(skopeo --insecure-policy --override-arch arm64 inspect "oci-archive:$archive:$version" | jq -r .Architecture)"
}

into_docker() {
  start_dockerd
  in_docker load -q -i "$archive"
  same entry '[/lighter/bin/lighter]' "$(in_docker image inspect -f '{{.Config.Entrypoint}}' "$image")"
}

# --- run ---------------------------------------------------------------------------------------------------------

restricted=(--read-only --cap-drop ALL --security-opt no-new-privileges --memory 512m --network host)

serve() {
  free_port >"$state/port"
  free_port >"$state/management"
  mkdir -p "$state/data"
  chown 65532:65532 "$state/data"
  cat >"$state/lighter.yaml" <<YAML
http: {listen: 127.0.0.1:$(cat "$state/port")}
management: {listen: 127.0.0.1:$(cat "$state/management")}
storage: {directory: /var/lib/lighter}
upstreams: []
defaultUpstream: ""
YAML
  in_docker run -d --name lighter "${restricted[@]}" -v "$state/data:/var/lib/lighter" \
    -v "$state/lighter.yaml:/etc/lighter/lighter.yaml:ro" --tmpfs /tmp "$image"
  wait_for 30 is_ready || { in_docker logs lighter >&2; return 1; }
  in_docker inspect -f '{{.State.Pid}}' lighter >"$state/pid"
}

is_ready() {
  curl -fs -m 5 -o /dev/null "http://127.0.0.1:$(cat "$state/management")/health/ready"
}

has_no_power() {
  local status
  status=/proc/$(cat "$state/pid")/status
  same user 65532 "$(awk '/^Uid:/ { print $2 }' "$status")"
  same capabilities '0000000000000000 0000000000000000' "$(awk '/^Cap(Eff|Bnd):/ { print $2 }' "$status" | paste -sd ' ')"
}

uses_the_aot_cache() {
  grep -q /lighter/aot/lighter "/proc/$(cat "$state/pid")/maps"
}

divides_its_memory() {
  in_docker logs lighter >"$state/served" 2>&1
  grep -E 'memory .*heap 1[89][0-9] MiB.* of 512 MiB' "$state/served"
  grep -q 'encoder libdeflate' "$state/served"
  ! grep -E ' (WARN|ERROR) ' "$state/served" || return 1
}

pushes_and_pulls() {
  local registry
  registry=127.0.0.1:$(cat "$state/port")
  copy --all "oci-archive:$archive:$version" "docker://$registry/team/app:1"
  copy --all "docker://$registry/team/app:1" "oci:$state/pulled:1"
  same digest "$(jq -r '.manifests[0].digest' "$layout/index.json")" "$(layout_digest "$state/pulled")"
  same "first range" 206 "$(get_status "http://$registry/v2/team/app/blobs/$(
    jq -r '.layers[1].digest' "$(layout_blob "$layout" "$(manifest_digest amd64)")")" -r 0-4095)"
  get_digest "http://$registry/v2/team/app/manifests/1" >"$state/original"
  wait_lazy "$(cat "$state/original")" "http://$registry/v2/team/app/manifests/1" -H 'Lighter-View: lazy'
}

ends_in_order() {
  local started=$SECONDS
  in_docker stop -t 20 lighter
  same "exit status" 0 "$(in_docker inspect -f '{{.State.ExitCode}}' lighter)"
  [[ $((SECONDS - started)) -le 10 ]]
  ! in_docker logs lighter 2>&1 | grep -E 'not closed in order| ERROR ' || return 1
}

starts_again() {
  in_docker start lighter
  wait_for 30 is_ready
  same digest "$(cat "$state/original")" "$(get_digest "http://127.0.0.1:$(cat "$state/port")/v2/team/app/manifests/1")"
}

command_in_image() { # ARGUMENT...
  in_docker run --rm "${restricted[@]}" -v "$state/work:/mnt" "$image" "$@"
}

checks_its_configuration() {
  command_in_image config check --config /etc/lighter/lighter.yaml | grep -E 'listen: *"0.0.0.0:30500"'
}

converts_a_layer() {
  mkdir -p "$state/work"
  cp "$(layout_blob "$layout" "$(jq -r '.layers[3].digest' "$(layout_blob "$layout" "$(manifest_digest amd64)")")")" "$state/work/layer"
  chown -R 65532:65532 "$state/work"
  command_in_image convert --layer /mnt/layer /mnt/lazy | jq -er .tocDigest
}

measures() {
  command_in_image bench range "http://127.0.0.1:$(cat "$state/port")/v2/team/app/blobs/$(
    jq -r '.layers[1].digest' "$(layout_blob "$layout" "$(manifest_digest amd64)")")" --size 4KiB --duration 1s
}

starts_on_arm() {
  local root=$state/arm
  skopeo --insecure-policy --override-arch arm64 copy -q "oci-archive:$archive:$version" "oci:$state/arm-layout:1"
  umoci unpack --image "$state/arm-layout:1" "$root"
  cp "$(command -v qemu-aarch64-static)" "$root/rootfs/emulator"
  same version "lighter $version" "$(timeout 400 chroot "$root/rootfs" /emulator /lighter/runtime/bin/java @/lighter/java.options /lighter/bin/lighter --version)"
}

[[ $# -gt 0 ]] || step 'the image is built' builds
mkdir "$layout"
tar -C "$layout" -xf "$archive"
step 'it is small' is_small
step 'it has no setuid file, no shell, nothing writable' holds_nothing_dangerous
step 'it says what it is' is_labelled
step 'containerd imports it' into_containerd
step 'containerd runs it' runs_in_containerd
step 'podman loads it' into_podman
step 'skopeo finds both platforms' by_skopeo
step 'docker loads it' into_docker
step 'nsenter is in it' has_nsenter
step 'it serves, with nothing allowed' serve
step 'it is nobody and may do nothing' has_no_power
step 'it uses the AOT cache' uses_the_aot_cache
step 'it divides the memory of the container' divides_its_memory
step 'an image is pushed, pulled, converted' pushes_and_pulls
step 'bench works in it' measures
step 'SIGTERM ends it in order' ends_in_order
step 'it starts again with what it had' starts_again
step 'config check works in it' checks_its_configuration
step 'convert works in it' converts_a_layer
step 'the arm64 image starts, under emulation' starts_on_arm
[[ $# -gt 0 ]] || step 'built again it is the same' same_again
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
