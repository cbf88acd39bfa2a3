#!/usr/bin/env python3
"""Compares two unpacked images entry by entry: type, mode, owner, size, time, links, devices, attributes, content.

    treediff.py [--untimed PATH]... ORIGINAL CONVERTED

The three files that eStargz adds to a root are left out of CONVERTED. --untimed names a directory that no layer has an
entry for, so that its time is whenever it was unpacked ("" is the root). Exit code 1 when anything differs.
"""

import argparse
import hashlib
import os
import stat
import sys

ADDED = {b"stargz.index.json", b".prefetch.landmark", b".no.prefetch.landmark"}


def describe(path):
    status = os.lstat(path)
    mode = status.st_mode
    entry = {
        "type": stat.filemode(mode)[0],
        "mode": oct(stat.S_IMODE(mode)),
        "owner": (status.st_uid, status.st_gid),
        "mtime": status.st_mtime_ns,
        "xattrs": {name: os.getxattr(path, name, follow_symlinks=False) for name in os.listxattr(path, follow_symlinks=False)},
    }
    if stat.S_ISLNK(mode):
        entry["target"] = os.readlink(path)
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        entry["device"] = (os.major(status.st_rdev), os.minor(status.st_rdev))
    if stat.S_ISREG(mode):
        entry["size"] = status.st_size
        with open(path, "rb") as file:
            entry["content"] = hashlib.file_digest(file, "sha256").hexdigest()
    return entry, (status.st_dev, status.st_ino) if status.st_nlink > 1 and not stat.S_ISDIR(mode) else None


def walk(root, skip=frozenset()):
    """All entries by path, each with the names that share its inode."""
    tree, inodes = {}, {}
    pending = [b""]
    while pending:
        name = pending.pop()
        path = os.path.join(os.fsencode(root), name)
        tree[name], inode = describe(path)
        if inode:
            inodes.setdefault(inode, []).append(name)
        if tree[name]["type"] == "d":
            children = set(os.listdir(path)) - (skip if name == b"" else set())
            pending += [os.path.join(name, child) for child in children]
    for names in inodes.values():
        for name in names:
            tree[name]["links"] = sorted(names)
    return tree


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--untimed", action="append", default=[])
    parser.add_argument("original")
    parser.add_argument("converted")
    options = parser.parse_args()
    original, converted = walk(options.original), walk(options.converted, ADDED)
    for name in options.untimed:
        for tree in (original, converted):
            del tree[os.fsencode(name)]["mtime"]
    differ = 0
    for name in sorted(original.keys() | converted.keys()):
        a, b = original.get(name, {}), converted.get(name, {})
        wrong = {key: (a.get(key), b.get(key)) for key in a.keys() | b.keys() if a.get(key) != b.get(key)}
        if wrong:
            differ += 1
            print(repr(name), "is missing" if not b else "is new" if not a else wrong)
    print("%d entries, %d differ" % (len(original), differ))
    return 1 if differ or len(original) < 2 else 0


sys.exit(main())
