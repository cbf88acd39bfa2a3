"""
One tar for every oddity that a layer can have, with what has to become of it: None if it has to be converted, else a
part of the reason for which it has to be refused.
"""

import io
import os
import subprocess
import tarfile
import tempfile

NOW = 1_760_000_000
MIB = 1 << 20
END = bytes(1024)


class Tar:
    """Writes entries, each exactly as given."""

    def __init__(self, form=tarfile.PAX_FORMAT):
        self.form = form
        self.content = b""

    def add(self, name, kind=tarfile.REGTYPE, content=b"", patch=None, size=None, pax=None, **fields):
        info = tarfile.TarInfo(name)
        info.type, info.mtime, info.size = kind, NOW, len(content) if size is None else size
        info.pax_headers = pax or {}
        for field, value in fields.items():
            setattr(info, field, value)
        header = info.tobuf(self.form, "utf-8", "surrogateescape")
        if patch:
            header = header[:-512] + sealed(header[-512:], patch)
        self.content += header + content + bytes(-len(content) % 512)
        return self

    def file(self, name, content=b"x", **fields):
        return self.add(name, content=content, **fields)

    def dir(self, name, **fields):
        return self.add(name, tarfile.DIRTYPE, mode=fields.pop("mode", 0o755), **fields)

    def link(self, name, target, **fields):
        return self.add(name, tarfile.LNKTYPE, linkname=target, **fields)

    def symlink(self, name, target, **fields):
        return self.add(name, tarfile.SYMTYPE, linkname=target, mode=0o777, **fields)

    def raw(self, content):
        self.content += content
        return self

    def extension(self, kind, content, name="././@LongLink"):
        """A header with content that says something about the next entry."""
        block = tarfile.TarInfo(name)
        block.size = len(content)
        return self.raw(sealed(block.tobuf(tarfile.USTAR_FORMAT), {156: kind}) + content + bytes(-len(content) % 512))

    def bytes(self):
        return self.content + END


