#!/bin/sh
# What a server is asked while its start is trained: what nodes, pushers and probes ask most. Ends when all is asked,
# or at the first sign that the server is gone.
#
#   requests.sh REGISTRY_URL MANAGEMENT_URL FOLDER LAYER
#
# LAYER is a gzipped tar, which is pushed as an image of one layer, and converted. FOLDER takes what is needed on the
# way. Needs curl and sha256sum.
set -eu
registry=$1/v2
management=$2
work=$3
layer=$4
image=$registry/training/image

ask() { # CURL_ARGUMENT...
  curl -s -m 20 -o "$work/answer" --noproxy '*' "$@"
}

digest_of() { # FILE
  echo "sha256:$(sha256sum <"$1" | cut -d ' ' -f 1)"
}

size_of() { # FILE
  wc -c <"$1" | tr -d ' '
}

push() { # FILE   in one request
  ask -X POST -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$image/blobs/uploads/?digest=$(digest_of "$1")"
}

upload() { # CURL_ARGUMENT...   sends, and sets the address at which the upload goes on
  location=$(curl -s -m 20 -i --noproxy '*' "$@" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  case $location in
    /*) location=${registry%/v2}$location ;;
  esac
}

push_in_two() { # FILE   as containers' clients do
  upload -X POST -d '' "$image/blobs/uploads/"
  upload -X PATCH -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$location"
  case $location in
    *\?*) location="$location&" ;;
    *) location="$location?" ;;
  esac
  ask -X PUT -d '' "${location}digest=$(digest_of "$1")"
}

# One curl for many requests, so that the server's work counts and not the client's.
ranges() { # URL   of the lines of standard input
  while read -r range; do
    printf '%surl = "%s"\nrange = "%s"\noutput = "%s/answer"\nsilent\nmax-time = 20\nnoproxy = "*"\n' "${next:-}" "$1" "$range" "$work"
    next='next
'
  done >"$work/ranges"
  curl -K "$work/ranges" || true
}

numbers() { # COUNT FACTOR
  number=0
  while [ "$number" -lt "$1" ]; do
    echo $((number * $2))
    number=$((number + 1))
  done
}

printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
  "$(gzip -dc "$layer" | sha256sum | cut -d ' ' -f 1)" >"$work/config"
types='application/vnd.oci.image'
printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"%s.layer.v1.tar+gzip","digest":"%s","size":%s}]}' \
  "$types" "$types" "$(digest_of "$work/config")" "$(size_of "$work/config")" \
  "$types" "$(digest_of "$layer")" "$(size_of "$layer")" >"$work/manifest"

ask "$registry/"
push "$work/config"
push_in_two "$layer"
ask -X PUT -H "Content-Type: $types.manifest.v1+json" --data-binary "@$work/manifest" "$image/manifests/1"
blob=$image/blobs/$(digest_of "$layer")
accept="Accept: $types.index.v1+json, $types.manifest.v1+json"
ask -I "$blob"
ask "$blob"
ask -H "$accept" -I "$image/manifests/1"
ask -H "$accept" "$image/manifests/1"
ask -H "$accept" "$image/manifests/$(digest_of "$work/manifest")"
for path in _catalog training/image/tags/list "training/image/referrers/$(digest_of "$work/manifest")" \
  training/image/manifests/none "training/image/blobs/$(digest_of "$work/manifest")" 'library/none/manifests/1?ns=docker.io'; do
  ask "$registry/$path"
done

# Ranges: small and large ones, several at once, the end.
last=$(($(size_of "$layer") - 1))
for size in 4095 49999; do
  numbers 300 512 | while read -r from; do
    echo "$from-$((from + size))"
  done | ranges "$blob"
done
for range in "0-1048575" "-47" "0-4095,8192-12287,16384-20479" "$last-$last" "$((last + 1))-"; do
  ask -r "$range" "$blob"
done

# Until the image is lazy, or the tenth try: conversion is trained too, but a start need not wait for it.
tried=0
until curl -fs -m 5 -o "$work/answer" --noproxy '*' -H "$accept" "$image/manifests/1-esgz" || [ "$tried" -ge 50 ]; do
  tried=$((tried + 1))
  sleep 0.2 2>/dev/null || sleep 1
done
ask -H "$accept" -H 'Lighter-View: lazy' "$image/manifests/1"
for path in health/live health/ready metrics; do
  ask "$management/$path"
done
