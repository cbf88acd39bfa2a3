"""Load on a server in a control group of 512 MiB; see small-memory.sh. Ends with "N passed, N failed"."""
import argparse
import concurrent.futures
import gzip
import hashlib
import http.client
import io
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time

MIB = 1 << 20


def own_group():
    """Folder of this process's memory control group, its version's file for the limit, and that for its use."""
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return pathlib.Path("/sys/fs/cgroup/memory" + path), "memory.limit_in_bytes", "memory.usage_in_bytes"
    path = next(line[3:] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    return pathlib.Path("/sys/fs/cgroup" + path), "memory.max", "memory.current"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def push(self, repository, content):
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        answer, text = self.ask("POST", f"/v2/{repository}/blobs/uploads/?digest={digest}", content)
        assert answer.status == 201, (answer.status, text)
        return {"mediaType": "application/octet-stream", "digest": digest, "size": len(content)}


def layer(seed, files, size):
    noise = random.Random(seed)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for number in range(files):
            entry = tarfile.TarInfo(f"usr/share/{seed}/{number}")
            content = noise.randbytes(size // 2) + bytes(size // 2)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(plain.getvalue()).hexdigest(), gzip.compress(plain.getvalue(), 1)


def image(client, repository, layers):
    diffs, descriptors = [], []
    for diff, content in layers:
        diffs.append("sha256:" + diff)
        descriptors.append({**client.push(repository, content), "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"})
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diffs}}).encode()
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {**client.push(repository, config), "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": descriptors}).encode()
    answer, text = client.ask("PUT", f"/v2/{repository}/manifests/1", manifest,
                              {"Content-Type": "application/vnd.oci.image.manifest.v1+json"})
    assert answer.status == 201, (answer.status, text)


def ranges(port, path, content, seed, seconds):
    client, noise, count = Client(port), random.Random(seed), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        length = noise.choice([4096, 50_000, 65_536, MIB])
        first = noise.randrange(len(content) - length)
        answer, body = client.ask("GET", path, headers={"Range": f"bytes={first}-{first + length - 1}"})
        assert answer.status == 206 and body == content[first:first + length], (answer.status, first, length)
        count += 1
    return count


def lazy(port, repository):
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json", "Lighter-View": "lazy"}
    answer, body = Client(port).ask("GET", f"/v2/{repository}/manifests/1", headers=accept)
    return answer.status == 200 and b"containerd.io/snapshot/stargz/toc.digest" in body


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lighter", required=True)
    parser.add_argument("--limit", type=int, default=512, help="in MiB")
    parser.add_argument("--seconds", type=int, default=20, help="of ranges")
    arguments = parser.parse_args()
    subprocess.run([arguments.lighter, "--version"], check=True, stdout=subprocess.DEVNULL)  # builds outside of the limit
    parent, limit_file, use_file = own_group()
    group = parent / f"lighter-e2e-{os.getpid()}"
    work = pathlib.Path(tempfile.mkdtemp(prefix="small-memory"))
    port = free_port()
    process = None
    try:
        group.mkdir()
        (group / limit_file).write_text(str(arguments.limit * MIB))
        log = open(work / "log", "wb")
        process = subprocess.Popen(
            [arguments.lighter, "serve", "--no-upstreams", "--listen", f"127.0.0.1:{port}", "--data", str(work / "data")],
            stdout=log, stderr=log, env={**os.environ, "LIGHTER_MANAGEMENT_LISTEN": "127.0.0.1:0"},
            preexec_fn=lambda: (group / "cgroup.procs").write_text(str(os.getpid())))
        end = time.monotonic() + 60
        while b"timeouts" not in (work / "log").read_bytes():
            assert process.poll() is None and time.monotonic() < end, (work / "log").read_text()
            time.sleep(0.05)
        print(next(line for line in (work / "log").read_text().splitlines() if "  memory " in line))

        layers = [layer(1, 60, 2 * MIB), layer(2, 4000, 10_000)]
        client = Client(port)
        large = random.Random(3).randbytes(100 * MIB)
        with concurrent.futures.ThreadPoolExecutor(66) as pool:
            blob = client.push("load/blob", large)
            path = f"/v2/load/blob/blobs/{blob['digest']}"
            image(client, "load/image", layers)  # converted while the ranges run
            pushes = pool.submit(lambda: [Client(port).push("load/more", random.Random(9 + i).randbytes(40 * MIB)) for i in range(6)])
            counts = list(pool.map(lambda seed: ranges(port, path, large, seed, arguments.seconds), range(64)))
            pushes.result()
            answer, body = client.ask("GET", path)
            assert answer.status == 200 and body == large
        end = time.monotonic() + 120
        while not lazy(port, "load/image"):
            assert time.monotonic() < end, "the image was not converted"
            time.sleep(0.2)
        assert process.poll() is None, f"the server ended with {process.poll()}"
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines())
        print(f"{sum(counts)} ranges, anonymous memory {int(status['RssAnon'].split()[0]) >> 10} MiB, most"
              f" {int(status['VmHWM'].split()[0]) >> 10} MiB resident, group {int((group / use_file).read_text()) >> 20} MiB")
        print("1 passed, 0 failed")
    except BaseException:
        if (work / "log").exists():
            print((work / "log").read_text()[-3000:])
        raise
    finally:
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        for _ in range(50):
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.1)
        shutil.rmtree(work, ignore_errors=True)


main()
