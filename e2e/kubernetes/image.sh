#!/usr/bin/env bash
# An image archive (OCI layout) of one layer, for `ctr images import`.
#
#   image.sh LAYER.tar NAME OUTPUT.tar COMMAND...
set -euo pipefail
layer=$1 name=$2 output=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$layer" "$name" "$work" "$@" <<'PYTHON'
import hashlib, json, pathlib, platform, sys
layer, name, work, *command = sys.argv[1:]
blobs = pathlib.Path(work, "blobs/sha256")
blobs.mkdir(parents=True)
def put(content, kind):
    digest = hashlib.sha256(content).hexdigest()
    (blobs / digest).write_bytes(content)
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": "sha256:" + digest, "size": len(content)}
tar = put(pathlib.Path(layer).read_bytes(), "layer.v1.tar")
config = put(json.dumps({"architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()], "os": "linux", "config": {"Cmd": command, "Env": ["PATH=/bin"]},
                         "rootfs": {"type": "layers", "diff_ids": [tar["digest"]]}}).encode(), "config.v1+json")
manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": [tar]}).encode(), "manifest.v1+json")
pathlib.Path(work, "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
manifest["annotations"] = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.rsplit(":", 1)[1]}
pathlib.Path(work, "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
PYTHON
tar -C "$work" -cf "$output" oci-layout index.json blobs
