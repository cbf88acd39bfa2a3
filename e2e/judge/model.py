"""What unpacking a tar gives, worked out by Python's tarfile, and its comparison with what a lazy client sees."""

import base64
import decimal
import hashlib
import json
import os
import re
import subprocess
import tarfile

LANDMARKS = (".no.prefetch.landmark", ".prefetch.landmark")
TYPES = {
    tarfile.REGTYPE: "reg",
    tarfile.AREGTYPE: "reg",
    tarfile.CONTTYPE: "reg",
    tarfile.LNKTYPE: "hardlink",
    tarfile.SYMTYPE: "symlink",
    tarfile.CHRTYPE: "char",
    tarfile.BLKTYPE: "block",
    tarfile.DIRTYPE: "dir",
    tarfile.FIFOTYPE: "fifo",
}
BLOCK = 512
MEGABYTE = 1 << 20


class Unpackable(Exception):
    """The tar does not mean one tree."""


class Node:
    """An inode. mtime is exact, and None for a directory that no entry names."""

    def __init__(self, kind):
        self.kind, self.mode, self.owner, self.mtime = kind, 0o755, (0, 0), None
        self.size, self.sha256, self.link, self.device, self.xattrs = 0, None, "", (0, 0), {}

    def attributes(self, entry):
        self.mode, self.owner, self.mtime = entry.mode & 0o7777, (entry.uid, entry.gid), exact_time(entry)
        self.xattrs.update(xattrs(entry))


def exact_time(entry):
    return decimal.Decimal(entry.pax_headers.get("mtime") or entry.mtime)


def xattrs(entry):
    prefix = "SCHILY.xattr."
    return {
        key.removeprefix(prefix): value.encode("utf-8", "surrogateescape")
        for key, value in entry.pax_headers.items()
        if key.startswith(prefix)
    }


def clean(name):
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Unpackable(name)
    return "/".join(parts)


def sha256(file):
    """Of an open file, from where it stands."""
    return hashlib.file_digest(file, "sha256").hexdigest()


class Tree:
    """Entries applied one after another, as a client unpacks them."""

    def __init__(self, tar):
        self.nodes = {"": Node("dir")}
        self.entries = 0
        self.end = 0
        if os.path.getsize(tar) == 0:
            return  # which tarfile calls an error, and no client does
        with tarfile.open(tar, "r:", encoding="utf-8", errors="surrogateescape") as archive:
            for entry in archive:
                self.add(archive, entry)
            self.end = archive.offset

    def add(self, archive, entry):
        self.entries += 1
        kind = TYPES.get(entry.type)
        if kind is None or entry.issparse():
            raise Unpackable(f"{entry.name!r} of type {entry.type}")
        path = clean(entry.name)
        self.parents(path)
        old = self.nodes.get(path)
        if kind == "hardlink":
            node = self.nodes.get(clean(entry.linkname))
            if node is None or node.kind == "dir":
                raise Unpackable(f"{entry.name!r} is linked to {entry.linkname!r}")
        elif kind == "dir" and old and old.kind == "dir":
            node = old
        else:
            node = Node(kind)
        if old and old.kind == "dir" and node.kind != "dir":
            for below in [p for p in self.nodes if p.startswith(path + "/")]:
                del self.nodes[below]
        self.nodes[path] = node
        node.attributes(entry)
        if kind == "reg":
            node.size = entry.size
            node.sha256 = sha256(archive.extractfile(entry))
        elif kind == "symlink":
            node.link = entry.linkname
        elif kind in ("char", "block"):
            node.device = (entry.devmajor, entry.devminor)

    def parents(self, path):
        for i, letter in enumerate(path):
            if letter == "/":
                parent = self.nodes.setdefault(path[:i], Node("dir"))
                if parent.kind != "dir":
                    raise Unpackable(f"{path!r} is below something that is no directory")


def partition(first_of):
    """For each path the first, in order of names, of those that share its inode."""
    smallest = {}
    for path in sorted(first_of):
        smallest.setdefault(first_of[path], path)
    return {path: smallest[inode] for path, inode in first_of.items()}


def seen_by_lazy_client(blob, toc_digest, packed=False):
    """Nodes by path, without the landmark, and the summary of the whole blob."""
    options = ["-packed"] if packed else []
    result = subprocess.run(["estargz-check", *options, "-tree", toc_digest, blob], capture_output=True, text=True)
    if result.returncode:
        return {}, {}, ["the Go library: " + result.stderr.strip()]
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    nodes = {line["path"]: line for line in lines[:-1]}
    found = [nodes.pop(name) for name in LANDMARKS if name in nodes]
    return nodes, lines[-1], [] if len(found) == 1 and found[0]["size"] == 1 else ["landmarks: %s" % found]


