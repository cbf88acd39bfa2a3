"""Writes the two layers of the conversion benchmark out of files of this machine.

    layers.py DIRECTORY

debian.tar is what an image of a distribution holds: programs, libraries and their data, of all sizes, 265 MB. small.tar
is what node_modules or a site-packages directory is: 32,660 files of at most 64 KiB, 176 MB. Both are compressed with
gzip -6 beside it, as layers come.
"""

import os
import pathlib
import subprocess
import sys
import tarfile

MIXED = [
    ("/usr/bin", 60_000_000),
    ("/usr/lib/x86_64-linux-gnu", 90_000_000),
    ("/usr/lib/python3", 30_000_000),
    ("/usr/share", 75_000_000),
    ("/etc", 10_000_000),
]
SMALL_FILES = 32_660
SMALL_BYTES = 176_000_000
SMALL_LIMIT = 64 << 10


def files(roots):
    for root in roots:
        for directory, names, found in os.walk(root):
            names.sort()
            for name in sorted(found):
                path = os.path.join(directory, name)
                if os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.R_OK):
                    yield path


def write(target, paths):
    entries = total = 0
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
        directories = set()
        for path in paths:
            parent = os.path.dirname(path)
            if parent not in directories:
                directories.add(parent)
                tar.add(parent, arcname=parent.lstrip("/"), recursive=False)
            tar.add(path, arcname=path.lstrip("/"), recursive=False)
            entries += 1
            total += os.path.getsize(path)
    print(f"{target}: {entries} files, {total} bytes")
    with open(f"{target}.gz", "wb") as packed:
        subprocess.run(["gzip", "-6", "-n", "-c", str(target)], stdout=packed, check=True)


def mixed():
    for root, wanted in MIXED:
        total = 0
        for path in files([root]):
            size = os.path.getsize(path)
            if total + size <= wanted:
                total += size
                yield path


def small():
    """Files as they come, without those that lead away from the wanted mean size."""
    count = total = 0
    for path in files(["/usr/lib/python3", "/usr/share", "/usr/lib", "/usr/include", "/usr/local"]):
        size = os.path.getsize(path)
        ahead = total + size - SMALL_BYTES * (count + 1) / SMALL_FILES
        if 0 < size <= SMALL_LIMIT and -SMALL_LIMIT < ahead < SMALL_LIMIT:
            count += 1
            total += size
            yield path
        if count == SMALL_FILES:
            return


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    write(directory / "debian.tar", mixed())
    write(directory / "small.tar", small())


main()
