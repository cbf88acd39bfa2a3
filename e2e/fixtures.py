#!/usr/bin/env python3
"""Writes the images that no image builder would write.

    fixtures.py odd LAYOUT            tar oddities in three small layers
    fixtures.py index LAYOUT BASE     an index over BASE's image (linux/amd64), a small linux/arm64 image, an attestation

LAYOUT is an OCI layout directory to create; its image has the tag 1.
"""

import gzip
import hashlib
import io
import json
import os
import random
import shutil
import sys
import tarfile

TIME = 1_760_000_000
OCI = "application/vnd.oci.image."
AMD64 = {"os": "linux", "architecture": "amd64"}
ARM64 = {"os": "linux", "architecture": "arm64", "variant": "v8"}


class Layout:
    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "blobs", "sha256"))

    def blob(self, digest):
        return os.path.join(self.path, "blobs", "sha256", digest.removeprefix("sha256:"))

    def put(self, media_type, content, **more):
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        with open(self.blob(digest), "wb") as out:
            out.write(content)
        return {"mediaType": media_type, "digest": digest, "size": len(content), **more}

    def put_json(self, media_type, value, **more):
        return self.put(media_type, json.dumps(value, indent=1).encode(), **more)

    def finish(self, top):
        top = {**top, "annotations": {"org.opencontainers.image.ref.name": "1"}}
        with open(os.path.join(self.path, "index.json"), "w") as out:
            json.dump({"schemaVersion": 2, "manifests": [top]}, out)
        with open(os.path.join(self.path, "oci-layout"), "w") as out:
            out.write('{"imageLayoutVersion":"1.0.0"}')

    def put_image(self, machine, tars, **more):
        """tars: pairs of (tar bytes, whether to gzip)."""
        layers = []
        for tar, zipped in tars:
            content = gzip.compress(tar, 6, mtime=0) if zipped else tar
            layers.append(self.put(OCI + "layer.v1.tar" + ("+gzip" if zipped else ""), content))
        config = {
            **machine,
            "config": {"Cmd": ["/bin/true"]},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest() for tar, _ in tars]},
            "history": [{"created_by": "layer %d" % i} for i in range(len(tars))],
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI + "manifest.v1+json",
            "config": self.put_json(OCI + "config.v1+json", config),
            "layers": layers,
        }
        return self.put_json(manifest["mediaType"], manifest, **more)


class Tar:
    """A layer, entry by entry; every entry exactly as given."""

    def __init__(self, form=tarfile.PAX_FORMAT):
        self.buffer = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.buffer, mode="w", format=form)

    def add(self, name, kind, content=b"", mode=0o644, link="", owner=(0, 0), device=(0, 0), time=TIME, pax=None):
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.linkname, info.mtime = kind, mode, link, time
        info.uid, info.gid = owner
        info.devmajor, info.devminor = device
        info.size = len(content)
        info.pax_headers = pax or {}
        self.tar.addfile(info, io.BytesIO(content))

    def file(self, name, content=b"", **more):
        self.add(name, tarfile.REGTYPE, content, **more)

    def dir(self, name, mode=0o755, **more):
        self.add(name, tarfile.DIRTYPE, mode=mode, **more)

    def symlink(self, name, target):
        self.add(name, tarfile.SYMTYPE, link=target, mode=0o777)

    def hardlink(self, name, target):
        self.add(name, tarfile.LNKTYPE, link=target)

    def bytes(self):
        self.tar.close()
        return self.buffer.getvalue()


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def odd(path):
    layout = Layout(path)
    layout.finish(layout.put_image(AMD64, [(entries(), True), (old_style(), True), (deletions(), False)]))


