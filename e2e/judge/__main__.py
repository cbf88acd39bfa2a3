"""See conversion-judge.sh."""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import oddtars  # noqa: E402
import prefetching  # noqa: E402
import randomtars  # noqa: E402
from model import Tree, differences, seen_by_lazy_client, tree_differences  # noqa: E402
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

    def convert(self, source, target, chunk=CHUNK, min_chunk=0, prefetch_list=""):
        with self.lock:
            started = time.monotonic()
            print(source, target, chunk, min_chunk, prefetch_list, sep="\t", file=self.process.stdin, flush=True)
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


def layers_to_choose_from(sources, seed, random_tars, work):
    """Names and uncompressed tars: of real layers, of every oddity that is converted as it is, and of random tars."""
    for source in sources:
        uncompress(source, work + "/plain")
        yield source
    for name, tar, reason, exact in oddtars.cases():
        if reason is None and exact and tar.strip(b"\0"):
            with open(work + "/plain", "wb") as out:
                out.write(tar)
            yield name
    for i in range(random_tars):
        here = work + "/random"
        os.mkdir(here)
        randomtars.write(seed * 1_000_003 + i, work + "/plain", here)
        yield f"random tar {i}"
        subprocess.run(["rm", "-rf", here], check=True)


def judge_lists(converter, sources, seed, work):
    """Layers with random lists of what is to be laid out first, alone and packed."""
    print(f"note: seed {seed}", flush=True)
    verdicts, rng, compared, moved = Verdicts(), random.Random(seed), 0, 0
    for name in layers_to_choose_from(sources, seed, 40, work):
        layer = prefetching.entries(work + "/plain")
        for min_chunk in (0, rng.choice([1000, 50_000, CHUNK])):
            lines = prefetching.random_list(rng, layer)
            with open(work + "/list", "w", encoding="utf-8") as out:
                out.writelines(line + "\n" for line in lines)
            outcome = converter.convert(work + "/plain", work + "/converted", CHUNK, min_chunk, work + "/list")
            if "refused" in outcome:
                verdicts.refused[outcome["refused"]] += 1
                found = [] if name.startswith("random") else [outcome["refused"]]
            else:
                scratch = work + "/scratch"
                found = differences(work + "/plain", work + "/converted", outcome, scratch, packed=min_chunk > 0, ordered=False)
                found = found or prefetching.differences(lines, layer, scratch, outcome)
                library = found or prefetching.library_differences(lines, layer, work + "/plain", scratch, work + "/paths")
                compared += library == []
                moved += outcome["prefetchedEntries"] > 0
                found = found or library
                verdicts.converted += not found
            if found:
                verdicts.wrong_layer(f"seed {seed}, {name}, packed from {min_chunk}, list {lines}", found)
    if 2 * compared < verdicts.converted or 2 * moved < verdicts.converted:
        verdicts.wrong_layer("lists", [f"{moved} moved something, {compared} compared: this proves too little"])
    verdicts.end(f"{moved} with something in front", f"{compared} in the order of the Go library")


def judge_packed(converter, sources, work):
    """Small files share gzip members: what layers hold stays the same."""
    verdicts = Verdicts()
    for name in layers_to_choose_from(sources, 1, 0, work):
        outcome = converter.convert(work + "/plain", work + "/converted", CHUNK, 50_000)
        found = [outcome["refused"]] if "refused" in outcome else differences(
            work + "/plain", work + "/converted", outcome, work + "/scratch", packed=True
        )
        if found:
            verdicts.wrong_layer(name, found)
        verdicts.converted += not found
    verdicts.end()


def judge_itself(converter, work):
    """Every way in which two layers can differ, one at a time: converts the one, judges it as if it were the other."""
    base = dict(content=b"one", mode=0o644, uid=1, gid=1, mtime=oddtars.NOW, pax={"SCHILY.xattr.user.a": "1"})
    changes = [{"content": b"two"}, {"content": b"ones"}, {"mode": 0o4644}, {"uid": 2}, {"gid": 2}, {"mtime": oddtars.NOW + 1}]
    changes += [{"pax": {"SCHILY.xattr.user.a": "2"}}, {"pax": {}}]
    first = oddtars.Tar().file("f", **base)
    pairs = [(first, oddtars.Tar().file("f", **{**base, **change})) for change in changes]
    rest = [
        oddtars.Tar().file("a").file("b"),
        oddtars.Tar().file("a").link("b", "a"),
        oddtars.Tar().file("a").symlink("b", "a"),
        oddtars.Tar().file("a").symlink("b", "c"),
        oddtars.Tar().file("a").dir("b"),
        oddtars.Tar().file("a").add("b", tarfile.CHRTYPE, devmajor=1),
        oddtars.Tar().file("a").add("b", tarfile.CHRTYPE, devminor=1),
        oddtars.Tar().file("a").add("b", tarfile.FIFOTYPE),
        oddtars.Tar().file("a"),
        oddtars.Tar().file("a").file("c"),
    ]
    pairs += [(a, b) for a in rest for b in rest if a is not b]
    missed = 0
    for one, other in pairs:
        for name, tar in (("one", one), ("other", other)):
            with open(f"{work}/{name}", "wb") as out:
                out.write(tar.bytes())
        outcome = converter.convert(work + "/one", work + "/converted")
        seen, _, found = seen_by_lazy_client(work + "/converted", outcome["tocDigest"])
        if found or tree_differences(Tree(work + "/one").nodes, seen):
            sys.exit("the judge finds fault with a good layer")
        if not tree_differences(Tree(work + "/other").nodes, seen):
            missed += 1
            print("not noticed:", one.content, other.content)
    print(f"note: {len(pairs)} pairs of layers told apart, {missed} not")
    sys.exit(1 if missed else 0)


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
    verbs.add_parser("itself")
    verbs.add_parser("write-odd").add_argument("target")
    some = verbs.add_parser("random")
    some.add_argument("count", type=int)
    some.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    lists = verbs.add_parser("lists")
    lists.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    lists.add_argument("sources", nargs="*")
    verbs.add_parser("packed").add_argument("sources", nargs="*")
    one = verbs.add_parser("one")
    one.add_argument("--list", default="")
    one.add_argument("--min-chunk-size", type=int, default=0)
    one.add_argument("source")
    one.add_argument("target")
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
    kept = False
    try:
        match options.verb:
            case "layers":
                judge_layers(converter, options.sources, work)
            case "many":
                judge_many(converter, options.count, work)
            case "itself":
                judge_itself(converter, work)
            case "odd":
                judge_odd(converter, work)
            case "random":
                judge_random(converter, options.count, options.seed, work)
            case "lists":
                judge_lists(converter, options.sources, options.seed, work)
            case "packed":
                judge_packed(converter, options.sources, work)
            case "one":
                print(json.dumps(converter.convert(options.source, options.target, CHUNK, options.min_chunk_size, options.list)))
            case "images":
                make_images(converter, options.sources, options.original, options.lazy, work)
    except SystemExit as ended:
        kept = bool(ended.code)
        raise
    finally:
        converter.close()
        if not kept:
            shutil.rmtree(work)


main()
