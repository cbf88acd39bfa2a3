"""Ranges while everything else goes on; see busy.sh. Ends with "N passed, N failed"."""
import argparse
import json
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import threading
import time

from pushing import Client, free_port, image, layer, lazy
from serving import Server, admin, distribution

MIB = 1 << 20
LONGEST_US = 1_000_000

# What has to have happened beside the ranges, as the server counts it.
BESIDE = {
    "images converted": r'lighter_conversion_images_total\{outcome="published"\}',
    "blobs fetched": r'lighter_upstream_fetches_done_total\{outcome="complete"[^}]*\}',
    "blobs collected": r'lighter_gc_removed_total\{kind="blob"\}',
}


class Beside(threading.Thread):
    """Something that is done again and again until the ranges are over."""

    def __init__(self, do):
        super().__init__(daemon=True)
        self.do, self.over, self.failure, self.rounds = do, threading.Event(), None, 0

    def run(self):
        try:
            while not self.over.is_set():
                self.do()
                self.rounds += 1
        except Exception as failure:  # Told at the end; a thread has nobody else to tell.
            self.failure = failure

    def end(self):
        self.join(180)
        assert not self.is_alive(), f"{self.do.__name__} is still at it after three minutes"
        if self.failure:
            raise self.failure


def counted(port):
    text = Client(port).ask("GET", "/metrics")[1].decode()
    return {name: sum(float(value) for value in re.findall(rf"^{pattern} (\S+)$", text, re.M)) for name, pattern in BESIDE.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lighter", required=True)
    parser.add_argument("--seconds", type=int, default=20)
    arguments = parser.parse_args()
    subprocess.run([arguments.lighter, "--version"], check=True, stdout=subprocess.DEVNULL)
    work = pathlib.Path(tempfile.mkdtemp(prefix="busy"))
    servers = []
    try:
        upstream, port, management = free_port(), free_port(), free_port()
        servers.append(distribution(work, upstream))
        for number in range(3):
            image(Client(upstream), f"library/busy{number}", [layer(10 * number, 40, MIB), layer(10 * number + 1, 3000, 8000)])

        servers.append(Server(
            [arguments.lighter, "serve", "--upstream", f"docker.io=http://127.0.0.1:{upstream}", "--listen",
             f"127.0.0.1:{port}", "--data", str(work / "data")], management, "/health/ready", work / "log",
            {"LIGHTER_MANAGEMENT_LISTEN": f"127.0.0.1:{management}", "LIGHTER_GC_GRACE": "1s", "LIGHTER_GC_RETENTION": "1s",
             "LIGHTER_GC_INTERVAL": "0s"}))
        content = work / "blob"
        content.write_bytes(random.Random(7).randbytes(200 * MIB))
        blob = Client(port).push("load/blob", content.read_bytes())
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": "application/vnd.example.blob",
            "config": {**Client(port).push("load/blob", b"{}"), "mediaType": "application/vnd.oci.empty.v1+json"},
            "layers": [blob]})
        answer, text = Client(port).ask("PUT", "/v2/load/blob/manifests/1", manifest,
                                        {"Content-Type": "application/vnd.oci.image.manifest.v1+json"})
        assert answer.status == 201, text

        rounds = iter(range(1 << 30))

        def fetch_and_convert():
            number = next(rounds) % 3
            admin(management, f"/admin/pull?image=docker.io/library/busy{number}:1")
            end = time.monotonic() + 120
            while not lazy(port, f"docker.io/library/busy{number}"):
                assert time.monotonic() < end, f"busy{number} was not converted"
                time.sleep(0.2)
            admin(management, f"/admin/invalidate?image=docker.io/library/busy{number}:1&drop=true",
                  busy_until=time.monotonic() + 30)

        def collect():
            admin(management, "/admin/gc")
            time.sleep(0.5)

        pushed = iter(range(100, 1 << 30))

        def push_and_delete():
            seed = next(pushed)
            image(Client(port), "load/pushed", [layer(seed, 20, 100_000)])
            answer, text = Client(port).ask("DELETE", "/v2/load/pushed/manifests/1")
            assert answer.status == 202, (answer.status, text)

        before = counted(management)
        beside = [Beside(fetch_and_convert), Beside(collect), Beside(push_and_delete)]
        for thread in beside:
            thread.start()
        result = work / "result.json"
        subprocess.run([arguments.lighter, "bench", "range", f"http://127.0.0.1:{port}/v2/load/blob/blobs/{blob['digest']}",
                        "--size", "4Ki,50000,8x4Ki", "--connections", "64", "--duration", f"{arguments.seconds / 3:.0f}s",
                        "--warm-up", "2s", "--verify", str(content), "--json", str(result)], check=True)
        for thread in beside:
            thread.over.set()
        for thread in beside:
            thread.end()
        done = {name: count - before[name] for name, count in counted(management).items()}

        faults = [f"no {name}" for name, count in done.items() if count < 1]
        for each in json.loads(result.read_text())["measurements"]:
            print(f"{each['work']}: {each['requests']} requests, p99 {each['latency']['p99'] / 1000:.1f} ms,"
                  f" longest {each['latency']['max'] / 1000:.0f} ms")
            if each["errors"]:
                faults.append(f"{each['work']}: {each['errors']}")
            if each["latency"]["max"] > LONGEST_US:
                faults.append(f"{each['work']}: a request took {each['latency']['max'] / 1e6:.2f} s")
        print("beside them: " + ", ".join(f"{count:.0f} {name}" for name, count in done.items())
              + f"; {beside[1].rounds} collections, {beside[2].rounds} images pushed and deleted")
        for fault in faults:
            print("FAIL  " + fault)
        print(f"{int(not faults)} passed, {len(faults)} failed")
        return 1 if faults else 0
    except BaseException:
        if (work / "log").exists():
            print((work / "log").read_text()[-3000:])
        raise
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(work, ignore_errors=True)


raise SystemExit(main())