def entries():
    t = Tar()
    for name in ("odd", "odd/a", "odd/b", "odd/gone", "odd/opaque"):
        t.dir(name)
    t.file("odd/a/first", b"linked three times\n")
    t.hardlink("odd/b/second", "odd/a/first")
    t.hardlink("odd/third", "odd/b/second")
    t.symlink("odd/relative", "a/first")
    t.symlink("odd/absolute", "/odd/a/first")
    t.symlink("odd/dangling", "nowhere")
    t.symlink("odd/to-dir", "a")
    t.add("odd/null", tarfile.CHRTYPE, device=(1, 3), mode=0o666)
    t.add("odd/disk", tarfile.BLKTYPE, device=(7, 99), mode=0o660)
    t.add("odd/pipe", tarfile.FIFOTYPE, mode=0o622)
    t.file("odd/setuid", b"#!/bin/sh\n", mode=0o4755)
    t.dir("odd/sticky", mode=0o1777)
    t.file("odd/owned", b"x", owner=(4_000_000_000, 3_000_000))
    t.file("odd/epoch", b"1970\n", time=0)
    t.file("odd/precise", b"nanoseconds\n", pax={"mtime": "%d.123456789" % TIME})
    t.file("odd/commented", b"x", pax={"comment": "c" * 5000})
    t.file("odd/xattr", b"x", pax={"SCHILY.xattr.user.note": "plain", "SCHILY.xattr.user.utf8": "grüß"})
    # cap_net_raw=ep as the kernel stores it: binary, with zero bytes
    t.file("odd/capability", b"x", mode=0o755, pax={"SCHILY.xattr.security.capability": "\1\0\0\2\0\x20" + "\0" * 14})
    t.file("odd/" + "n" * 200, b"long name\n")
    deep = "odd"
    for i in range(12):
        deep += "/%02d-" % i + "x" * 40
        t.dir(deep)
    t.file(deep + "/leaf", b"long path\n")
    t.symlink("odd/long-link", deep.removeprefix("odd/") + "/leaf")
    t.file("odd/unicode-é中", b"UTF-8 name\n")
    t.file("odd/space and\ttab", b"odd name\n")
    t.file("odd/empty")
    t.file("odd/zeros", bytes(5_000_000))
    t.file("odd/chunk", noise(1, 4 << 20))
    t.file("odd/chunk-and-one", noise(2, (4 << 20) + 1))
    t.file("odd/gone/inside", b"x")
    t.file("odd/deleted", b"whited out above\n")
    t.file("odd/opaque/old", b"hidden above\n")
    return t.bytes()


def old_style():
    t = Tar(tarfile.GNU_FORMAT)
    t.file("./odd/dot-slash", b"./ before the name\n")
    t.file("odd/" + "g" * 180, b"GNU long name\n")
    t.file("orphan/parents/missing", b"no directory entries above\n")
    return t.bytes()


def deletions():
    t = Tar()
    t.dir("odd")
    t.file("odd/.wh.deleted")
    t.file("odd/.wh.gone")
    t.dir("odd/opaque")
    t.file("odd/opaque/.wh..wh..opq")
    t.file("odd/opaque/new", b"new\n")
    t.file("odd/a/first", b"a new file where a link was\n")
    return t.bytes()


def index(path, base):
    layout = Layout(path)
    shutil.copytree(os.path.join(base, "blobs"), os.path.join(path, "blobs"), dirs_exist_ok=True)
    with open(os.path.join(base, "index.json")) as file:
        amd64 = json.load(file)["manifests"][0]
    del amd64["annotations"]
    amd64["platform"] = AMD64

    t = Tar()
    t.dir("bin")
    t.file("bin/true", noise(3, 300_000), mode=0o755)
    arm64 = layout.put_image(ARM64, [(t.bytes(), True)], platform=ARM64)

    statement = {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document", "subject": []}
    config = {"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}}
    in_toto = layout.put_json("application/vnd.in-toto+json", statement)
    config["rootfs"]["diff_ids"].append(in_toto["digest"])
    attestation = layout.put_json(
        OCI + "manifest.v1+json",
        {
            "schemaVersion": 2,
            "mediaType": OCI + "manifest.v1+json",
            "config": layout.put_json(OCI + "config.v1+json", config),
            "layers": [in_toto],
        },
        platform={"os": "unknown", "architecture": "unknown"},
        annotations={
            "vnd.docker.reference.digest": amd64["digest"],
            "vnd.docker.reference.type": "attestation-manifest",
        },
    )
    media_type = OCI + "index.v1+json"
    children = [amd64, arm64, attestation]
    layout.finish(layout.put_json(media_type, {"schemaVersion": 2, "mediaType": media_type, "manifests": children}))


def main(arguments):
    match arguments:
        case ["odd", layout]:
            odd(layout)
        case ["index", layout, base]:
            index(layout, base)
        case _:
            sys.exit(__doc__)


main(sys.argv[1:])
