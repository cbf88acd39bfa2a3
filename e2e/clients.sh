#!/usr/bin/env bash
# What people push, pull, copy, list, sign and delete with, each against one Lighter that converts what is pushed and
# whose upstreams are out of reach: a push must never notice them. Ends with the line "N passed, N failed".
#
#   e2e/clients.sh [--table] [CLIENT...]     all clients without an argument
#
# What was found has to be what the table in docs/compatibility.md says, which --table rewrites.
# Needs e2e/tools.sh to have run. All ports are free ones on the loopback, all state is in a temporary folder.
# A failure leaves the servers' logs in e2e/target/.
set -euo pipefail
# shellcheck source=e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=e2e/client-table.sh
. "$e2e/client-table.sh"
# shellcheck source=e2e/client-lib.sh
. "$e2e/client-lib.sh"

finish() {
  local status=$?
  trap - EXIT
  stop_dockerd
  stop_everything
  stop_silent_upstream
  if [[ $failed -gt 0 || $status -ne 0 ]]; then
    keep_logs
  fi
  rm -rf "$state"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# --- Docker ------------------------------------------------------------------------------------------------------

docker_push() {
  local image=$state/images/docker
  skopeo --insecure-policy copy -q "oci:$image:1" "docker-archive:$state/docker.tar:$registry/docker/app:1"
  in_docker load -q -i "$state/docker.tar"
  in_docker push -q "$registry/docker/app:1"
  in_docker push "$registry/docker/app:1" | sed -n 's/^1: digest: \(sha256:[0-9a-f]*\) .*/\1/p' >"$state/docker.digest"
  same "digest" "$(cat "$state/docker.digest")" "$(get_digest "$v2/docker/app/manifests/1")"
}

docker_pull() {
  local before
  before=$(in_docker image inspect -f '{{.Id}}' "$registry/docker/app:1")
  in_docker image rm "$registry/docker/app:1"
  in_docker pull -q "$registry/docker/app:1"
  same "image" "$before" "$(in_docker image inspect -f '{{.Id}}' "$registry/docker/app:1")"
  same "digest" "$registry/docker/app@$(cat "$state/docker.digest")" \
    "$(in_docker image inspect -f '{{index .RepoDigests 0}}' "$registry/docker/app:1")"
}

docker_mount() {
  in_docker tag "$registry/docker/app:1" "$registry/docker/copy:1"
  in_docker push -q "$registry/docker/copy:1"
  layers_mounted docker/copy 1
}

client_docker() {
  step 'docker: the engine starts' start_dockerd
  client docker "$(in_docker version -f 'CLI {{.Client.Version}}, engine {{.Server.Version}}')"
  does docker push docker_push
  does docker 'pull back' docker_pull
  does docker mount docker_mount
}

# --- containerd --------------------------------------------------------------------------------------------------

in_containerd() { # NAMESPACE ARGUMENT...
  ctr -a "$state/containerd/sock" -n "$@"
}

ctr_push() {
  copy "oci:$state/images/ctr:1" "oci-archive:$state/ctr.tar:1"
  in_containerd pushing images import --base-name "$registry/ctr/app" "$state/ctr.tar"
  in_containerd pushing images push --plain-http "$registry/ctr/app:1"
  same "digest" "$(layout_digest "$state/images/ctr")" "$(get_digest "$v2/ctr/app/manifests/1")"
}

ctr_pull_back() {
  in_containerd pulling images pull --plain-http "$registry/ctr/app:1"
  same "digest" "$(layout_digest "$state/images/ctr")" \
    "$(in_containerd pulling images ls | awk -v name="$registry/ctr/app:1" '$1 == name { print $3 }')"
}

ctr_mount() {
  in_containerd pulling images tag "$registry/ctr/app:1" "$registry/ctr/copy:1"
  in_containerd pulling images push --plain-http "$registry/ctr/copy:1"
  layers_mounted ctr/copy 1
}

client_ctr() {
  step 'ctr: containerd starts' start_containerd
  client 'containerd (ctr)' "$(in_containerd x version | sed -n '/^Server/,$ s/^ *Version: *//p')"
  does 'containerd (ctr)' push ctr_push
  does 'containerd (ctr)' 'pull back' ctr_pull_back
  does 'containerd (ctr)' mount ctr_mount
}

# --- skopeo and umoci --------------------------------------------------------------------------------------------

skopeo_push() {
  copy "oci:$state/images/skopeo:1" "docker://$registry/skopeo/app:1"
  copy "oci:$state/images/skopeo:1" "docker://$registry/skopeo/app:2"
  same "digest" "$(layout_digest "$state/images/skopeo")" "$(get_digest "$v2/skopeo/app/manifests/1")"
}

skopeo_pull() {
  copy "docker://$registry/skopeo/app:1" "oci:$state/pulled-skopeo:1"
  diff -r "$state/images/skopeo/blobs" "$state/pulled-skopeo/blobs"
}

skopeo_mount() {
  copy "docker://$registry/skopeo/app:1" "docker://$registry/skopeo/copy:1"
  layers_mounted skopeo/copy 1
}

skopeo_tags() {
  same "tags" '["1","2"]' "$(skopeo list-tags --tls-verify=false "docker://$registry/skopeo/app" | jq -c .Tags)"
}

skopeo_delete() { # deletes the manifest, and with it every tag
  skopeo --insecure-policy delete --tls-verify=false "docker://$registry/skopeo/app:1"
  is_gone skopeo/app 1 2 "$(layout_digest "$state/images/skopeo")"
}

client_skopeo() {
  client skopeo "$(skopeo --version | awk '{ print $3 }')"
  does skopeo push skopeo_push
  does skopeo 'pull back' skopeo_pull
  does skopeo mount skopeo_mount
  does skopeo tags skopeo_tags
  does skopeo delete skopeo_delete
}

umoci_push() {
  copy "oci:$state/images/umoci:1" "docker://$registry/umoci/app:1"
  same "digest" "$(layout_digest "$state/images/umoci")" "$(get_digest "$v2/umoci/app/manifests/1")"
}

umoci_pull() {
  copy "docker://$registry/umoci/app:1" "oci:$state/pulled-umoci:1"
  same_files "$state/images/umoci" "$state/pulled-umoci"
}

client_umoci() {
  client 'umoci (by skopeo)' "$(umoci --version | awk '{ print $3 }')"
  does 'umoci (by skopeo)' push umoci_push
  does 'umoci (by skopeo)' 'pull back' umoci_pull
}

# --- buildah and podman ------------------------------------------------------------------------------------------

buildah_push() {
  local container
  container=$(in_storage buildah from scratch)
  in_storage buildah copy "$container" "$(new_file buildah)" /file
  in_storage buildah commit --signature-policy "$policy" "$container" "$registry/buildah/app:1"
  in_storage buildah push --signature-policy "$policy" --tls-verify=false --digestfile "$state/buildah.digest" "$registry/buildah/app:1"
  same "digest" "$(cat "$state/buildah.digest")" "$(get_digest "$v2/buildah/app/manifests/1")"
  in_storage buildah manifest create "$registry/buildah/index:1"
  in_storage buildah manifest add --tls-verify=false "$registry/buildah/index:1" "docker://$registry/buildah/app:1"
  in_storage buildah manifest push --signature-policy "$policy" --tls-verify=false --all "$registry/buildah/index:1" \
    "docker://$registry/buildah/index:1"
  same "child of the index" "$(cat "$state/buildah.digest")" \
    "$(curl -fsS "${manifest_types[@]}" "$v2/buildah/index/manifests/1" | jq -r '.manifests[].digest')"
}

buildah_pull() {
  in_storage buildah rm --all
  in_storage buildah rmi --all --force
  in_storage buildah pull -q --signature-policy "$policy" --tls-verify=false "$registry/buildah/app:1"
  same "digest" "$(cat "$state/buildah.digest")" \
    "$(in_storage buildah inspect --type image --format '{{.FromImageDigest}}' "$registry/buildah/app:1")"
}

buildah_mount() {
  in_storage buildah push --signature-policy "$policy" --tls-verify=false "$registry/buildah/app:1" "docker://$registry/buildah/copy:1"
  layers_mounted buildah/copy 1
}

client_buildah() {
  client buildah "$(buildah --version | awk '{ print $3 }')"
  does buildah push buildah_push
  does buildah 'pull back' buildah_pull
  does buildah mount buildah_mount
}

podman_push() {
  copy "oci:$state/images/podman:1" "oci-archive:$state/podman.tar:$registry/podman/app:1"
  in_storage podman load -q --signature-policy "$policy" -i "$state/podman.tar"
  in_storage podman push -q --tls-verify=false --digestfile "$state/podman.digest" "$registry/podman/app:1"
  same "digest" "$(cat "$state/podman.digest")" "$(get_digest "$v2/podman/app/manifests/1")"
}

podman_pull() {
  in_storage podman rmi "$registry/podman/app:1"
  in_storage podman pull -q --signature-policy "$policy" --tls-verify=false "$registry/podman/app:1"
  same "digest" "$(cat "$state/podman.digest")" "$(in_storage podman image inspect -f '{{.Digest}}' "$registry/podman/app:1")"
}

podman_mount() {
  in_storage podman push -q --tls-verify=false "$registry/podman/app:1" "$registry/podman/copy:1"
  layers_mounted podman/copy 1
}

podman_tags() {
  same "tags" 1 "$(in_storage podman search --tls-verify=false --list-tags "$registry/podman/app" | awk 'NR > 1 { print $2 }')"
}

# grep without -q: a client that is cut off in the midst of its list fails the pipe.
podman_catalog() {
  in_storage podman search --tls-verify=false --format '{{.Name}}' "$registry/podman/" | holds -x "$registry/podman/app"
}

client_podman() {
  client podman "$(podman --version | awk '{ print $3 }')"
  does podman push podman_push
  does podman 'pull back' podman_pull
  does podman mount podman_mount
  does podman tags podman_tags
  does podman catalog podman_catalog
}

# --- crane -------------------------------------------------------------------------------------------------------

crane_push() {
  crane push "$state/images/crane" "$registry/crane/app:1"
  crane tag "$registry/crane/app:1" 2
  same "digest" "$(layout_digest "$state/images/crane")" "$(get_digest "$v2/crane/app/manifests/1")"
}

crane_pull() {
  crane validate --remote "$registry/crane/app:1"
  crane pull --format oci "$registry/crane/app:2" "$state/pulled-crane"
  diff -r "$state/images/crane/blobs" "$state/pulled-crane/blobs"
}

crane_mount() {
  crane copy "$registry/crane/app:1" "$registry/crane/copy:1"
  layers_mounted crane/copy 1
}

crane_tags() {
  same "tags" '1 2' "$(crane ls "$registry/crane/app" | paste -sd ' ')"
}

crane_delete() {
  crane delete "$registry/crane/app:1"
  is_gone crane/app 1
  same "the other tag" 200 "$(get_status "$v2/crane/app/manifests/2")"
  crane delete "$registry/crane/app@$(layout_digest "$state/images/crane")"
  is_gone crane/app 2 "$(layout_digest "$state/images/crane")"
}

crane_catalog() {
  crane catalog "$registry" | holds -x crane/app
}

client_crane() {
  client crane "$(crane version)"
  does crane push crane_push
  does crane 'pull back' crane_pull
  does crane mount crane_mount
  does crane tags crane_tags
  does crane delete crane_delete
  does crane catalog crane_catalog
}

# --- regctl ------------------------------------------------------------------------------------------------------

# Small chunks, so that the layer takes many of them; and one push whose digests are sha512.
regctl_push() {
  regctl registry set "$registry" --tls disabled --blob-chunk 65536 --blob-max 65536
  regctl image copy "ocidir://$state/images/regctl:1" "$registry/regctl/app:1"
  same "digest" "$(layout_digest "$state/images/regctl")" "$(get_digest "$v2/regctl/app/manifests/1")"
  local chunks
  chunks=$(requests regctl/app | grep -c '^PATCH .* 202$')
  [[ $chunks -gt 10 ]] || same "chunks" "more than 10" "$chunks"
  note "$chunks chunks"
  regctl image mod "$registry/regctl/app:1" --digest-algo sha512 --create "$registry/regctl/app:sha512"
  local digest
  digest=$(regctl image digest "$registry/regctl/app:sha512")
  curl -fsS "${manifest_types[@]}" "$v2/regctl/app/manifests/sha512" >"$state/sha512"
  same "layers" sha512 "$(jq -r '.layers[].digest' "$state/sha512" | cut -d: -f1 | sort -u)"
  same "by sha512" "$(digest_of <"$state/sha512")" \
    "$(curl -fsS "${manifest_types[@]}" "$v2/regctl/app/manifests/sha512:$(sha512sum <"$state/sha512" | cut -d ' ' -f 1)" | digest_of)"
  note "the sha512 image is $digest"
}

regctl_pull() {
  regctl image copy "$registry/regctl/app:1" "ocidir://$state/pulled-regctl:1"
  same "digest" "$(layout_digest "$state/images/regctl")" "$(layout_digest "$state/pulled-regctl")"
  diff -r "$state/images/regctl/blobs" "$state/pulled-regctl/blobs"
}

# From a folder regctl does not know where the registry has a blob, and asks for it without "from".
regctl_mount() {
  regctl image copy "$registry/regctl/app:1" "$registry/regctl/copy:1"
  layers_mounted regctl/copy 1
  regctl image copy "ocidir://$state/images/regctl:1" "$registry/regctl/anonymous:1"
  layers_mounted regctl/anonymous 1
  requests regctl/anonymous | grep 'mount=' | grep -v 'from='
}

regctl_tags() {
  same "tags" '1 sha512' "$(regctl tag ls "$registry/regctl/app" | paste -sd ' ')"
  same "page" 'sha512' "$(regctl tag ls --last 1 --limit 1 "$registry/regctl/app" | paste -sd ' ')"
}

regctl_referrers() {
  echo '{"spdxVersion":"SPDX-2.3"}' | regctl artifact put --artifact-type application/spdx+json --subject "$registry/regctl/app:1"
  same "list" application/spdx+json "$(regctl artifact list "$registry/regctl/app:1" --format '{{range .Descriptors}}{{.ArtifactType}}{{end}}')"
  same "filtered" '' "$(regctl artifact list --filter-artifact-type a/b "$registry/regctl/app:1" --format '{{range .Descriptors}}{{.ArtifactType}}{{end}}')"
  same "pulled" '{"spdxVersion":"SPDX-2.3"}' "$(regctl artifact get --subject "$registry/regctl/app:1" --filter-artifact-type application/spdx+json)"
  listed_by_api regctl/app 1 application/spdx+json
}

regctl_delete() {
  regctl tag delete "$registry/regctl/app:sha512"
  is_gone regctl/app sha512
  regctl manifest delete "$registry/regctl/app@$(layout_digest "$state/images/regctl")"
  is_gone regctl/app 1 "$(layout_digest "$state/images/regctl")"
}

regctl_catalog() {
  regctl repo ls "$registry" | holds -x regctl/app
}

client_regctl() {
  client regctl "$(regctl version --format '{{.VCSTag}}')"
  does regctl push regctl_push
  does regctl 'pull back' regctl_pull
  does regctl mount regctl_mount
  does regctl tags regctl_tags
  does regctl referrers regctl_referrers
  does regctl delete regctl_delete
  does regctl catalog regctl_catalog
}

# --- oras --------------------------------------------------------------------------------------------------------

oras_push() { # an image, and files as an artifact
  oras cp --from-oci-layout --to-plain-http "$state/images/oras:1" "$registry/oras/app:1"
  same "digest" "$(layout_digest "$state/images/oras")" "$(get_digest "$v2/oras/app/manifests/1")"
  (cd "$state/files" && oras push --plain-http --artifact-type application/vnd.example.file "$registry/oras/app:files" oras:application/octet-stream)
}

oras_pull() {
  oras cp --from-plain-http --to-oci-layout "$registry/oras/app:1" "$state/pulled-oras:1"
  same "digest" "$(layout_digest "$state/images/oras")" "$(layout_digest "$state/pulled-oras")"
  diff -r "$state/images/oras/blobs" "$state/pulled-oras/blobs"
  oras pull --plain-http -o "$state/pulled-files" "$registry/oras/app:files"
  cmp "$state/files/oras" "$state/pulled-files/oras"
}

oras_mount() {
  oras cp --from-plain-http --to-plain-http "$registry/oras/app:1" "$registry/oras/copy:1"
  layers_mounted oras/copy 1
}

oras_tags() {
  same "tags" '1 files' "$(oras repo tags --plain-http "$registry/oras/app" | paste -sd ' ')"
}

oras_referrers() {
  (cd "$state/files" && oras attach --plain-http --artifact-type application/vnd.example.note "$registry/oras/app:1" oras:text/plain)
  same "discovered" application/vnd.example.note \
    "$(oras discover --plain-http --format json "$registry/oras/app:1" | jq -r '.referrers[].artifactType')"
  same "of another type" '' "$(oras discover --plain-http --artifact-type a/b --format json "$registry/oras/app:1" | jq -r '.referrers[]?.artifactType')"
  listed_by_api oras/app 1 application/vnd.example.note
}

oras_delete() {
  oras manifest delete --plain-http --force "$registry/oras/app:files"
  is_gone oras/app files
}

oras_catalog() {
  oras repo ls --plain-http "$registry" | holds -x oras/app
}

client_oras() {
  client oras "$(oras version | sed -n 's/^Version: *//p')"
  does oras push oras_push
  does oras 'pull back' oras_pull
  does oras mount oras_mount
  does oras tags oras_tags
  does oras referrers oras_referrers
  does oras delete oras_delete
  does oras catalog oras_catalog
}

# --- helm --------------------------------------------------------------------------------------------------------

helm_push() {
  local version
  mkdir "$state/pulled-charts"
  (cd "$state" && helm create chart)
  for version in 0.1.0 0.2.0+build.7; do
    helm package "$state/chart" --version "$version" -d "$state/charts"
    helm push "$state/charts/chart-$version.tgz" "oci://$registry/helm" --plain-http
  done
}

helm_pull() {
  helm pull "oci://$registry/helm/chart" --version 0.1.0 --plain-http -d "$state/pulled-charts"
  cmp "$state/charts/chart-0.1.0.tgz" "$state/pulled-charts/chart-0.1.0.tgz"
}

helm_tags() { # a range of versions makes helm read the list of tags, in which "_" stands for "+"
  helm pull "oci://$registry/helm/chart" --version '>0.1.0' --plain-http -d "$state/pulled-charts"
  cmp "$state/charts/chart-0.2.0+build.7.tgz" "$state/pulled-charts/chart-0.2.0+build.7.tgz"
}

client_helm() {
  client helm "$(helm version --short)"
  does helm push helm_push
  does helm 'pull back' helm_pull
  does helm tags helm_tags
}

# --- cosign ------------------------------------------------------------------------------------------------------

signed_image() {
  echo "$registry/cosign/app@$(layout_digest "$state/images/cosign")"
}

# With a key of this run; the services that keep public logs are left out.
cosign_signs() {
  copy "oci:$state/images/cosign:1" "docker://$registry/cosign/app:1"
  (cd "$state" && COSIGN_PASSWORD='' cosign generate-key-pair)
  COSIGN_PASSWORD='' cosign sign --key "$state/cosign.key" --use-signing-config=false --tlog-upload=false -y "$(signed_image)"
  cosign verify --key "$state/cosign.pub" --insecure-ignore-tlog "$(signed_image)"
  cosign tree "$(signed_image)"
  listed_by_api cosign/app 1 application/vnd.dev.sigstore.bundle.v0.3+json
}

cosign_finds_no_other() { # a signature by another key does not count
  mkdir "$state/other"
  (cd "$state/other" && COSIGN_PASSWORD='' cosign generate-key-pair)
  ! cosign verify --key "$state/other/cosign.pub" --insecure-ignore-tlog "$(signed_image)"
}

cosign_pull() {
  cosign save --dir "$state/pulled-cosign" "$(signed_image)"
  cmp "$(layout_blob "$state/images/cosign" "$(layout_digest "$state/images/cosign")")" \
    "$(layout_blob "$state/pulled-cosign" "$(layout_digest "$state/images/cosign")")"
}

cosign_push() {
  cosign upload blob -f "$state/files/cosign" "$registry/cosign/file:1"
  same "layer" "$(digest_of <"$state/files/cosign")" "$(curl -fsS "${manifest_types[@]}" "$v2/cosign/file/manifests/1" | jq -r '.layers[].digest')"
}

cosign_mount() {
  cosign copy "$(signed_image)" "$registry/cosign/copy:1"
  layers_mounted cosign/copy 1
}

client_cosign() {
  client cosign "$(cosign version 2>&1 | sed -n 's/^GitVersion: *//p')"
  does cosign push cosign_push
  does cosign referrers cosign_signs
  does cosign referrers cosign_finds_no_other
  does cosign 'pull back' cosign_pull
  does cosign mount cosign_mount
}

# --- Jib ---------------------------------------------------------------------------------------------------------

# A library for build tools, so the client is a test of module conformance; Maven runs it against this registry.
jib_tests() {
  rm -f "$jib_report"
  (cd "$(dirname "$e2e")" && mvn -B -q -pl conformance -am test -Dtest=JibClientTest -Dsurefire.failIfNoSpecifiedTests=false \
    -Djacoco.skip "-Dlighter.conformance.url=http://$registry") || true
  [[ -f $jib_report ]]
}

jib_test() { # METHOD
  python3 - "$jib_report" "$1" <<'PY'
import sys, xml.etree.ElementTree as tree
case = tree.parse(sys.argv[1]).find(f"testcase[@name='{sys.argv[2]}']")
sys.exit(case is None or any(case.find(bad) is not None for bad in ("failure", "error", "skipped")))
PY
}

jib_mount() {
  local copy
  copy=$(crane catalog "$registry" | awk '/^jib\/.*-mounted$/ { name = name ? name : $0 } END { print name }')
  [[ -n $copy ]] || { echo "no repository jib/…-mounted in the catalog" >&2; return 1; }
  jib_test push_onBaseOfSameRegistry_baseLayersMounted
  layers_mounted "$copy" 1
}

client_jib() {
  jib_report=$(dirname "$e2e")/conformance/target/surefire-reports/TEST-io.lighter.conformance.JibClientTest.xml
  client jib-core "$(sed -n 's:.*<jib-core.version>\(.*\)</.*:\1:p' "$(dirname "$e2e")/pom.xml")"
  step 'jib-core: Maven runs it' jib_tests
  does jib-core push jib_test push_newImage_servedByTagAndDigest
  does jib-core 'pull back' jib_test pull_pushedImage_sameLayers
  does jib-core mount jib_mount
}

# -----------------------------------------------------------------------------------------------------------------

rewrite=
if [[ ${1:-} == --table ]]; then
  rewrite=yes
  shift
fi
wanted=("$@")
[[ $# -gt 0 ]] || wanted=(docker ctr skopeo buildah podman umoci crane regctl oras helm cosign jib)

step 'the launcher starts Lighter' "$lighter" --version
# Nobody's configuration, credentials or caches but those of this run.
unset DOCKER_CONFIG REGISTRY_AUTH_FILE
export HOME=$state/home XDG_RUNTIME_DIR=$state/home/run
mkdir -p "$XDG_RUNTIME_DIR"
step 'images to push (umoci)' new_images
step 'serve, with upstreams out of reach' start_lighter_without_upstreams
registry=$(at one)
v2=http://$registry/v2
for name in "${wanted[@]}"; do
  echo "--- $name"
  "client_$name"
done
step 'no request was answered 5xx' no_server_error
step 'SIGTERM ends it with 0' stop_lighter one
if [[ -n $rewrite ]]; then
  write_table
elif [[ $# -eq 0 ]]; then
  step 'docs/compatibility.md says the same' table_is_committed
fi
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
