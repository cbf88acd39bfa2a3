#!/usr/bin/env bash
# Clients that people use, with accounts, against a Lighter that wants to know who they are: once by tokens, once by
# Basic. Ends with the line "N passed, N failed".
#
#   e2e/access.sh
#
# Needs e2e/tools.sh to have run. All ports are free ones on the loopback, all state is in a temporary folder.
set -euo pipefail
# shellcheck source=e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=e2e/client-lib.sh
. "$e2e/client-lib.sh"

finish() {
  local status=$?
  trap - EXIT
  stop_dockerd
  stop_everything
  rm -rf "$state"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Nothing that a login leaves may come from, or go to, the files of whoever runs this.
export HOME=$state/home REGISTRY_AUTH_FILE=$state/home/auth.json DOCKER_CONFIG=$state/home/docker
export HELM_REGISTRY_CONFIG=$state/home/helm.json XDG_RUNTIME_DIR=$state/home
mkdir -p "$HOME" "$DOCKER_CONFIG"
password=a-password

hash_of() { # PASSWORD
  python3 -W ignore -c 'import crypt, sys; print(crypt.crypt(sys.argv[1], crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))' "$1"
}

configuration() { # FORM
  printf '%s:%s\n' writer "$(hash_of "$password")" reader "$(hash_of "$password")" >"$state/users"
  cat <<END
upstreams: []
defaultUpstream: ""
access:
  anonymous: nothing
  htpasswd: $state/users
  challenge: $1
  rules:
    - {repositories: public/**, users: anonymous, actions: pull}
    - {repositories: ["public/**", "team/**"], users: writer, actions: [pull, push]}
    - {repositories: "team/**", users: reader, actions: pull}
END
}

denied() { # COMMAND...   it has to fail, and say that it was not let in
  local out status=0
  out=$("$@" 2>&1) || status=$?
  [[ $status -ne 0 ]] || { echo "was allowed: $*" >&2; return 1; }
  grep -qiE 'unauthorized|denied|forbidden|authentication required|401|403|invalid username|basic credential|basic auth credentials' <<<"$out" || { echo "failed for another reason: $out" >&2; return 1; }
}

begin() { # FORM
  configuration "$1" >"$state/$1.yaml"
  start_lighter "$1" --config "$state/$1.yaml"
}

ping_says() { # FORM
  curl -sS -D - -o /dev/null "http://$registry/v2/" >"$state/ping"
  grep -q '^HTTP/1.1 401' "$state/ping"
  grep -qi "^www-authenticate: $1 realm=\"" "$state/ping"
}

with_crane() {
  denied crane push "$state/images/crane" "$registry/team/crane:1"
  crane auth login "$registry" -u writer -p "$password"
  crane push "$state/images/crane" "$registry/team/crane:1"
  crane push "$state/images/crane" "$registry/public/crane:1"
  crane copy "$registry/team/crane:1" "$registry/team/copy:1"
  crane validate --remote "$registry/team/copy:1"
  denied crane delete "$registry/team/crane:1"
  denied crane push "$state/images/crane" "$registry/elsewhere/crane:1"
  crane auth logout "$registry"
  crane validate --remote "$registry/public/crane:1"
  denied crane manifest "$registry/team/crane:1"
}

with_skopeo() {
  denied skopeo login --tls-verify=false -u writer -p wrong "$registry"
  skopeo login --tls-verify=false -u writer -p "$password" "$registry"
  skopeo --policy "$policy" copy -q --dest-tls-verify=false "oci:$state/images/skopeo:1" "docker://$registry/team/skopeo:1"
  skopeo --policy "$policy" copy -q --src-tls-verify=false "docker://$registry/team/skopeo:1" "oci:$state/pulled-$form:1"
  same digest "$(layout_digest "$state/images/skopeo")" "$(layout_digest "$state/pulled-$form")"
  skopeo logout "$registry"
  denied skopeo inspect --tls-verify=false "docker://$registry/team/skopeo:1"
  skopeo inspect --tls-verify=false --creds "reader:$password" "docker://$registry/team/skopeo:1" >/dev/null
  denied skopeo --policy "$policy" copy -q --dest-tls-verify=false --dest-creds "reader:$password" \
    "oci:$state/images/skopeo:1" "docker://$registry/team/skopeo:2"
  skopeo inspect --tls-verify=false "docker://$registry/public/crane:1" >/dev/null
}

with_oras() {
  denied oras login --plain-http -u writer -p wrong "$registry"
  oras login --plain-http -u writer -p "$password" "$registry"
  oras cp --from-oci-layout --to-plain-http "$state/images/oras:1" "$registry/team/oras:1"
  oras cp --from-plain-http --to-plain-http "$registry/team/oras:1" "$registry/team/oras-copy:1"
  (cd "$state/files" && oras attach --plain-http --artifact-type application/vnd.example.note "$registry/team/oras:1" oras:text/plain)
  same referrers application/vnd.example.note \
    "$(oras discover --plain-http --format json "$registry/team/oras:1" | jq -r '.referrers[].artifactType')"
  same tags 1 "$(oras repo tags --plain-http "$registry/team/oras" | paste -sd ' ')"
  oras logout "$registry"
  denied oras manifest fetch --plain-http "$registry/team/oras:1"
}

with_helm() {
  mkdir -p "$state/chart"
  printf 'apiVersion: v2\nname: chart\nversion: 0.1.0\n' >"$state/chart/Chart.yaml"
  helm package "$state/chart" -d "$state" >/dev/null
  denied helm push --plain-http "$state/chart-0.1.0.tgz" "oci://$registry/team"
  helm registry login --plain-http -u writer -p "$password" "$registry"
  helm push --plain-http "$state/chart-0.1.0.tgz" "oci://$registry/team"
  mkdir -p "$state/pulled-chart-$form"
  helm pull --plain-http "oci://$registry/team/chart" --version 0.1.0 -d "$state/pulled-chart-$form"
  cmp "$state/chart-0.1.0.tgz" "$state/pulled-chart-$form/chart-0.1.0.tgz"
  helm registry logout "$registry"
  denied helm pull --plain-http "oci://$registry/team/chart" --version 0.1.0 -d "$state/pulled-chart-$form"
}

with_docker() {
  skopeo --policy "$policy" copy -q "oci:$state/images/docker:1" "docker-archive:$state/docker-$form.tar:$registry/team/docker:1"
  in_docker load -q -i "$state/docker-$form.tar"
  denied in_docker push -q "$registry/team/docker:1"
  denied in_docker login -u writer -p wrong "$registry"
  in_docker login -u writer -p "$password" "$registry"
  in_docker push -q "$registry/team/docker:1"
  in_docker image rm "$registry/team/docker:1"
  in_docker pull -q "$registry/team/docker:1"
  in_docker tag "$registry/team/docker:1" "$registry/team/docker-copy:1"
  in_docker push -q "$registry/team/docker-copy:1"
  in_docker logout "$registry"
  denied in_docker pull -q "$registry/team/docker:1"
  if [[ $form == bearer ]]; then
    in_docker pull -q "$registry/public/crane:1"
  fi
}

with_containerd() {
  in_containerd "$form" images pull --plain-http --user "reader:$password" "$registry/team/skopeo:1"
  in_containerd "$form" images tag "$registry/team/skopeo:1" "$registry/team/ctr:1"
  denied in_containerd "$form" images push --plain-http --user "reader:$password" "$registry/team/ctr:1"
  in_containerd "$form" images push --plain-http --user "writer:$password" "$registry/team/ctr:1"
  denied in_containerd "$form" images pull --plain-http "$registry/team/ctr:1"
  in_containerd "$form" images pull --plain-http "$registry/public/crane:1"
}

in_containerd() { # NAMESPACE ARGUMENT...
  ctr -a "$state/containerd/sock" -n "$@"
}

nothing_secret_logged() {
  sleep 0.4 # lines are held back for 200 ms at most
  ! grep -F "$password" "$state/$form/log"
  grep -q 'login refused: user=writer' "$state/$form/log"
  grep -q 'denied: user=reader action=push repository=team/skopeo' "$state/$form/log"
  grep -q 'allowed: user=writer action=push repository=team/skopeo' "$state/$form/log"
}

step 'images' new_images
step 'docker: the engine starts' start_dockerd
step 'containerd starts' start_containerd
for form in bearer basic; do
  step "$form: Lighter starts" begin "$form"
  registry=$(at "$form")
  step "$form: challenge" ping_says "$form"
  for tool in crane skopeo oras helm docker containerd; do
    step "$form: $tool" "with_$tool"
  done
  step "$form: log" nothing_secret_logged
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
