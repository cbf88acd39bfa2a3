"""See conversion-judge.sh."""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import oddtars  # noqa: E402
import randomtars  # noqa: E402
from model import differences  # noqa: E402
from packing import PACKINGS  # noqa: E402

MIB = 1 << 20
CHUNK = 4 * MIB
OCI = "application/vnd.oci.image."


class Converter:
    """The project's own code in one process, which converts layer after layer."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, shell=True)
        self.lock = threading.Lock()
        self.bytes, self.seconds = 0, 0.0

    def convert(self, source, target, chunk=CHUNK):
        with self.lock:
            started = time.monotonic()
            print(source, target, chunk, sep="\t", file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
            self.seconds += time.monotonic() - started
        if not line:
            sys.exit(f"the converter ended at {source}")
        outcome = json.loads(line)
        if "broken" in outcome:
            sys.exit(f"the converter broke its word at {source}: {outcome['broken']}")
        self.bytes += outcome.get("uncompressedSize", 0)
        return outcome

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Verdicts:
    def __init__(self):
        self.converted, self.refused, self.wrong = 0, collections.Counter(), 0

    def wrong_layer(self, name, found):
        self.wrong += 1
        print(f"{name}:", *found[:8], sep="\n    ", flush=True)

    def end(self, *notes):
        refused = sum(self.refused.values())
        print(f"note: {self.converted} converted and equal, {refused} refused, {self.wrong} wrong", *notes, sep=", ")
        sys.exit(1 if self.wrong or not self.converted else 0)


def uncompress(source, target):
    with open(source, "rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    with open(target, "wb") as out:
        subprocess.run(["gzip", "-dc", source] if zipped else ["cat", source], stdout=out, check=True)


def judge_layers(converter, sources, work):
    verdicts = Verdicts()
    for source in sources:
        plain, target = work + "/plain", work + "/converted"
        uncompress(source, plain)
        outcome = converter.convert(source, target)
        if "refused" in outcome:
            verdicts.wrong_layer(source, [outcome["refused"]])
            continue
        found = differences(plain, target, outcome, work + "/scratch")
        if found:
            verdicts.wrong_layer(source, found)
        else:
            verdicts.converted += 1
    rate = converter.bytes / MIB / max(converter.seconds, 0.001)
    verdicts.end(f"{converter.bytes // MIB} MiB unpacked", f"converted at {rate:.0f} MiB/s")


def judge_many(converter, count, work):
    """Small files as in a tree of modules: a few kilobytes each, some hundred to a directory."""
    source, words = work + "/many.tar", random.Random(count)
    with tarfile.open(source, "w", format=tarfile.PAX_FORMAT) as archive:
        oddtar = oddtars.Tar()
        for i in range(count):
            if i % 200 == 0:
                oddtar.dir(f"modules/{i // 2000:03}/{i // 200:04}")
            oddtar.file(f"modules/{i // 2000:03}/{i // 200:04}/file-{i}.js", (b"const a%d = %d;\n" % (i, i)) * words.randrange(120))
            if len(oddtar.content) > MIB:
                archive.fileobj.write(oddtar.content)
                oddtar.content = b""
        archive.fileobj.write(oddtar.bytes())
    judge_layers(converter, [source], work)


def judge_odd(converter, work):
    verdicts = Verdicts()
    for name, tar, reason, exact in oddtars.cases():
        found = judge_odd_case(converter, tar, reason, exact, work, verdicts)
        if found:
            verdicts.wrong_layer(name, found)
    tar = oddtars.every_kind().bytes() + bytes(5000)
    for name, pack in PACKINGS.items():
        found = judge_odd_case(converter, tar, None, True, work, verdicts, pack)
        if found:
            verdicts.wrong_layer(name, found)
    verdicts.end()


def judge_odd_case(converter, tar, reason, exact, work, verdicts, pack=PACKINGS["plain"]):
    source, plain, target = work + "/source", work + "/plain", work + "/converted"
    for path, content in ((source, pack(tar)), (plain, tar)):
        with open(path, "wb") as out:
            out.write(content)
    outcome = converter.convert(source, target)
    if "refused" in outcome:
        verdicts.refused[outcome["refused"]] += 1
        expected = reason is not None and reason in outcome["refused"]
        return [] if expected else [f"refused: {outcome['refused']}", f"wanted: {reason or 'a conversion'}"]
    if reason is not None:
        return [f"converted; wanted is a refusal: {reason}"]
    found = differences(plain, target, outcome, work + "/scratch", exact)
    verdicts.converted += not found
    return found


def judge_random(converter, count, seed, work):
    print(f"note: seed {seed}", flush=True)
    verdicts, writers = Verdicts(), collections.Counter()

    def judge(i):
        here = f"{work}/{i}"
        os.mkdir(here)
        writer, choice = randomtars.write(seed * 1_000_003 + i, here + "/plain", here)
        packing = choice.random.choice(list(PACKINGS))
        with open(here + "/plain", "rb") as file, open(here + "/source", "wb") as out:
            out.write(PACKINGS[packing](file.read()))
        outcome = converter.convert(here + "/source", here + "/converted", choice.chunk)
        refused = outcome.get("refused")
        found = [] if refused else differences(here + "/plain", here + "/converted", outcome, here + "/scratch")
        if not found:
            subprocess.run(["rm", "-rf", here], check=True)
        return f"seed {seed}, tar {i} ({writer}, {packing}), kept in {here}", writer, refused, found

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, writer, refused, found in pool.map(judge, range(count)):
            writers[writer] += 1
            if found:
                verdicts.wrong_layer(name, found)
            elif refused:
                verdicts.refused[refused] += 1
                print(f"{name}: {refused}")
            else:
                verdicts.converted += 1
    if sum(verdicts.refused.values()) > count // 4:
        verdicts.wrong_layer("random tars", ["more than a quarter was refused: this proves too little"])
    verdicts.end(*(f"{number} {writer}" for writer, number in sorted(writers.items())))


class Layout:
    """An OCI layout directory with one image, under the tag 1."""

    def __init__(self, path):
        self.path = path
        os.makedirs(path + "/blobs/sha256")

    def put(self, media_type, content, **more):
        digest = hashlib.sha256(content).hexdigest()
        with open(f"{self.path}/blobs/sha256/{digest}", "wb") as out:
            out.write(content)
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": len(content), **more}

    def put_file(self, media_type, file, **more):
        with open(file, "rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        os.rename(file, f"{self.path}/blobs/sha256/{digest}")
        size = os.path.getsize(f"{self.path}/blobs/sha256/{digest}")
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": size, **more}

    def finish(self, layers, diff_ids):
        config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}}
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI + "manifest.v1+json",
            "config": self.put(OCI + "config.v1+json", json.dumps(config).encode()),
            "layers": layers,
        }
        top = self.put(manifest["mediaType"], json.dumps(manifest).encode())
        top["annotations"] = {"org.opencontainers.image.ref.name": "1"}
        for name, content in (("index.json", {"schemaVersion": 2, "manifests": [top]}), ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
            with open(f"{self.path}/{name}", "w") as out:
                json.dump(content, out)


def make_images(converter, sources, original, lazy, work):
    """Two images of the same layers, as they are and converted, put together without the project's own code."""
    images, layers, diff_ids = (Layout(original), Layout(lazy)), ([], []), ([], [])
    for source in sources:
        target, copy, plain = work + "/converted", work + "/copy", work + "/plain"
        outcome = converter.convert(source, target)
        if "refused" in outcome:
            sys.exit(f"{source}: {outcome['refused']}")
        uncompress(source, plain)
        with open(plain, "rb") as file:
            diff_ids[0].append("sha256:" + hashlib.file_digest(file, "sha256").hexdigest())
        subprocess.run(["cp", source, copy], check=True)
        zipped = os.path.getsize(copy) != os.path.getsize(plain)
        layers[0].append(images[0].put_file(OCI + "layer.v1.tar" + ("+gzip" if zipped else ""), copy))
        diff_ids[1].append(outcome["diffId"])
        annotations = {
            "containerd.io/snapshot/stargz/toc.digest": outcome["tocDigest"],
            "io.containers.estargz.uncompressed-size": str(outcome["uncompressedSize"]),
        }
        layers[1].append(images[1].put_file(OCI + "layer.v1.tar+gzip", target, annotations=annotations))
    for image, own_layers, own_ids in zip(images, layers, diff_ids):
        image.finish(own_layers, own_ids)


