"""Random tars, half of them written by Python's tarfile and half by GNU tar from files made for it."""

import io
import os
import random
import shutil
import subprocess
import tarfile

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
SMALL_CHUNK = 1 << 16
LARGE_CHUNK = 4 << 20
NOW = 1_760_000_000


class Choice:
    """What the two kinds of writer have in common: names, contents, attributes."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.chunk = LARGE_CHUNK if self.random.random() < 0.03 else SMALL_CHUNK
        self.number = 0

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def name(self, longest):
        """A file's name; the number keeps it from being another's, unless that is wanted."""
        self.number += 1
        kind = self.random.randrange(6)
        if kind == 0 and longest > 100:
            return "long-" * self.random.randrange(10, longest // 5 - 2) + str(self.number)
        if kind == 1:
            return "ünï-漢字-\U0001f433-%d" % self.number
        if kind == 2:
            return "odd \"'\\&<>%%*?\t\x7f\x01 %d " % self.number
        if kind == 3:
            return ".hidden-%d" % self.number
        return "name%d" % self.number

    def content(self):
        c = self.chunk
        edges = [c - 1, c, c + 1, 2 * c - 1, 2 * c, 2 * c + 1, 3 * c + 77]
        kind = self.random.randrange(4)
        if kind == 0:
            size = self.random.choice([0, 0, 1, 511, 512, 513, 1023, 1024])
        elif kind == 1 and self.chance(60):
            size = self.random.choice(edges)
        else:
            size = self.random.randrange(1, 3000)
        return self.random.randbytes(size) if self.chance(50) else (b"%d\n" % self.number * (size // 2 + 1))[:size]

    def time(self):
        return self.random.choice([0, 1, NOW, NOW - 1, self.random.randrange(0, 4_000_000_000)])

    def mode(self):
        return self.random.choice([0o644, 0o755, 0o600, 0o4755, 0o2755, 0o1777, 0, 0o7777, 0o444])


# Bytes of a name in the header itself.
FIELD = 100

def by_python(choice, path):
    form = choice.random.choice(list(FORMATS))
    before = choice.random.choice(["", "./", "/", ".//"])
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=FORMATS[form], encoding="utf-8", errors="surrogateescape") as archive:
        written, directories = [], [""]
        for _ in range(choice.random.randrange(0, 40)):
            entry, content = random_entry(choice, form, before, written, directories)
            archive.addfile(entry, io.BytesIO(content))
    end = choice.random.randrange(6)
    content = tar.getvalue()
    if end == 0:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.getmembers()
            content = content[: archive.offset]
    elif end == 1:
        content += bytes(choice.random.randrange(100_000))
    elif end == 2:
        content += b"behind the end" * 99
    with open(path, "wb") as out:
        out.write(content)
    return f"tarfile {form}"


def random_entry(choice, form, before, written, directories):
    ustar = form == "ustar"
    pick = choice.random.random()
    entry = tarfile.TarInfo(choice.random.choice(directories) + choice.name(80 if ustar else 250))
    entry.mode, entry.mtime = choice.mode(), choice.time()
    entry.uid, entry.gid = choice.random.choice([(0, 0), (1000, 100), (65534, 2_000_000)])
    entry.uname, entry.gname = choice.random.choice([("", ""), ("root", "root"), ("ünï", "x" * 31)])
    content = b""
    if written and pick < 0.1:
        first = choice.random.choice(written)
        entry.type, entry.linkname = tarfile.LNKTYPE, first.name
        for field in ("mode", "mtime", "uid", "gid", "uname", "gname", "pax_headers"):
            setattr(entry, field, getattr(first, field))
    elif pick < 0.3:
        entry.type = tarfile.DIRTYPE
        if len(entry.name) < 150:
            directories.append(entry.name + "/")
    elif pick < 0.4:
        entry.type, entry.linkname = tarfile.SYMTYPE, choice.random.choice(["/x", "../..", "é" * 40, "a" * (90 if ustar else 300)])
    elif pick < 0.5:
        entry.type = choice.random.choice([tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
        entry.devmajor, entry.devminor = choice.random.choice([(1, 3), (0, 0), (259, 0o1777777)])
    elif pick < 0.55:
        base = choice.random.choice([".wh..wh..opq", ".wh.gone%d" % choice.number])
        entry.name = choice.random.choice(directories) + base
    else:
        if written and choice.chance(4):
            entry.name = choice.random.choice(written).name.removeprefix(before)
        entry.type = choice.random.choice([tarfile.REGTYPE] * 8 + [tarfile.AREGTYPE, tarfile.CONTTYPE])
        content = choice.content()
        entry.size = len(content)
    entry.name = entry.name if entry.name.startswith(before) and before else before + entry.name
    if entry.type == tarfile.AREGTYPE and len(entry.name.encode()) > FIELD:
        # Cut after a slash, the name would make tarfile read a directory: it looks before the long name has come.
        entry.type = tarfile.REGTYPE
    if entry.type != tarfile.LNKTYPE:
        extend(choice, form, entry)
        if entry.type not in (tarfile.DIRTYPE, tarfile.LNKTYPE) and "/.wh." not in "/" + entry.name:
            written.append(entry)
    return entry, content


def extend(choice, form, entry):
    """What only some formats can say."""
    if form == "gnu" and choice.chance(10):
        entry.uid, entry.mtime = 3_000_000_000, -choice.random.randrange(1, 2_000_000_000)
    if form != "pax":
        return
    if choice.chance(20):
        entry.mtime = choice.random.choice([NOW + 0.25, NOW + 0.5, -1.75, -0.5, 0.001, 8_589_934_592])
    if choice.chance(10):
        entry.uid, entry.gid = 4_294_967_294, 2_097_152
    headers = {}
    if choice.chance(15):
        headers["SCHILY.xattr.user.note"] = choice.random.choice(["", "text", "grüß", "a=b\nc", "x" * 5000])
    if choice.chance(5):
        headers["SCHILY.xattr.security.capability"] = "\1\0\0\2\0\x20" + "\0" * 14
    if choice.chance(5):
        headers["LIBARCHIVE.xattr.user.other"], headers["comment"] = "dmFsdWU", "c" * 700
    entry.pax_headers = headers


def by_gnu_tar(choice, path, folder):
    form = choice.random.choice(["v7", "oldgnu", "gnu", "ustar", "posix"])
    make_files(choice, folder, 80 if form in ("v7", "ustar") else 250, form)
    options = ["--format=" + form, "--numeric-owner"] if choice.chance(70) else ["--format=" + form]
    options += ["--xattrs", "--xattrs-include=user.*"] if form == "posix" else []
    options += [choice.random.choice(["--sort=name", "--sort=none", "--sort=inode"])]
    options += [choice.random.choice(["--blocking-factor=1", "--blocking-factor=20", "--blocking-factor=97"])]
    options += ["--hard-dereference"] if choice.chance(10) else []
    options += ["--mtime=@%d" % choice.time()] if choice.chance(10) else []
    names = ["."] if choice.chance(60) else ["./" + name for name in sorted(os.listdir(folder))] or ["."]
    # Names that do not fit the format are left out with status 2, which is as good.
    subprocess.run(["tar", "-c", "-f", path, "-C", folder, *options, "--", *names], stderr=subprocess.DEVNULL)
    plain = [e.path for e in os.scandir(folder) if e.is_file(follow_symlinks=False) and e.stat().st_nlink == 1]
    if plain and choice.chance(20):
        changed = choice.random.choice(plain)
        with open(changed, "wb") as out:
            out.write(choice.content())
        again = "./" + os.path.basename(changed)
        subprocess.run(["tar", "-r", "-f", path, "-C", folder, "--format=" + form, "--", again], stderr=subprocess.DEVNULL)
    return f"GNU tar {form}"


def make_files(choice, folder, longest, form):
    directories, files = [folder], []
    for _ in range(choice.random.randrange(0, 30)):
        path = os.path.join(choice.random.choice(directories), choice.name(longest))
        pick = choice.random.random()
        if pick < 0.2:
            os.mkdir(path)
            directories.append(path)
        elif pick < 0.3:
            os.symlink(choice.random.choice(["../x", "é", "t" * (90 if longest < 100 else 255)]), path)
        elif pick < 0.4 and files:
            os.link(choice.random.choice(files), path)
            continue
        elif pick < 0.5:
            kind, device = choice.random.choice([(0o020000, (1, 3)), (0o060000, (7, 5)), (0o010000, (0, 0))])
            os.mknod(path, kind | 0o600, os.makedev(*device))
        else:
            with open(path, "wb") as out:
                out.write(choice.content())
            files.append(path)
            if form == "posix" and choice.chance(20):
                os.setxattr(path, "user.note", choice.random.choice([b"", b"value", b"\xff\0\n=", b"v" * 500]))
        attributes(choice, path)


def attributes(choice, path):
    os.chown(path, *choice.random.choice([(0, 0), (1000, 100), (65534, 2_000_000)]), follow_symlinks=False)
    if not os.path.islink(path):
        os.chmod(path, choice.mode())
    nanos = choice.time() * 1_000_000_000 + choice.random.choice([0, 250_000_000, 500_000_000, 999_999_999])
    os.utime(path, ns=(nanos, nanos), follow_symlinks=False)


def write(seed, path, work):
    """One random tar; says who wrote it and which chunk size suits it."""
    choice = Choice(seed)
    if choice.chance(50):
        return by_python(choice, path), choice
    folder = os.path.join(work, "files")
    os.mkdir(folder)
    try:
        return by_gnu_tar(choice, path, folder), choice
    finally:
        shutil.rmtree(folder)
