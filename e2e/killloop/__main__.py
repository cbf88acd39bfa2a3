"""Kills servers in the midst of writes and judges what they have after the next start; see e2e/kill-loop.sh."""

import argparse
import collections
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time

from server import Server
from worker import Worker

WORKERS = 6
KILLS_PER_STORE = 50
LIFE_SECONDS = 4
KILLS_PER_FULL_LOOK = 10


class Loop:
    """One server after the other, each over a new store, until the kills that all loops share are used up."""

    def __init__(self, options, folder, classes, seed, budget):
        self.options = options
        self.folder = folder
        self.classes = classes
        self.random = random.Random(seed)
        self.budget = budget
        self.kills = 0
        self.counts = collections.Counter()
        self.findings = []

    def run(self):
        try:
            store = 0
            while not self.findings and self.budget.left():
                self.run_store(os.path.join(self.folder, str(store)))
                store += 1
        except Exception as failure:  # Whatever it is, the loop has not passed.
            self.findings.append(repr(failure))

    def run_store(self, folder):
        os.makedirs(folder)
        server = Server(self.options.launcher, folder, self.classes)
        pinned = []
        workers = [Worker(f"kill/w{n}", self.random.random(), pinned, self.counts) for n in range(WORKERS)]
        try:
            for kill in range(1, KILLS_PER_STORE + 1):
                if self.findings or not self.budget.take():
                    break
                self.kill_once(server, workers, kill % KILLS_PER_FULL_LOOK == 0)
            server.start()
            server.await_ready()
            self.look(server, workers, True)
            server.stop()
        finally:
            if server.process.poll() is None:
                server.kill()
        if not self.findings:
            shutil.rmtree(folder)

    def kill_once(self, server, workers, everything):
        server.start()
        self.kills += 1
        if self.random.random() < 0.1:
            # In the midst of the start, when the store recovers from the kill before.
            time.sleep(self.random.uniform(0.2, 1.2))
            server.kill()
            return
        server.await_ready()
        self.look(server, workers, everything)
        threads = [threading.Thread(target=self.work, args=(worker, server)) for worker in workers]
        for thread in threads:
            thread.start()
        # By what was done and not by time, so that a slow machine has as much to lose as a fast one.
        enough = self.counts.total() + self.random.choice((0, 5, 15, 40))
        give_up = time.monotonic() + LIFE_SECONDS
        while self.counts.total() < enough and time.monotonic() < give_up:
            time.sleep(0.01)
        time.sleep(self.random.uniform(0, 0.1))
        server.kill()
        for thread in threads:
            thread.join()

    def look(self, server, workers, everything):
        threads = [threading.Thread(target=self.judge, args=(worker, server, everything)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if everything and not self.options.without_verify:
            self.findings += server.verify()
        if everything:
            self.findings += self.pushed_bytes(server, workers)

    @staticmethod
    def pushed_bytes(server, workers):
        """The sum that quotas go by, against the blobs that the workers have, each once."""
        held = {}
        for worker in workers:
            held.update(worker.held())
        answer = json.loads(server.ask("GET", "/admin/namespaces"))
        counted = {one["name"]: one["pushedBytes"] for one in answer["namespaces"]}.get("kill", 0)
        expected = sum(held.values())
        return [] if counted == expected else [f"{counted} bytes are counted for the namespace, {expected} are there"]

    def work(self, worker, server):
        try:
            worker.work(server)
        except Exception as failure:
            self.findings.append(f"{worker.name} at work: {failure!r}")

    def judge(self, worker, server, everything):
        try:
            self.findings += worker.judge(server, everything)
        except Exception as failure:
            self.findings.append(f"{worker.name} at its judgement: {failure!r}")


class Budget:
    """Kills that are left to do, and the time to do them in."""

    def __init__(self, kills, seconds):
        self.kills = kills
        self.start = time.monotonic()
        self.end = self.start + seconds
        self.lock = threading.Lock()

    def left(self):
        return self.kills > 0 and time.monotonic() < self.end

    def take(self):
        with self.lock:
            if not self.left():
                return False
            self.kills -= 1
            if self.kills % 25 == 0:
                print(f"{self.kills} kills to go after {time.monotonic() - self.start:.0f} s", flush=True)
            return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("launcher")
    parser.add_argument("kills", type=int)
    parser.add_argument("--stores", type=int, default=1, help="how many servers run at once")
    parser.add_argument("--seconds", type=int, default=86_400, help="begin no kill after this")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--without-verify", action="store_true")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    folder = tempfile.mkdtemp(prefix="lighter-kill-loop.")
    budget = Budget(options.kills, options.seconds)
    classes = os.path.join(folder, "classes.jsa")
    first_start(options.launcher, os.path.join(folder, "first"), classes)
    loops = [Loop(options, os.path.join(folder, f"loop{n}"), classes, seed + n, budget) for n in range(options.stores)]
    threads = [threading.Thread(target=loop.run) for loop in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report(loops, folder, budget)


def first_start(launcher, folder, classes):
    """Builds the program if it has to be, and has the JVM note the classes that a start loads."""
    os.makedirs(folder)
    server = Server(launcher, folder, classes)
    server.start()
    server.await_ready()
    server.stop()


def report(loops, folder, budget):
    findings = [finding for loop in loops for finding in loop.findings]
    if budget.kills > 0 and not findings:
        findings.append(f"{budget.kills} kills were left when the time was over")
    counts = sum((loop.counts for loop in loops), collections.Counter())
    print("acknowledged: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    for finding in findings[:50]:
        print(f"FAIL  {finding}")
    if findings:
        print(f"stores and logs are in {folder}")
    else:
        shutil.rmtree(folder)
    print(f"{sum(loop.kills for loop in loops)} passed, {len(findings)} failed")
    return 1 if findings else 0


sys.exit(main())
