"""Kills servers in the midst of conversions and compares what they publish; see e2e/conversion-kills.sh."""

import argparse
import collections
import gzip
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request

import content
from client import Client
from server import Server

IMAGES = 120
REPOSITORIES = 4
PATIENCE_SECONDS = 300
LONGEST_LIFE_SECONDS = 1.2


def make_layer(rng, number):
    """A gzip layer of up to 1 MiB or so that compresses as programs do, and the digest of what it unpacks to."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for file in range(rng.randrange(1, 12)):
            entry = tarfile.TarInfo(f"usr/lib/l{number}/f{file}")
            words = [rng.randbytes(rng.randrange(2, 12)) for _ in range(200)]
            body = b"".join(rng.choices(words, k=rng.randrange(1, 30_000)))
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return gzip.compress(tar.getvalue(), 1, mtime=0), content.digest_of(tar.getvalue())


def odd_layer():
    """A layer that stays as it is: a hard link to something that is not in it."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("link")
        entry.type = tarfile.LNKTYPE
        entry.linkname = "not/here"
        archive.addfile(entry)
    return gzip.compress(tar.getvalue(), 1, mtime=0), content.digest_of(tar.getvalue())


class Pusher:
    """Fills a store with images, in the same way each time: shared and own layers, indexes, prefetch lists, and what
    stays as it is."""

    def __init__(self, server, seed):
        self.client = Client(server)
        self.rng = random.Random(seed)
        self.shared = [make_layer(self.rng, f"shared{n}") for n in range(6)]
        self.tags = []

    def push(self):
        for number in range(IMAGES):
            repository = f"kill/r{number % REPOSITORIES}"
            if number % 10 == 9:
                children = [self.image(repository, number * 10 + n, False) for n in range(2)]
                manifest, media_type = content.index(children, number), content.INDEX
            else:
                manifest, media_type = self.image(repository, number, number % 10 == 5), content.MANIFEST
            self.put(repository, f"t{number}", manifest, media_type)
            self.tags.append((repository, f"t{number}"))
        self.client.close()
        return self.tags

    def image(self, repository, number, odd):
        layers = [self.rng.choice(self.shared), make_layer(self.rng, number), make_layer(self.rng, f"{number}b")]
        if odd:
            layers.insert(self.rng.randrange(0, 3), odd_layer())
        config = content.config([diff_id for _, diff_id in layers], number)
        for blob in [config, *(layer for layer, _ in layers)]:
            path = f"/v2/{repository}/blobs/uploads/?digest={content.digest_of(blob)}"
            self.client.ask("POST", path, blob, allowed=(201,))
        first = {0: {"io.lighter.prefetch": "**/f3,**/f1"}, 1: {"io.lighter.prefetch": "usr/lib/shared*/f[2-5]"}}
        manifest = content.image(
            config, [layer for layer, _ in layers], number, annotations=first.get(number % 4, {}))
        self.put(repository, content.digest_of(manifest), manifest, content.MANIFEST)
        return manifest

    def put(self, repository, reference, manifest, media_type):
        path = f"/v2/{repository}/manifests/{reference}"
        self.client.ask("PUT", path, manifest, {"Content-Type": media_type}, (201,))


def copy_store(source, target):
    """A copy of a store that is not in use; blobs are never written again, so they can be shared."""
    def copy(file, to):
        if f"{os.sep}blobs{os.sep}" in file:
            os.link(file, to)
        else:
            shutil.copy2(file, to)
    shutil.copytree(source, target, copy_function=copy)