def seconds(text):
    match = re.fullmatch(r"(-?\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", text)
    year, month, day, hour, minute, second = map(int, match.groups())
    # Days since 1970 in the Gregorian calendar, which Python's own dates do not carry to the year 0.
    shifted, turned = (month + 9) % 12, year - (month <= 2)
    days = 365 * turned + turned // 4 - turned // 100 + turned // 400 + (153 * shifted + 2) // 5 + day - 1 - 719468
    return ((days * 24 + hour) * 60 + minute) * 60 + second


def node_differences(path, wanted, seen):
    same = {
        "type": (wanted.kind, seen["type"]),
        "mode": (wanted.mode, seen["mode"] & 0o7777),
        "owner": (wanted.owner, (seen["uid"], seen["gid"])),
        "size": (wanted.size, seen["size"]),
        "target": (wanted.link, seen["link"]),
        "device": (wanted.device, (seen["major"], seen["minor"])),
        "attributes": (wanted.xattrs, {k: base64.b64decode(v) for k, v in (seen["xattrs"] or {}).items()}),
    }
    if seen["sha256"]:
        same["content"] = (wanted.sha256, seen["sha256"])
    found = [f"{path!r}: {what} {a} became {b}" for what, (a, b) in same.items() if a != b]
    # A table of contents has whole seconds.
    if wanted.mtime is not None and abs(wanted.mtime - seconds(seen["mtime"])) > decimal.Decimal("0.5"):
        found.append(f"{path!r}: time {wanted.mtime} became {seen['mtime']}")
    return found


def tree_differences(wanted, seen):
    found = []
    for path in sorted(wanted.keys() | seen.keys()):
        if path not in seen:
            found.append(f"{path!r} is missing")
        elif path not in wanted:
            found.append(f"{path!r} is new")
        else:
            found += node_differences(path, wanted[path], seen[path])
    if not found:
        here = partition({path: id(node) for path, node in wanted.items()})
        there = partition({path: node["same"] for path, node in seen.items()})
        found += [f"{p!r}: hard link to {here[p]!r} became one to {there[p]!r}" for p in here if here[p] != there[p]]
    return found


def listing(tar):
    """What GNU tar sees in it, line by line."""
    command = ["tar", "--list", "--verbose", "--full-time", "--numeric-owner", "--quoting-style=escape", "--file", tar]
    result = subprocess.run(command, capture_output=True, env={"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"})
    return [re.sub(rb" +", b" ", line) for line in result.stdout.splitlines()], result.returncode


def byte_differences(source, plain, end):
    """All of the source's entries stand in the converted tar byte for byte, between landmark and table of contents."""
    with open(source, "rb") as a, open(plain, "rb") as b:
        b.seek(2 * BLOCK)
        for position in range(0, end, MEGABYTE):
            length = min(MEGABYTE, end - position)
            if a.read(length) != b.read(length):
                return [f"the tar's bytes differ between {position} and {position + length}"]
        header = b.read(BLOCK)
    return [] if header.startswith(b"stargz.index.json\0") else ["no table of contents where the source's entries end"]


def differences(source, blob, outcome, scratch, exact=True, packed=False, ordered=True):
    """
    All that is wrong with a conversion. SOURCE is the uncompressed layer, OUTCOME what the converter said. Unless EXACT,
    the converter had to leave out what an earlier conversion added. PACKED says that files may share gzip members,
    ORDERED that no list changed the order; SCRATCH then holds the uncompressed result.
    """
    try:
        tree = Tree(source)
    except Unpackable as e:
        return [f"converted, and should not be: {e}"]
    seen, whole, found = seen_by_lazy_client(blob, outcome["tocDigest"], packed)
    if found:
        return found
    for name in () if exact else (*LANDMARKS, "stargz.index.json"):
        tree.nodes.pop(name, None)
    found = tree_differences(tree.nodes, seen)
    with open(scratch, "wb") as out:
        subprocess.run(["gzip", "-dc", blob], stdout=out, check=True)
    with open(scratch, "rb") as file:
        plain = "sha256:" + sha256(file)
        size = file.tell()
    with open(source, "rb") as file:
        source_id = "sha256:" + sha256(file)
    said = {"size": whole["size"], "diffId": plain, "uncompressedSize": size, "sourceDiffId": source_id, "entries": tree.entries}
    if not exact:
        said["entries"] = len(tree.nodes) - 1
    found += [f"{key} is {value}, the converter says {outcome[key]}" for key, value in said.items() if outcome[key] != value]
    found += ["the Go library unpacks to another DiffID"] if (whole["diffId"], whole["uncompressedSize"]) != (plain, size) else []
    if exact and ordered:
        found += byte_differences(source, scratch, tree.end)
        before, after = listing(source), listing(scratch)
        if before[0] != after[0][1:-1]:
            found.append(f"GNU tar lists {len(before[0])} and {len(after[0]) - 2} entries, or other ones")
        if after[1]:
            found.append(f"GNU tar ended with {after[1]} on the converted tar")
    return found
