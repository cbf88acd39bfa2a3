#!/usr/bin/env bash
# Layers converted by the project's own code, and judged by others: the stargz snapshotter's Go library opens, verifies
# and reads every file of every result; Python's tarfile says what the original unpacks to; GNU tar lists both. Then
# clients that know nothing of eStargz unpack whole images of such layers. Ends with the line "N passed, N failed".
#
#   e2e/conversion-judge.sh [STEP...]
#
# STEP is one of itself fixtures many odd random lists packed theirs command large clients; without an argument all are done.
# TARS=500 and SEED=… choose how many random tars there are and which, SEED also the prefetch lists. Needs root, e2e/tools.sh to have run, and the
# build of `mvn verify`; builds what is missing. A random tar that was converted wrongly stays in a temporary folder.
set -euo pipefail
# shellcheck source=e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=e2e/jdk.sh
. "$e2e/jdk.sh"
root=$(dirname "$e2e")
# podman takes no capital letters in the path of an image.
images=${TMPDIR:-/tmp}/lighter-judge-$$

finish() {
  local status=$?
  trap - EXIT
  stop_registries "$state"
  chmod -R u+rwX "$state" 2>/dev/null || true
  rm -rf "$state" "$images"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

java=$(jdk_25)/bin/java
classes="$root/conversion/target/test-classes:$root/registry-server/target/lighter/lib/*"

judge() { # VERB ARGUMENT...
  PYTHONDONTWRITEBYTECODE=1 python3 "$e2e/judge" \
    --converter "exec '$java' -Xmx256m --enable-native-access=ALL-UNNAMED -cp '$classes' io.lighter.conversion.ConvertLayers" "$@"
}

build() {
  "$lighter" --version >/dev/null
  [[ -n $(find "$root/conversion/target/test-classes" -name ConvertLayers.class \
    -newer "$root/conversion/src/test/java/io/lighter/conversion/ConvertLayers.java" 2>/dev/null) ]] ||
    mvn -B -q -f "$root/pom.xml" -pl conversion -am test-compile -Dspotless.check.skip
}

# --- layers ------------------------------------------------------------------------------------------------------

find_fixture_layers() { # sets fixtures and layers
  fixtures=$("$e2e/fixtures.sh" | tail -n 1)
  mapfile -t layers < <(for image in "$fixtures"/oci/*; do image_layers "$image"; done | sort -u)
  [[ ${#layers[@]} -ge 8 ]] || { echo "only ${#layers[@]} layers in $fixtures" >&2; return 1; }
}

fixture_layers() {
  find_fixture_layers
  judge layers "${layers[@]}"
}

image_layers() { # LAYOUT   the files of all tar layers of all its images
  local blob
  for blob in "$1"/blobs/sha256/*; do
    if [[ $(stat -c %s "$blob") -lt 1000000 ]]; then
      jq -r '.layers[]? | select(.mediaType | contains(".tar")) | .digest' "$blob" 2>/dev/null || true
    fi
  done | sort -u | sed "s|^sha256:|$1/blobs/sha256/|"
}

random_tars() {
  judge random "${TARS:-500}" ${SEED:+--seed "$SEED"}
}

# Without the one that costs as much time as all others together: as it is, it was judged above.
find_small_layers() { # sets fixtures and layers
  find_fixture_layers
  mapfile -t layers < <(find "${layers[@]}" -size -16M)
  [[ ${#layers[@]} -ge 7 ]] || { echo "only ${#layers[@]} small layers in $fixtures" >&2; return 1; }
}

prefetch_lists() {
  find_small_layers
  judge lists ${SEED:+--seed "$SEED"} "${layers[@]}"
}

packed_layers() {
  find_small_layers
  judge packed "${layers[@]}"
}

# --- eStargz of others -------------------------------------------------------------------------------------------

their_layers_are_right() {
  local layer theirs=()
  find_fixture_layers
  mkdir "$state/theirs"
  for layer in "${layers[@]}"; do
    estargz-check -build "$state/theirs/${#theirs[@]}" "$layer"
    theirs+=("$state/theirs/${#theirs[@]}")
  done
  estargz-check -build "$state/theirs/packed" -packed "${layers[0]}"
  "$java" -Xmx256m --enable-native-access=ALL-UNNAMED -cp "$classes" io.lighter.conversion.VerifyLayers \
    "${theirs[@]}" "$state/theirs/packed"
  rm -rf "$state/theirs"
}

# --- the command -------------------------------------------------------------------------------------------------

command_gives_the_same_layers() {
  find_small_layers
  printf '%s\n' 'usr/bin/curl' 'usr/lib/**/*.so*' 'missing' >"$state/list"
  same_layer "$(largest_layer)" '' 0
  same_layer "$(largest_layer)" "$state/list" 0
  same_layer "$(largest_layer)" "$state/list" 50000
}

largest_layer() { stat -c '%s %n' "${layers[@]}" | sort -n | tail -n 1 | cut -d' ' -f2; }

same_layer() { # LAYER LIST MIN_CHUNK_SIZE   the bytes, and all that is said of them
  local said wanted
  said=$("$lighter" convert --layer ${2:+--prefetch-list "$2"} --min-chunk-size "$3" "$1" "$state/by-command" 2>"$state/notes") ||
    { cat "$state/notes" >&2; return 1; }
  wanted=$(judge one --list "$2" --min-chunk-size "$3" "$1" "$state/by-judge")
  cmp "$state/by-command" "$state/by-judge"
  same digest "$(digest_of <"$state/by-command")" "$(jq -r .digest <<<"$said")"
  local fields='[.size, .tocDigest, .diffId, .uncompressedSize]'
  same "what is said" "$(jq -c "$fields" <<<"$wanted")" "$(jq -c "$fields" <<<"$said")"
}

command_converts_an_image() {
  local fixtures
  fixtures=$("$e2e/fixtures.sh" | tail -n 1)
  mkdir -p "$images"
  "$lighter" convert "oci:$fixtures/oci/odd:1" "oci:$images/by-command:1"
  estargz-check -all "$images/by-command:1"
  unpack "$fixtures/oci/odd" "$state/odd-files"
  unpack "$images/by-command" "$state/by-command-files"
  # But for the times of directories that no layer has an entry for.
  python3 "$e2e/treediff.py" --untimed '' --untimed orphan --untimed orphan/parents \
    "$state/odd-files/rootfs" "$state/by-command-files/rootfs"
  rm -rf "$state/odd-files" "$state/by-command-files" "$images/by-command"
}

# distribution with one account, ann with the password secret; a program knows her as well as a file does.
registry_with_login() { # sets login
  local port
  port=$(free_port)
  login=127.0.0.1:$port
  mkdir -p "$state/login/store" "$state/login/bin"
  python3 -W ignore -c 'import crypt; print("ann:" + crypt.crypt("secret", crypt.mksalt(crypt.METHOD_BLOWFISH)))' \
    >"$state/login/htpasswd"
  cat >"$state/login/config.yml" <<YML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: "$state/login/store"}}
auth: {htpasswd: {realm: judge, path: "$state/login/htpasswd"}}
http: {addr: "$login", secret: judge}
YML
  OTEL_TRACES_EXPORTER=none setsid registry serve "$state/login/config.yml" >"$state/login/log" 2>&1 </dev/null &
  echo $! >"$state/login.registry"
  wait_for 10 curl -fs -u ann:secret -o /dev/null "http://$login/v2/"
  cat >"$state/login/bin/docker-credential-judge" <<'SH'
#!/bin/sh
read -r host || true
[ "$1 $host" = "get $JUDGE_HOST" ] && echo '{"Username": "ann", "Secret": "secret"}'
SH
  chmod +x "$state/login/bin/docker-credential-judge"
}

