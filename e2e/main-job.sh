#!/usr/bin/env bash
# What Lighter is for, shown with clients that people use: skopeo, crane, containerd, umoci, curl, and the stargz
# snapshotter's library as the judge of converted layers. Ends with the line "N passed, N failed".
#
#   e2e/main-job.sh [SCENARIO...]      proxy crowd kinds push crash; all without an argument
#
# Needs e2e/tools.sh to have run. All ports are free ones on the loopback, all state is in a temporary folder.
# A failure leaves the servers' logs in e2e/target/.
set -euo pipefail
# shellcheck source=e2e/lib.sh
. "$(dirname "$0")/lib.sh"
finish() {
  local status=$?
  trap - EXIT
  stop_everything
  if [[ $failed -gt 0 || $status -ne 0 ]]; then
    mkdir -p "$e2e/target"
    for log in "$state"/*/log "$state"/*.access "$state"/*.log; do
      [[ ! -f $log ]] || cp "$log" "$e2e/target/$(tr / - <<<"${log#"$state"/}")"
    done
  fi
  rm -rf "$state"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

fixtures=$("$e2e/fixtures.sh")
fixtures=${fixtures##*$'\n'}
nginx=$fixtures/oci/nginx
odd=$fixtures/oci/odd
index=$fixtures/oci/index
nginx_digest=$(layout_digest "$nginx")

# Every scenario has an upstream of its own, so that its access log counts that scenario's requests only.
hub() { # NAME [STORE]
  start_registry "$1" "$fixtures/${2:-upstream}" "$state" readonly
}

hub_option() { # NAME
  echo "docker.io=http://$(registry_address "$1" "$state")"
}

begin() { # NAME   an upstream and a Lighter before it, both new
  hub "$1-hub"
  start_lighter "$1" --upstream "$(hub_option "$1-hub")"
}

# --- proxy: one image from the first pull to the day upstream is gone --------------------------------------------

health_and_metrics() {
  begin proxy
  management proxy /health/live >/dev/null
  management proxy /health/ready >/dev/null
  management proxy /metrics | grep -c '^[a-z]' | sed 's/^/note: /; s/$/ series/'
  same "GET /v2/" 200 "$(get_status "http://$(at proxy)/v2/")"
}

skopeo_first_pull() {
  copy "docker://$(at proxy)/library/nginx:1" "oci:$state/first:1"
  same "first pull" "$nginx_digest" "$(layout_digest "$state/first")"
}

crane_pulls_original() { # REPOSITORY   by digest, which is always the original
  crane pull --format oci "$(at proxy)/$1@$nginx_digest" "$state/crane"
  same "crane $1" "$nginx_digest" "$(jq -r '.manifests[0].digest' "$state/crane/index.json")"
  rm -rf "$state/crane"
}

curl_pulls_original() { # NAME QUERY
  local base
  base=http://$(at proxy)/v2/$1
  same "$1$2 by tag" "$nginx_digest" "$(get_image "$base" 1 "$2" -H 'Lighter-View: original')"
  same "$1$2 by digest" "$nginx_digest" "$(get_image "$base" "$nginx_digest" "$2")"
}

containerd_pulls_original() {
  start_containerd
  ctr_pull proxy e2e docker.io/library/nginx:1 original content fetch
  same "containerd" "$nginx_digest" "$(cat "$state/ctr.digest")"
}

tag_becomes_lazy() { # INSTANCE NAME
  wait_lazy "$nginx_digest" "http://$(at "$1")/v2/$2/manifests/1"
}

same_lazy_answer_everywhere() {
  local v2 lazy url
  v2=http://$(at proxy)/v2
  lazy=$(get_digest "$v2/library/nginx/manifests/1")
  for url in "$v2/docker.io/library/nginx/manifests/1" "$v2/docker.io/nginx/manifests/1" \
    "$v2/library/nginx/manifests/1?ns=docker.io" "$v2/library/nginx/manifests/1-esgz" "$v2/library/nginx/manifests/$lazy"; do
    same "$url" "$lazy" "$(get_digest "$url")"
  done
}

containerd_unpacks_lazy() {
  local lazy
  lazy=$(get_digest "http://$(at proxy)/v2/library/nginx/manifests/1")
  ctr_pull proxy lazy docker.io/library/nginx:1 any images pull
  same "containerd" "$lazy" "$(cat "$state/ctr.digest")"
}

lazy_ranges() {
  local v2 blob size file=$state/range.blob range
  v2=http://$(at proxy)/v2/library/nginx
  read -r blob size < <(curl -fsS "${manifest_types[@]}" "$v2/manifests/1" | jq -r '.layers[0] | "\(.digest) \(.size)"')
  curl -fsS -o "$file" "$v2/blobs/$blob"
  for range in "0-0" "-51" "1000-99999" "$((size / 2))-$((size / 2 + 65535))" "$((size - 1))-"; do
    same "status of $range" 206 "$(curl -sS -o "$state/range" -w '%{http_code}' -r "$range" "$v2/blobs/$blob")"
    case $range in
      -*) cmp "$state/range" <(tail -c "${range#-}" "$file") ;;
      *) cmp "$state/range" <(bytes_of "$file" "${range%-*}" "${range#*-}") ;;
    esac
  done
  same "beyond the end" 416 "$(get_status "$v2/blobs/$blob" -r "$size-")"
}

bytes_of() { # FILE FIRST [LAST]
  local last=${3:-$(($(stat -c %s "$1") - 1))}
  dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$((last - $2 + 1))" status=none
}

originals_stay() {
  curl_pulls_original library/nginx ''
  curl_pulls_original docker.io/library/nginx ''
  curl_pulls_original library/nginx '?ns=docker.io'
}

both_views_pull() {
  local original
  copy "docker://$(at proxy)/library/nginx:1" "oci:$state/again:1"
  estargz-check -all "$state/again:1"
  rm -rf "$state/again"
  original=$(get_image "http://$(at proxy)/v2/library/nginx" 1 '' -H 'Lighter-View: original')
  same "original view" "$nginx_digest" "$original"
  copy "docker://$(at proxy)/library/nginx@$nginx_digest" "oci:$state/again:1"
  same "original by digest" "$nginx_digest" "$(layout_digest "$state/again")"
  rm -rf "$state/again"
}

without_upstream() {
  stop_registry proxy-hub "$state"
  both_views_pull
}

restart_without_upstream() {
  stop_lighter proxy TERM
  start_lighter proxy --upstream "$(hub_option proxy-hub)"
  both_views_pull
  stop_lighter proxy INT
}

scenario_proxy() {
  step 'serve: live, ready, metrics, /v2/' health_and_metrics
  step 'first pull of a tag answers the original (skopeo, plain path)' skopeo_first_pull
  step 'original by crane, plain path' crane_pulls_original library/nginx
  step 'original by crane, /v2/docker.io/ path' crane_pulls_original docker.io/library/nginx
  step 'original by curl, plain path' curl_pulls_original library/nginx ''
  step 'original by curl, /v2/docker.io/ path' curl_pulls_original docker.io/library/nginx ''
  step 'original by curl, ?ns=docker.io' curl_pulls_original library/nginx '?ns=docker.io'
  step 'original by containerd, which sends ?ns=' containerd_pulls_original
  step 'within a minute the tag answers another digest' tag_becomes_lazy proxy library/nginx
  step 'its layers open and verify, its files are the original ones' \
    judge_lazy "$nginx" "$(at proxy)/library/nginx:1" -all
  step 'all addressings give the same lazy answer' same_lazy_answer_everywhere
  step 'crane validates the lazy view' crane validate --remote "$(at proxy)/docker.io/library/nginx:1"
  step 'containerd pulls and unpacks the lazy view' containerd_unpacks_lazy
  step 'ranges of a lazy layer' lazy_ranges
  step 'the original is still there, byte for byte' originals_stay
  step 'upstream saw each blob once' seen_once "$state/proxy-hub.access" "$nginx"
  step 'upstream stopped: both views still pull' without_upstream
  step 'SIGTERM, start without upstream, both views pull, SIGINT' restart_without_upstream
}

# --- crowd: sixteen clients at once, nothing cached --------------------------------------------------------------

crowd() {
  local pulls=() i
  begin crowd
  for i in $(seq 15); do
    crane pull "$(at crowd)/library/nginx:1" /dev/null &
    pulls+=($!)
  done
  crane pull --format oci "$(at crowd)/docker.io/library/nginx:1" "$state/crowd-image" &
  pulls+=($!)
  for i in "${pulls[@]}"; do
    wait "$i"
  done
  same "digest that crane pulled by tag" "$nginx_digest" "$(jq -r '.manifests[0].digest' "$state/crowd-image/index.json")"
  rm -rf "$state/crowd-image"
  kill_lighter crowd
}

scenario_crowd() {
  step 'sixteen cold pulls at once (crane)' crowd
  step 'and upstream saw each blob once' seen_once "$state/crowd-hub.access" "$nginx"
}

# --- kinds: other kinds of image, and a second upstream ----------------------------------------------------------

two_upstreams() {
  hub kinds-hub
  hub kinds-second second
  start_lighter kinds --upstream "$(hub_option kinds-hub)" --upstream "second.example=http://$(registry_address kinds-second "$state")"
}

namespaces_decide() {
  local v2 tool
  v2=http://$(at kinds)/v2
  tool=$(layout_digest "$odd")
  same "docker.io has no other/tool" 404 "$(get_status "$v2/other/tool/manifests/1")"
  same "unknown ns" 404 "$(get_status "$v2/other/tool/manifests/1?ns=unknown.example")"
  same "?ns=" "$tool" "$(get_image "$v2/other/tool" "$tool" '?ns=second.example')"
  same "path" "$tool" "$(get_image "$v2/second.example/other/tool" "$tool" '')"
  [[ -f $state/containerd/containerd.pid ]] || start_containerd
  ctr_pull kinds second second.example/other/tool:1 original content fetch
  same "containerd" "$tool" "$(cat "$state/ctr.digest")"
}

index_keeps_everything() {
  copy --all "docker://$(at kinds)/library/index@$(layout_digest "$index")" "oci:$state/index:1"
  same "index" "$(layout_digest "$index")" "$(layout_digest "$state/index")"
  diff -r "$index/blobs" "$state/index/blobs"
}

index_becomes_lazy() {
  local url original lazy
  url=http://$(at kinds)/v2/library/index/manifests
  original=$(layout_digest "$index")
  crane pull --platform linux/amd64 "$(at kinds)/library/index:1" /dev/null
  wait_lazy "$original" "$url/1"
  copy --all "docker://$(at kinds)/library/index:1" "oci:$state/index-lazy:1"
  lazy=$(layout_blob "$state/index-lazy" "$(layout_digest "$state/index-lazy")")
  same "platforms of the lazy index" 'linux/amd64 linux/arm64' \
    "$(jq -r '.manifests[].platform | "\(.os)/\(.architecture)"' "$lazy" | sort | paste -sd ' ')"
  estargz-check -all "$state/index-lazy:1"
  same "original view of the index" "$original" "$(get_digest "$url/1" -H 'Lighter-View: original')"
}

docker_manifest_becomes_oci() {
  local url original
  url=http://$(at kinds)/v2/library/docker2/manifests
  original=$(get_digest "$url/1" -H 'Lighter-View: original')
  crane pull "$(at kinds)/library/docker2@$original" /dev/null
  same "original media type" application/vnd.docker.distribution.manifest.v2+json "$(media_type "$url/$original")"
  wait_lazy "$original" "$url/1"
  same "lazy media type" application/vnd.oci.image.manifest.v1+json "$(media_type "$url/1")"
  same "media types within" 'application/vnd.oci.image.config.v1+json application/vnd.oci.image.layer.v1.tar+gzip' \
    "$(curl -fsS "${manifest_types[@]}" "$url/1" | jq -r '.config.mediaType, .layers[].mediaType' | sort -u | paste -sd ' ')"
  judge_lazy "$nginx" "$(at kinds)/library/docker2:1" -all
}

media_type() { # MANIFEST_URL   as the header and the manifest say, who have to agree
  local header body
  header=$(curl -fsS -o "$state/typed" -w '%{content_type}' "${manifest_types[@]}" "$1") || return 1
  body=$(jq -r .mediaType "$state/typed")
  same "media type in $1" "$body" "$header" && echo "$body"
}

oddities_survive() {
  local url
  url=http://$(at kinds)/v2/library/odd
  same "original" "$(layout_digest "$odd")" "$(get_image "$url" 1 '' -H 'Lighter-View: original')"
  wait_lazy "$(layout_digest "$odd")" "$url/manifests/1"
  judge_lazy "$odd" "$(at kinds)/library/odd:1" '' --untimed '' --untimed orphan --untimed orphan/parents
}

scenario_kinds() {
  step 'serve with two upstreams' two_upstreams
  step '?ns= and the path select the upstream (curl, containerd)' namespaces_decide
  step 'index: all platforms and the attestation, byte for byte (skopeo)' index_keeps_everything
  step 'index: lazy view for linux/amd64, the rest kept, no attestation' index_becomes_lazy
  step 'Docker manifest: stays, and is OCI in the lazy view' docker_manifest_becomes_oci
  step 'tar oddities survive conversion' oddities_survive
  step 'SIGTERM ends it with 0' stop_lighter kinds
}

# --- push: somebody's own image ----------------------------------------------------------------------------------

push_and_pull_back() {
  begin push
  copy "oci:$nginx:1" "docker://$(at push)/team/app:1"
  copy "docker://$(at push)/team/app:1" "oci:$state/pushed:1"
  same "tag after the push" "$nginx_digest" "$(layout_digest "$state/pushed")"
  diff -r "$nginx/blobs" "$state/pushed/blobs"
}

pushed_becomes_lazy() {
  local url lazy
  url=http://$(at push)/v2/team/app/manifests
  wait_lazy "$nginx_digest" "$url/1" -H 'Lighter-View: lazy'
  lazy=$(get_digest "$url/1" -H 'Lighter-View: lazy')
  same "virtual tag" "$lazy" "$(get_digest "$url/1-esgz")"
}

pusher_gets_his_bytes() {
  local v2
  v2=http://$(at push)/v2/team/app
  same "tag" "$nginx_digest" "$(get_image "$v2" 1 '')"
  same "original view" "$nginx_digest" "$(get_digest "$v2/manifests/1" -H 'Lighter-View: original')"
  same "tags" '["1"]' "$(curl -fsS "$v2/tags/list" | jq -c .tags)"
}

crane_copies() {
  crane copy "$(registry_address push-hub "$state")/library/index:1" "$(at push)/team/index:1"
  same "index" "$(layout_digest "$index")" "$(crane digest "$(at push)/team/index:1")"
  copy --all "docker://$(at push)/team/index:1" "oci:$state/copied:1"
  diff -r "$index/blobs" "$state/copied/blobs"
}

mirrored_refuses_push() {
  local status
  status=$(get_status "http://$(at push)/v2/docker.io/library/mine/blobs/uploads/" -X POST)
  [[ $status == 4?? ]] || same "push into a mirrored repository" 4xx "$status"
}

acknowledged_push_survives() {
  copy "oci:$odd:1" "docker://$(at push)/team/durable:1"
  kill_lighter push
  start_lighter push --upstream "$(hub_option push-hub)"
  copy --all "docker://$(at push)/team/durable:1" "oci:$state/durable:1"
  same "after kill -9" "$(layout_digest "$odd")" "$(layout_digest "$state/durable")"
  diff -r "$odd/blobs" "$state/durable/blobs"
  wait_lazy "$(layout_digest "$odd")" "http://$(at push)/v2/team/durable/manifests/1-esgz"
}

# Tags written one after the other until the server dies: each that was answered 201 has to be there afterwards.
acknowledged_tags_survive() { # MILLISECONDS
  local url manifest type=application/vnd.oci.image.manifest.v1+json acknowledged=$state/acknowledged writer tag
  url=http://$(at push)/v2/team/app/manifests
  manifest=$(layout_blob "$nginx" "$nginx_digest")
  : >"$acknowledged"
  (
    for i in $(seq 100000); do
      [[ $(curl -s -o /dev/null -w '%{http_code}' -T "$manifest" -H "Content-Type: $type" "$url/$1-$i") == 201 ]] || break
      echo "$1-$i" >>"$acknowledged"
    done
  ) &
  writer=$!
  sleep "$(seconds "$1")"
  kill_lighter push
  wait "$writer"
  start_lighter push --upstream "$(hub_option push-hub)"
  [[ -s $acknowledged ]] || { echo "no tag was acknowledged" >&2; return 1; }
  while read -r tag; do
    same "tag $tag" "$nginx_digest" "$(get_digest "$url/$tag")"
  done <"$acknowledged"
  note "$(wc -l <"$acknowledged") tags"
}

killed_in_push() { # MILLISECONDS
  local pusher
  copy "oci:$nginx:1" "docker://$(at push)/team/killed-$1:1" &
  pusher=$!
  sleep "$(seconds "$1")"
  kill_lighter push
  wait "$pusher" || note "the push ended with $?"
  start_lighter push --upstream "$(hub_option push-hub)"
  copy "oci:$nginx:1" "docker://$(at push)/team/killed-$1:1"
  copy "docker://$(at push)/team/killed-$1:1" "oci:$state/killed:1"
  same "pushed again" "$nginx_digest" "$(layout_digest "$state/killed")"
  rm -rf "$state/killed"
}

seconds() { # MILLISECONDS
  printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

scenario_push() {
  local delay
  step 'push and pull back, byte for byte (skopeo)' push_and_pull_back
  step 'within a minute there is a lazy view, by header and as 1-esgz' pushed_becomes_lazy
  step 'its layers open and verify, its files are the pushed ones' \
    judge_lazy "$nginx" "$(at push)/team/app:1-esgz" -all
  step 'the tag goes on answering the pushed bytes' pusher_gets_his_bytes
  step 'an index copied by crane' crane_copies
  step 'a mirrored repository refuses a push' mirrored_refuses_push
  step 'kill -9 right after a push' acknowledged_push_survives
  for delay in $((RANDOM % 300 + 200)) $((RANDOM % 1000 + 600)); do
    step "kill -9 while tags are written, after $delay ms" acknowledged_tags_survive "$delay"
  done
  for delay in $((RANDOM % 150 + 50)) $((RANDOM % 400 + 200)) $((RANDOM % 800 + 600)); do
    step "kill -9 in the middle of a push, after $delay ms" killed_in_push "$delay"
  done
  step 'SIGTERM ends it with 0' stop_lighter push
}

# --- crash: kill -9 between the first pull and the finished conversion -------------------------------------------

begin_crash() {
  begin crash
}

killed_in_pull() { # MILLISECONDS
  local puller
  crane pull "$(at crash)/library/nginx@$nginx_digest" /dev/null &
  puller=$!
  get_digest "http://$(at crash)/v2/library/nginx/manifests/1" >/dev/null &
  sleep "$(seconds "$1")"
  kill_lighter crash
  wait "$puller" || note "the pull ended with $?"
  start_lighter crash --upstream "$(hub_option crash-hub)"
}

# How much upstream had to send is told and not judged: what was under way when the process died is asked for again.
pull_after_kills() {
  local sent whole
  same "by digest" "$nginx_digest" "$(get_image "http://$(at crash)/v2/library/nginx" "$nginx_digest" '')"
  same "by tag" "$nginx_digest" "$(get_digest "http://$(at crash)/v2/library/nginx/manifests/1" -H 'Lighter-View: original')"
  sent=$(blob_gets "$state/crash-hub.access" | awk '{ n += $3 } END { print n + 0 }')
  whole=$(jq '[.config.size, .layers[].size] | add' "$(layout_blob "$nginx" "$nginx_digest")")
  note "upstream sent $((sent * 100 / whole)) % of the image"
}

scenario_crash() {
  local delay
  step 'serve' begin_crash
  for delay in $((RANDOM % 200 + 50)) $((RANDOM % 400 + 200)) $((RANDOM % 1000 + 500)) $((RANDOM % 2000 + 1000)) $((RANDOM % 3000 + 2000)); do
    step "kill -9 after $delay ms of pull and conversion" killed_in_pull "$delay"
  done
  step 'the original pulls whole' pull_after_kills
  step 'the conversion finishes' tag_becomes_lazy crash library/nginx
  step 'its layers open and verify, its files are the original ones' \
    judge_lazy "$nginx" "$(at crash)/library/nginx:1" -all
  step 'SIGTERM ends it with 0' stop_lighter crash
}

# -----------------------------------------------------------------------------------------------------------------

launcher_answers() {
  "$lighter" --help | sed -n 1p
}

step 'the launcher starts Lighter' launcher_answers
for scenario in "${@:-proxy crowd kinds push crash}"; do
  for name in $scenario; do
    echo "--- $name"
    "scenario_$name"
  done
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