def write_odd(target):
    """What an ordinary file system takes of the odd entries, as one layer."""
    tar = oddtars.every_kind()
    for part in (oddtars.v7(), oddtars.borders()):
        tar.raw(part.content)
    with open(target, "wb") as out:
        out.write(tar.bytes())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--converter", required=True, help="command that runs ConvertLayers")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("layers").add_argument("sources", nargs="+")
    verbs.add_parser("many").add_argument("count", type=int)
    verbs.add_parser("odd")
    verbs.add_parser("write-odd").add_argument("target")
    some = verbs.add_parser("random")
    some.add_argument("count", type=int)
    some.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    images = verbs.add_parser("images")
    images.add_argument("original")
    images.add_argument("lazy")
    images.add_argument("sources", nargs="+")
    options = parser.parse_args()
    if options.verb == "write-odd":
        write_odd(options.target)
        return
    converter = Converter(options.converter)
    work = tempfile.mkdtemp(prefix="judge.")
    try:
        match options.verb:
            case "layers":
                judge_layers(converter, options.sources, work)
            case "many":
                judge_many(converter, options.count, work)
            case "odd":
                judge_odd(converter, work)
            case "random":
                judge_random(converter, options.count, options.seed, work)
            case "images":
                make_images(converter, options.sources, options.original, options.lazy, work)
    finally:
        converter.close()


main()