push_with() { # CONFIG_JSON TAG
  mkdir -p "$state/login/docker"
  echo "$1" >"$state/login/docker/config.json"
  PATH=$state/login/bin:$PATH JUDGE_HOST=$login DOCKER_CONFIG=$state/login/docker \
    "$lighter" convert "oci:$fixtures/oci/odd:1" "docker://$login/team/odd:$2" >"$state/login/said" 2>"$state/login/notes"
}

command_pushes_with_a_login() {
  local fixtures login said
  fixtures=$("$e2e/fixtures.sh" | tail -n 1)
  registry_with_login
  if push_with '{}' nobody; then
    echo "pushed without an account" >&2
    return 1
  fi
  grep -q "$login asks for a password" "$state/login/notes" || { cat "$state/login/notes" >&2; return 1; }
  push_with "{\"auths\": {\"$login\": {\"auth\": \"$(printf ann:secret | base64)\"}}}" file
  push_with "{\"credHelpers\": {\"$login\": \"judge\"}}" program
  said=$(jq -r .digest "$state/login/said")
  for tag in file program; do
    same "digest of $tag" "$said" "$(pushed_digest "$tag")"
  done
  stop_registry login "$state"
}

pushed_digest() { # TAG
  curl -fs -u ann:secret -H 'Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' \
    "http://$login/v2/team/odd/manifests/$1" | digest_of
}