def lazy_views(server, tags):
    """What each tag answers to those who want the lazy view, and which view that is."""
    views = {}
    for repository, tag in tags:
        address = f"http://127.0.0.1:{server.port}/v2/{repository}/manifests/{tag}"
        request = urllib.request.Request(address, method="HEAD", headers={"Lighter-View": "lazy"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            views[f"{repository}:{tag}"] = (answer.headers["Docker-Content-Digest"], answer.headers["Lighter-View"])
    return views


def metric(server, name):
    return sum(
        float(line.split()[-1]) for line in server.ask("GET", "/metrics").decode().splitlines() if line.startswith(name)
    )


def await_end(server, jobs):
    """Until as many jobs have ended in this life of the server as it began with."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        ended = sum(
            metric(server, f'lighter_conversion_images_total{{outcome="{outcome}"}}')
            for outcome in ("published", "unchanged", "parked")
        )
        if metric(server, "lighter_conversion_backlog") == 0 and ended >= jobs:
            return
        time.sleep(0.05)
    raise RuntimeError(f"conversions did not end within {PATIENCE_SECONDS} s; see {server.log}")


class Store:
    """One store after the other, killed and started again until everything is converted."""

    def __init__(self, options, folder, classes, template, tags, seed, budget):
        self.options, self.folder, self.classes, self.template = options, folder, classes, template
        self.tags, self.rng, self.budget = tags, random.Random(seed), budget
        self.views = None
        self.expected = None
        self.counts = collections.Counter()
        self.findings = []

    def server(self, name, workers):
        os.makedirs(os.path.join(self.folder, name))
        environment = {"LIGHTER_CONVERSION_WORKERS": str(workers)}
        server = Server(self.options.launcher, os.path.join(self.folder, name), self.classes, environment=environment)
        copy_store(self.template, server.data)
        return server

    def undisturbed(self):
        server = self.server("undisturbed", 1)
        began = time.monotonic()
        server.start()
        server.await_ready()
        ready = time.monotonic()
        await_end(server, len(self.tags))
        ended = time.monotonic()
        views = lazy_views(server, self.tags)
        print(f"undisturbed: ready after {ready - began:.1f} s, converted after {ended - began:.1f} s, "
              f"{server.peak_memory()} MiB at most, {collections.Counter(view for _, view in views.values())}", flush=True)
        server.stop()
        return views

    def run(self):
        try:
            number = 0
            while not self.findings and self.budget.left():
                self.killed_store(f"killed{number}")
                number += 1
        except Exception as failure:  # Whatever it is, the loop has not passed.
            self.findings.append(repr(failure))

    def killed_store(self, name):
        server = self.server(name, 1)
        try:
            while not self.is_done(server) and self.budget.take():
                server.start()
                time.sleep(self.rng.uniform(0.6 * self.options.start, self.options.start + LONGEST_LIFE_SECONDS))
                server.kill()
                self.counts["kills"] += 1
                self.counts["kills in a layer"] += bool(os.listdir(os.path.join(server.data, "tmp")))
            server.start()
            server.await_ready()
            self.finish(server)
            server.stop()
        finally:
            if server.process is not None and server.process.poll() is None:
                server.kill()
        if not self.findings:
            shutil.rmtree(os.path.join(self.folder, name))

    def is_done(self, server):
        """Whether a kill would hit nothing: every image was published, as the log of all lives says."""
        if not os.path.exists(server.log):
            return False
        with open(server.log, encoding="utf-8", errors="replace") as log:
            published = {line.split(" is lazy now as ")[0].split()[-1] for line in log if " is lazy now as " in line}
        return len(published) >= self.lazy

    def finish(self, server):
        give_up = time.monotonic() + PATIENCE_SECONDS
        views = {}
        while views != self.expected and time.monotonic() < give_up:
            time.sleep(0.2)
            views = lazy_views(server, self.tags)
        for name, view in self.expected.items():
            if views[name] != view:
                self.findings.append(f"{name} is {views[name]}, undisturbed it is {view}")
        self.findings += server.verify()
        self.counts["stores"] += 1

    def expect(self, views):
        self.expected = views
        self.lazy = sum(view == "lazy" for _, view in views.values())


class Budget:
    """Kills that are left to do."""

    def __init__(self, kills, seconds):
        self.kills, self.end, self.lock = kills, time.monotonic() + seconds, threading.Lock()

    def left(self):
        return self.kills > 0 and time.monotonic() < self.end

    def take(self):
        with self.lock:
            if not self.left():
                return False
            self.kills -= 1
            return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("launcher")
    parser.add_argument("kills", type=int)
    parser.add_argument("--stores", type=int, default=1, help="how many servers run at once")
    parser.add_argument("--seconds", type=int, default=86_400, help="begin no kill after this")
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    subprocess.run([options.launcher, "--version"], check=True)  # Builds the program if it has to be.
    folder = tempfile.mkdtemp(prefix="lighter-conversion-kills.")
    classes = os.path.join(folder, "classes.jsa")
    template, tags = make_template(options, folder, classes, seed)
    budget = Budget(options.kills, options.seconds)
    stores = [
        Store(options, os.path.join(folder, f"loop{n}"), classes, template, tags, seed + n, budget)
        for n in range(options.stores)
    ]
    views = stores[0].undisturbed()
    for store in stores:
        store.expect(views)
    threads = [threading.Thread(target=store.run) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report(stores, folder, budget)


def make_template(options, folder, classes, seed):
    """A store full of images that nobody has converted."""
    os.makedirs(os.path.join(folder, "template"))
    environment = {"LIGHTER_CONVERSION_WORKERS": "0"}
    server = Server(options.launcher, os.path.join(folder, "template"), classes, environment=environment)
    server.start()
    server.await_ready()
    tags = Pusher(server, seed).push()
    server.stop()
    began = time.monotonic()
    server.start()
    server.await_ready()
    options.start = time.monotonic() - began
    print(f"start with a backlog of {metric(server, 'lighter_conversion_backlog'):.0f} images: {options.start:.1f} s",
          flush=True)
    server.stop()
    return server.data, tags


def report(stores, folder, budget):
    findings = [finding for store in stores for finding in store.findings]
    if budget.kills > 0 and not findings:
        findings.append(f"{budget.kills} kills were left when the time was over")
    counts = sum((store.counts for store in stores), collections.Counter())
    print(", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    for finding in findings[:50]:
        print(f"FAIL  {finding}")
    if findings:
        print(f"stores and logs are in {folder}")
    else:
        shutil.rmtree(folder)
    print(f"{counts['kills']} passed, {len(findings)} failed")
    return 1 if findings else 0


sys.exit(main())
