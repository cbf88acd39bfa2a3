"""What is pushed: blobs, manifests, and layers that can be converted."""

import gzip
import hashlib
import io
import json
import tarfile

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
SIZES = (0, 1, 700, 20_000, 70_000, 70_000, 300_000, 2_000_000)


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def blob(random):
    return random.randbytes(random.choice(SIZES))


def descriptor(media_type, content):
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def image(config, layers, number, subject=None, annotations=()):
    """An image manifest; the number makes it unlike all others."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, config),
        "layers": [descriptor(LAYER, layer) for layer in layers],
        "annotations": {"number": str(number), **dict(annotations)},
    }
    if subject is not None:
        manifest["subject"] = {"mediaType": MANIFEST, "digest": digest_of(subject), "size": len(subject)}
        manifest["artifactType"] = "application/x.kill-loop"
    return json.dumps(manifest).encode()


def index(children, number):
    manifest = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [descriptor(MANIFEST, child) for child in children],
        "annotations": {"number": str(number)},
    }
    return json.dumps(manifest).encode()


def names(manifest):
    """Digests of what a manifest needs to be whole: blobs, and child manifests."""
    parsed = json.loads(manifest)
    blobs = [d["digest"] for d in [parsed.get("config"), *parsed.get("layers", [])] if d]
    return blobs, [d["digest"] for d in parsed.get("manifests", [])]


def layer(random):
    """A gzip layer that can be converted, and the digest of what it unpacks to."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for number in range(random.randrange(1, 8)):
            entry = tarfile.TarInfo(f"usr/share/f{number}")
            entry.size = random.randrange(0, 60_000)
            archive.addfile(entry, io.BytesIO(random.randbytes(entry.size)))
    return gzip.compress(tar.getvalue(), 1), digest_of(tar.getvalue())


def config(diff_ids, number):
    return json.dumps({
        "architecture": "amd64", "os": "linux", "author": str(number), "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }).encode()