def sealed(block, patch):
    """A header block with other bytes in some places, and the checksum that fits."""
    block = bytearray(block)
    for offset, value in patch.items():
        block[offset : offset + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def record(key, value):
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def noise(size):
    return os.urandom(size)


def v7():
    tar = Tar(tarfile.USTAR_FORMAT)
    old = {257: bytes(255)}
    tar.add("old/", tarfile.AREGTYPE, patch=old, mode=0o755)
    tar.add("old/file", tarfile.AREGTYPE, b"of 1979", patch=old)
    tar.add("old/link", tarfile.LNKTYPE, linkname="old/file", patch=old)
    return tar.add("old/symlink", tarfile.SYMTYPE, linkname="file", patch=old)


def every_kind():
    tar = Tar().dir("./", mode=0o1777).dir("d").file("d/f", b"content").file("d/empty", b"")
    tar.link("d/hard", "d/f").link("hard-to-hard", "./d/hard").symlink("s", "d/f").symlink("s2", "/d")
    tar.add("null", tarfile.CHRTYPE, devmajor=1, devminor=3).add("disk", tarfile.BLKTYPE, devmajor=259, devminor=70000)
    tar.add("pipe", tarfile.FIFOTYPE).link("pipe2", "pipe")
    tar.symlink("s3", "s").add("s4", tarfile.LNKTYPE, linkname="s3", mode=0o777)
    return tar.file("d/.wh.gone", b"").file("d/.wh..wh..opq", b"")


def borders():
    tar = Tar()
    for size in (1, 511, 512, 513, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 8 * MIB, 8 * MIB + 512, 12 * MIB + 77):
        tar.file(f"noise-{size}", noise(size)).file(f"zeros-{size}", bytes(size))
    return tar


def sparse(form, *options):
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/holes", "wb") as out:
            out.truncate(10 * MIB)
            out.seek(5 * MIB)
            out.write(b"data")
        command = ["tar", "-c", "--sparse", "--format=" + form, *options, "-C", folder, "holes"]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def cases():
    """Name, tar, what it must be refused for, and whether the source's entries all stay."""
    pax, gnu, ustar = tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT
    long = "directory/" * 25 + "name-é漢"
    linked = "is not an earlier file of the same layer"
    whiteout = "is a whiteout of a path that the same layer has"
    below = "not a directory"
    capability = {"SCHILY.xattr.security.capability": "\1\0\0\2\0\x20" + "\0" * 14}

    def case(name, tar, refused=None, exact=True):
        return name, tar.bytes() if isinstance(tar, Tar) else tar, refused, exact

    yield case("every kind of entry", every_kind())
    yield case("chunk borders", borders())
    yield case("GNU long names", Tar(gnu).file(long).symlink("s", long).link("l" * 250, long))
    yield case("PAX long names", Tar(pax).file(long).symlink("s", long).link("l" * 250, long))
    yield case("names split by ustar", Tar(ustar).file("d/" * 70 + "f" * 99).dir("p" * 150 + "/" + "d" * 98))
    yield case("names as long as their fields", Tar(ustar).file("n" * 100).symlink("s", "t" * 100))
    yield case("version 7", v7())
    yield case("device in version 7", Tar(ustar).add("a", tarfile.CHRTYPE, devmajor=1, patch={257: bytes(8)}), "a format without devices")
    yield case("GNU long name that is empty", Tar().extension(b"L", b"\0").file("name"), "empty long name")
    yield case("GNU long link name that is empty", Tar().extension(b"K", b"\0").symlink("s", "t"), "empty long")
    yield case("GNU long name without a zero", Tar().extension(b"L", b"n/" * 255 + b"nn").file("short"))
    yield case("global comment", Tar().extension(b"g", record(b"comment", b"c" * 40), "pax_global_header").file("f"))
    yield case("global owner", Tar().extension(b"g", record(b"uid", b"7"), "g").file("f"), "global extended header sets")
    yield case("hard link to a later file", Tar().link("a", "b").file("b"), linked)
    yield case("hard link to another layer", Tar().link("a", "usr/bin/b"), linked)
    yield case("hard link to a directory", Tar().dir("d").link("a", "d"), linked)
    yield case("hard link to itself", Tar().link("a", "a"), linked)
    yield case("hard link to what is replaced later", Tar().file("a").link("b", "a").file("a", b"y"), "there twice")
    yield case("hard link to the second of a name", Tar().file("a").file("a", b"second").link("b", "a"))
    yield case("hard link that is replaced", Tar().file("a").link("b", "a").file("b", b"y"))
    yield case("hard link with other rights", Tar().file("a", mode=0o600).link("b", "a"), "other attributes")
    yield case("hard link with another owner", Tar().file("a", uid=1).link("b", "a"), "other attributes")
    yield case("hard link with content", Tar().file("a").link("b", "a", size=700).file("c"))
    yield case("hard link without its capability", Tar().file("a", pax=capability).link("b", "a"), "other attributes")
    yield case("hard link without its file's attributes", Tar().file("a", pax={"SCHILY.xattr.user.a": "1"}).link("b", "a"))
    yield case("hard link to a whiteout", Tar().file(".wh.a", b"").link("b", ".wh.a"), "whiteout")
    yield case("file replaces file", Tar().file("a", noise(9 * MIB)).file("a", b"second").file("./a", b"third"))
    yield case("file replaces directory", Tar().dir("a").file("a/b").file("a"), "directory in one place")
    yield case("directory replaces file", Tar().file("a").dir("a"), "directory in one place")
    yield case("link replaces directory", Tar().file("a/b").symlink("a", "b"), "directory in one place")
    yield case("device replaces file", Tar().file("a").add("a", tarfile.CHRTYPE, devmajor=1, devminor=5))
    yield case("directory twice", Tar().dir("d", mode=0o700, uid=7).file("d/f").dir("d/"))
    yield case("directory behind what is in it", Tar().file("d/e/f").dir("d", mode=0o700).dir("d/e", mode=0o711))
    yield case("directories that no entry names", Tar().file("a/b/c/d"))
    yield case("file below a file", Tar().file("a").file("a/b"), below)
    yield case("file below a link", Tar().symlink("a", "b").file("a/b"), below)
    yield case("whiteouts", Tar().file(".wh.a", b"").file("d/.wh.b", b"").file("d/.wh..wh..opq", b"").file("d/new"))
    yield case("whiteout before what it hides", Tar().file(".wh.a", b"").file("a"))
    yield case("whiteout behind what it hides", Tar().file("a").file(".wh.a", b""), whiteout)
    yield case("whiteout of nothing", Tar().file("d/.wh.", b""), "whiteout")
    yield case("whiteout of the directory above", Tar().file("d/.wh...", b""), "whiteout")
    yield case("file below a whiteout", Tar().file("d/.wh.a/b"), "whiteout")
    yield case("leading dots and slashes", Tar().dir("./").file("./a").file("/b").file(".//c/./d").symlink("/e", "a"))
    yield case("dots upwards", Tar().file("../a"), '".."')
    yield case("dots upwards within", Tar().file("a/../../b"), '".."')
    yield case("dots upwards in a hard link", Tar().file("a").link("b", "../a"), '".."')
    yield case("dots in names", Tar().file("..a").file("...").file("b..").dir(".d"))
    yield case("name with a zero", Tar().extension(b"x", record(b"path", b"a\0b")).file("a"), "zero byte")
    yield case("Latin-1 name", Tar(gnu).file("caf\udce9"), "not UTF-8")
    yield case("Latin-1 link", Tar(gnu).symlink("s", "caf\udce9"), "not UTF-8")
    yield case("Latin-1 owner", Tar(gnu).file("f", uname="caf\udce9"))
    yield case("name longer than Linux has", Tar().file("é" * 128), "256 bytes")
    yield case("odd names", Tar().file("\n").file("a\tb").file(" ").file("\\").file("\x7f\x01").file('"').file("\ufffd\ufeff"))
    yield case("attributes", Tar().file("a", pax={"SCHILY.xattr.user.a": "", "SCHILY.xattr.user.b.c": "x=\n\0é", **capability}))
    yield case("attributes of a directory and a link", Tar().dir("d", pax=capability).symlink("s", "d", pax={"SCHILY.xattr.user.a": "1"}))
    yield case("attributes that are not UTF-8", Tar().extension(b"x", record(b"SCHILY.xattr.user.a", b"\xff\0\xfe")).file("a"))
    yield case("attributes of libarchive", Tar().file("a", pax={"LIBARCHIVE.xattr.user.a": "YQ", "LIBARCHIVE.creationtime": "1.5"}))
    yield case("attribute longer than Linux has", Tar().file("a", pax={"SCHILY.xattr.user.a": "x" * 70_000}), "65536")
    yield case("directory with attributes twice", Tar().dir("d", pax=capability).dir("d"), "extended attributes")
    yield case("times", Tar().file("a", mtime=0.5).file("b", mtime=-0.5).file("c", mtime=-1.5).file("d", mtime=1e9 + 0.499).file("e", mtime=0))
    yield case("time before 1970", Tar(gnu).file("a", mtime=-2_000_000_000).dir("d", mtime=-1))
    yield case("time after 9999", Tar().file("a", mtime=300_000_000_000), "modification time")
    yield case("owners in base 256", Tar(gnu).file("a", uid=4_000_000_000, gid=2_097_152))
    yield case("owner that Linux has not", Tar().file("a", uid=2**32 - 1), "owner")
    yield case("owner below zero", Tar(gnu).file("a", uid=-2), "owner")
    yield case("mode with bits of the type", Tar().file("a", mode=0o100755, patch={100: b"0100755\0"}))
    yield case("contiguous file", Tar().add("a", tarfile.CONTTYPE, b"x"))
    yield case("file with a slash", Tar().file("a/"), "ends with a slash")
    yield case("sparse file of old GNU", sparse("gnu"), "sparse")
    yield case("sparse file of PAX 0.0", sparse("posix", "--sparse-version=0.0"), "sparse")
    yield case("sparse file of PAX 0.1", sparse("posix", "--sparse-version=0.1"), "sparse")
    yield case("sparse file of PAX 1.0", sparse("posix", "--sparse-version=1.0"), "sparse")
    yield case("volume label", Tar().raw(sealed(Tar().file("label", b"").content[-512:], {156: b"V"})).file("a"), "type 0x56")
    yield case("landmark of an earlier conversion", Tar().file(".no.prefetch.landmark", b"\x0f").file("a"), exact=False)
    yield case("landmark that is a user's file", Tar().file(".prefetch.landmark", b"mine").file("a"), "reserves")
    yield case("landmark that is a directory", Tar().dir(".prefetch.landmark"), "reserves")
    yield case("table of contents that is a user's file", Tar().file("a").file("stargz.index.json", b"mine"), "reserves")
    yield case("reserved names below the root", Tar().file("d/stargz.index.json").file("d/.no.prefetch.landmark"))
    yield case("empty layer", Tar())
    yield case("no byte", b"")
    yield case("no end of archive", Tar().file("a", b"x" * 700).content)
    yield case("half an end of archive", Tar().file("a").content + bytes(512))
    yield case("zeros behind the end", Tar().file("a").bytes() + bytes(MIB))
    yield case("rubbish behind the end", Tar().file("a").bytes() + noise(5000))
    yield case("second archive behind the end", Tar().file("a").bytes() + Tar().file("b").bytes())
    yield case("one block of zeros between", Tar().file("a").content + bytes(512) + Tar().file("b").bytes(), "single block of zeros")
    yield case("cut in a header", Tar().file("a").content + Tar().file("b").content[:300], "truncated within a header")
    yield case("cut in a file", Tar().file("a", b"x" * 5000).content[:3000], "truncated within an entry")
    yield case("cut behind an extended header", Tar().extension(b"x", record(b"uid", b"7")).content, "ends within")
    yield case("huge PAX record", Tar().file("a", pax={"comment": "c" * (2 * MIB)}), "extended headers need")
    yield case("thousands of PAX records", Tar().file("a", pax={f"VENDOR.key{i}": "v" for i in range(20_000)}))
    yield case("endless global headers", Tar().raw(Tar().extension(b"g", b"").content * 3000).file("a"), "extended headers need")
    yield case("PAX record with a wrong length", Tar().extension(b"x", b"99 uid=7\n").file("a"), "malformed")
    yield case("size below zero", Tar().file("a", b"", patch={124: b"\xff" * 12}), "size")
    yield case("size without end", Tar().file("a", b"", patch={124: b"\x80\0\0\0\x7f" + b"\xff" * 7}), "")
    yield case("wrong checksum", Tar().file("a").bytes().replace(b"a", b"b", 1), "checksum")
    yield case("no tar", b"BZh9" * 1000, "not a tar archive")
