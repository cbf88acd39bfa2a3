"""Packs the root file systems that build.sh made into one archive, an OCI layout that Docker reads as well.

    pack.py --name NAME:TAG --created TIME --output FILE PLATFORM=ROOT...
    pack.py --fingerprint ROOT

Same files, same bytes: entries are sorted, times are the given one, owners and modes are normalised. Each root becomes
an image of several layers, those that change least first, so that an upgrade fetches little. The first platform is
the one that `docker load` gets, which knows of only one. Prints digests and sizes; with --fingerprint what tells this content from any other.
"""
import argparse
import calendar
import gzip
import hashlib
import io
import json
import os
import pathlib
import stat
import sys
import tarfile
import time

USER = 65532
LAYERS = [
    ("libraries of the system", lambda path: not path.startswith("lighter")),
    ("Java runtime", lambda path: path.startswith("lighter/runtime/")),
    ("libraries", lambda path: path.startswith("lighter/lib/") and not own(path)),
    ("Lighter", lambda path: own(path) or not path.startswith(("lighter/lib/", "lighter/runtime/", "lighter/aot/"))),
    ("AOT cache", lambda path: path.startswith("lighter/aot/")),
]
WRITABLE = {"var/lib/lighter": (0o750, USER), "tmp": (0o1777, 0)}
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def own(path):
    return os.path.basename(path).startswith("lighter-")


def files_below(root):
    """All files, links and folders, as paths relative to the root, in one order everywhere."""
    found = []
    for folder, folders, files in os.walk(root):
        found += [os.path.relpath(os.path.join(folder, name), root) for name in folders + files]
    return sorted(found)


def entry(root, path, modified):
    source = root / path
    status = source.lstat()
    info = tarfile.TarInfo(path)
    info.mtime = modified
    if stat.S_ISLNK(status.st_mode):
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, os.readlink(source), 0o777
    elif stat.S_ISDIR(status.st_mode):
        info.type = tarfile.DIRTYPE
        info.mode, info.uid = WRITABLE.get(path, (0o755, 0))
        info.gid = info.uid
    elif stat.S_ISREG(status.st_mode):
        info.size = status.st_size
        info.mode = 0o755 if status.st_mode & 0o111 else 0o644
    else:
        raise SystemExit(f"pack: {source} is neither a file nor a link nor a folder")
    return info


def parents(paths):
    """The folders above them: a layer names each folder that it puts something into."""
    return {str(parent) for path in paths for parent in pathlib.PurePath(path).parents} - {"."}


def tar_of(root, paths, modified):
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(set(paths) | parents(paths)):
            info = entry(root, path, modified)
            if info.isreg():
                with open(root / path, "rb") as content:
                    archive.addfile(info, content)
            else:
                archive.addfile(info)
    return result.getvalue()


def fingerprint(root):
    """Tells contents apart before they are packed."""
    everything = hashlib.sha256()
    for path in files_below(root):
        info = entry(root, path, 0)
        everything.update(repr((path, info.type, info.mode, info.linkname, info.size)).encode())
        if info.isreg():
            everything.update((root / path).read_bytes())
    return everything.hexdigest()[:16]


class Layout:
    """Content by digest."""

    def __init__(self):
        self.blobs = {}

    def add(self, content, media_type):
        digest = hashlib.sha256(content).hexdigest()
        self.blobs[digest] = content
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": len(content)}

    def add_json(self, value, media_type):
        return self.add(as_json(value), media_type)


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def config_of(platform, labels, created, layers):
    return {
        **platform,
        "created": created,
        "config": {
            "User": f"{USER}:{USER}",
            "Entrypoint": ["/lighter/bin/lighter"],
            "Cmd": ["serve", "--config", "/etc/lighter/lighter.yaml"],
            "Env": ["PATH=/lighter/bin:/usr/bin", "LANG=C.UTF-8"],
            "WorkingDir": "/var/lib/lighter",
            "ExposedPorts": {"30500/tcp": {}, "30501/tcp": {}},
            "StopSignal": "SIGTERM",
            "Labels": labels,
        },
        "rootfs": {"type": "layers", "diff_ids": [diff for _, diff, _ in layers]},
        "history": [{"created": created, "created_by": name} for name, _, _ in layers],
    }


def add_image(layout, platform, root, labels, created):
    """Returns descriptors: of the manifest, of the configuration, of the layers."""
    modified = calendar.timegm(time.strptime(created, "%Y-%m-%dT%H:%M:%SZ"))
    everything = files_below(root)
    layers = []
    for name, belongs in LAYERS:
        # A folder alone is a change only if it is empty; others come with what they hold.
        paths = [p for p in everything if belongs(p) and not (is_folder(root / p) and any((root / p).iterdir()))]
        if not paths:
            continue
        tar = tar_of(root, paths, modified)
        blob = layout.add(gzip.compress(tar, 6, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
        layers.append((name, "sha256:" + hashlib.sha256(tar).hexdigest(), blob))
    config = layout.add_json(
        config_of(platform, labels, created, layers), "application/vnd.oci.image.config.v1+json")
    blobs = [blob for _, _, blob in layers]
    manifest = layout.add_json(
        {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": blobs, "annotations": labels}, MANIFEST)
    return manifest, config, blobs


def is_folder(path):
    return path.is_dir() and not path.is_symlink()


def platform_of(text):
    system, architecture = text.split("/")
    return {"os": system, "architecture": architecture}


def write(layout, top, docker, output, modified):
    files = {
        "oci-layout": as_json({"imageLayoutVersion": "1.0.0"}),
        "index.json": as_json(top),
        "manifest.json": as_json(docker),
        **{f"blobs/sha256/{digest}": content for digest, content in layout.blobs.items()},
    }
    with tarfile.open(output, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(content), 0o644, modified
            archive.addfile(info, io.BytesIO(content))


def main():
    if sys.argv[1:2] == ["--fingerprint"]:
        print(fingerprint(pathlib.Path(sys.argv[2])))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--created", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("root", nargs="+", metavar="PLATFORM=ROOT")
    arguments = parser.parse_args()
    name, tag = arguments.name.rsplit(":", 1)
    labels = {
        "org.opencontainers.image.title": "Lighter",
        "org.opencontainers.image.description": "OCI registry and pull-through cache that makes images lazy by itself",
        "org.opencontainers.image.version": tag,
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.created": arguments.created,
    }
    layout = Layout()
    manifests, docker = [], []
    for item in arguments.root:
        wanted, root = item.split("=", 1)
        platform = platform_of(wanted)
        manifest, config, layers = add_image(layout, platform, pathlib.Path(root), labels, arguments.created)
        manifests.append({**manifest, "platform": platform})
        size = sum(layer["size"] for layer in layers)
        print(f"{wanted}: {manifest['digest']}, {size / 1e6:.1f} MB in {len(layers)} layers")
        docker = docker or [{
            "Config": blob_path(config), "RepoTags": [arguments.name], "Layers": [blob_path(layer) for layer in layers]}]
    index = layout.add_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": labels}, INDEX)
    index["annotations"] = {
        "org.opencontainers.image.ref.name": tag,
        # The whole name, which is what Kubernetes makes of the short one.
        "io.containerd.image.name": f"docker.io/library/{name}:{tag}",
    }
    top = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [index]}
    modified = calendar.timegm(time.strptime(arguments.created, "%Y-%m-%dT%H:%M:%SZ"))
    write(layout, top, docker, arguments.output, modified)
    print(f"{arguments.name}: {index['digest']} in {arguments.output}")


def blob_path(descriptor):
    return "blobs/" + descriptor["digest"].replace(":", "/")


main()
