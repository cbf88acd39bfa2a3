"""The ways in which a layer's tar comes compressed. Each gives a blob that uncompresses to the tar."""

import gzip
import subprocess


def members(tar):
    """Several gzip members, one of them empty, cut where it hurts."""
    cuts = [0, 100, 512, len(tar) // 3 + 1, len(tar) // 3 + 1, max(len(tar) - 700, 0), len(tar)]
    pieces = zip(sorted(cuts), sorted(cuts)[1:])
    return b"".join(gzip.compress(tar[a:b], 1, mtime=0) for a, b in pieces)


def zstd(tar, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=tar, stdout=subprocess.PIPE, check=True).stdout


def skippable(content):
    return b"\x5e\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content


PACKINGS = {
    "plain": lambda tar: tar,
    "gzip": lambda tar: gzip.compress(tar, 6, mtime=0),
    "stored gzip": lambda tar: gzip.compress(tar, 0),
    "gzip members": members,
    "gzip and zeros": lambda tar: gzip.compress(tar, 1) + bytes(1000),
    "gzip and rubbish": lambda tar: gzip.compress(tar, 1) + b"rubbish" * 50,
    "zstd": zstd,
    "zstd with checksum": lambda tar: zstd(tar, "-19", "--check"),
    "zstd frames": lambda tar: zstd(tar[: len(tar) // 2]) + skippable(b"in between") + zstd(tar[len(tar) // 2 :]),
    "zstd behind a skippable frame": lambda tar: skippable(b"first") + zstd(tar),
}