# --- large layers ------------------------------------------------------------------------------------------------

large_layers() {
  local folder
  folder=$("$e2e/large-layers.sh" | tail -n 1)
  judge layers "$folder"/*.tar.gz
}

# --- whole images ------------------------------------------------------------------------------------------------

two_images() {
  local fixtures folder
  fixtures=$("$e2e/fixtures.sh" | tail -n 1)
  folder=$("$e2e/large-layers.sh" | tail -n 1)
  judge write-odd "$state/odd.tar"
  mkdir -p "$images"
  # The smallest of the large layers: whether clients take the others says nothing new.
  mapfile -t odd < <(image_layers "$fixtures/oci/odd")
  judge images "$images/original" "$images/converted" "$folder/4.tar.gz" "$state/odd.tar" "${odd[@]}"
  estargz-check -all "$images/converted:1"
  unpack "$images/original" "$state/original-files"
}

umoci_unpacks() {
  unpack "$images/converted" "$state/unpacked"
  compare "$state/original-files/rootfs" "$state/unpacked/rootfs"
  rm -rf "$state/unpacked"
}

gnu_tar_unpacks() { # the layer with most oddities
  local manifest layer image
  for image in original converted; do
    mkdir "$state/tar-$image"
    manifest=$(layout_blob "$images/$image" "$(layout_digest "$images/$image")")
    layer=$(layout_blob "$images/$image" "$(jq -r '.layers[1].digest' "$manifest")")
    # A plain tar or a compressed one: which, tar finds out by itself.
    tar -C "$state/tar-$image" --numeric-owner --delay-directory-restore --xattrs --xattrs-include='*' -xpf "$layer"
  done
  python3 "$e2e/treediff.py" "$state/tar-original" "$state/tar-converted" >"$state/diff" || { cat "$state/diff" >&2; return 1; }
  note "$(tail -n 1 "$state/diff")"
  rm -rf "$state/tar-original" "$state/tar-converted"
}

# But for the time of directories that no layer has an entry for, or only a layer below the last that changed them.
compare() { # ORIGINAL CONVERTED   folders
  python3 "$e2e/treediff.py" --untimed '' --untimed orphan --untimed orphan/parents --untimed odd/a "$1" "$2" >"$state/diff" || {
    head -n 20 "$state/diff" >&2
    return 1
  }
  note "$(tail -n 1 "$state/diff")"
}

# Storage without overlays: copies of files, whatever file system the machine has.
in_storage() { # PROGRAM ARGUMENT...   podman or buildah
  local program=$1
  shift
  "$program" --root "$state/containers" --runroot "$state/containers-run" --storage-driver vfs "$@"
}

empty_storage() {
  in_storage buildah rm -a >/dev/null
  in_storage podman image rm -af >/dev/null
}

# Both images: what such a storage makes of hard links to pipes is its own affair.
podman_takes_it() {
  local original converted
  original=$(in_storage podman pull -q "oci:$images/original:1" | tail -n 1)
  converted=$(in_storage podman pull -q "oci:$images/converted:1" | tail -n 1)
  compare "$(in_storage podman image mount "$original")" "$(in_storage podman image mount "$converted")"
  in_storage podman image umount -a >/dev/null
  empty_storage
}

buildah_takes_it() {
  local original converted
  original=$(in_storage buildah from -q "oci:$images/original:1")
  converted=$(in_storage buildah from -q "oci:$images/converted:1")
  compare "$(in_storage buildah mount "$original")" "$(in_storage buildah mount "$converted")"
  in_storage buildah umount -a >/dev/null
  empty_storage
}

skopeo_copies() { # into a folder and back, each blob compared with its digest
  copy "oci:$images/converted:1" "dir:$images/dir"
  copy "dir:$images/dir" "oci:$images/again:1"
  same "digest" "$(layout_digest "$images/converted")" "$(layout_digest "$images/again")"
}

# Without this, that a client unpacked the image would not prove that it compared DiffIDs.
umoci_refuses_other_diff_ids() {
  cp -r "$images/converted" "$images/broken"
  swap_diff_ids "$images/broken"
  if umoci unpack --image "$images/broken:1" "$state/unpacked" >"$state/refusal" 2>&1; then
    echo "umoci took an image with wrong DiffIDs" >&2
    return 1
  fi
  grep -i 'diff.*id' "$state/refusal"
}

swap_diff_ids() { # LAYOUT   two DiffIDs change places; everything else fits
  local manifest config new_config new_manifest
  manifest=$(layout_digest "$1")
  config=$(jq -r .config.digest "$(layout_blob "$1" "$manifest")")
  jq -c '.rootfs.diff_ids |= [.[1], .[0]] + .[2:]' "$(layout_blob "$1" "$config")" >"$1/config"
  new_config=$(digest_of <"$1/config")
  jq -c --arg digest "$new_config" --argjson size "$(stat -c %s "$1/config")" \
    '.config.digest = $digest | .config.size = $size' "$(layout_blob "$1" "$manifest")" >"$1/manifest"
  new_manifest=$(digest_of <"$1/manifest")
  jq -c --arg digest "$new_manifest" --argjson size "$(stat -c %s "$1/manifest")" \
    '.manifests[0].digest = $digest | .manifests[0].size = $size' "$1/index.json" >"$1/index"
  mv "$1/index" "$1/index.json"
  mv "$1/config" "$(layout_blob "$1" "$new_config")"
  mv "$1/manifest" "$(layout_blob "$1" "$new_manifest")"
}

step_itself() { step 'the judge notices whatever two layers differ in' judge itself; }
step_fixtures() { step 'every layer of the fixture images' fixture_layers; }
step_many() { step 'a tree of 50,000 small files' judge many 50000; }
step_odd() { step 'every oddity of tar, and every way to compress it' judge odd; }
step_random() { step "${TARS:-500} random tars" random_tars; }
step_lists() { step 'random prefetch lists, also by the order of the Go library' prefetch_lists; }
step_packed() { step 'layers whose small files share gzip members' packed_layers; }
step_theirs() { step 'what the Go library converts is found to be right' their_layers_are_right; }
step_command() {
  step 'lighter convert --layer gives the same bytes' command_gives_the_same_layers
  step 'lighter convert makes a whole image lazy' command_converts_an_image
  step 'lighter convert pushes with a login, from the file and by a helper' command_pushes_with_a_login
}
step_large() { step 'every layer of a large image of Debian packages' large_layers; }
step_clients() {
  step 'two images, of the same layers and of converted ones' two_images
  step 'umoci unpacks the converted one to the same files' umoci_unpacks
  step 'umoci refuses it with two DiffIDs exchanged' umoci_refuses_other_diff_ids
  step 'GNU tar unpacks a converted layer to the same files' gnu_tar_unpacks
  step 'podman pulls and mounts it' podman_takes_it
  step 'buildah works from it' buildah_takes_it
  step 'skopeo copies it and changes nothing' skopeo_copies
}

step 'the converter is built' build
for name in "${@:-itself fixtures many odd random lists packed theirs command large clients}"; do
  for each in $name; do
    "step_$each"
  done
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
