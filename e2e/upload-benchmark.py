"""Pushes of one large blob to Lighter and to distribution, in turn.

Each round makes a blob of random bytes that neither has seen and pushes it with curl in two ways: "put", a POST and a
PUT of everything; "patch", a POST, one PATCH of everything as docker does it, and a PUT without a body. A run counts
only if the answer is 201 and names the blob's digest. Time is from the first byte of the body's request to the last
answer, so it includes hash and fsync; CPU is the server's user and system time in it. The last lines are medians and
ratios. "close" is the time of the PUT without a body, with the fsync.
"""
import argparse
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

MIB = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, name, command, address, blobs, environment=None):
        self.name, self.address, self.blobs = name, address, blobs
        with open(blobs / "log", "wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://{address}/v2/", timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise SystemExit(f"{name} did not start: {(blobs / 'log').read_text()}")
                time.sleep(0.05)

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def forget_large_files(self):
        """Room for the next blob; each is pushed once."""
        for file in self.blobs.rglob("*"):
            if file.is_file() and file.stat().st_size > 4 * MIB:
                file.unlink()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def curl(method, url, body=None):
    """Status and headers of the answer."""
    command = ["curl", "-sS", "--noproxy", "*", "-X", method, "-o", "/dev/null", "-D", "-", "-H", "Expect:"]
    if body:
        command += ["-H", "Content-Type: application/octet-stream", "-T", str(body)]
    lines = subprocess.run(command + [url], check=True, capture_output=True, text=True).stdout.splitlines()
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return int(lines[0].split()[1]), {name.lower(): value for name, value in headers.items()}


def push(server, way, blob, digest):
    status, headers = curl("POST", f"http://{server.address}/v2/bench/upload/blobs/uploads/")
    assert status == 202, f"{server.name} answered POST with {status}"

    def location(headers):
        target = headers["location"]
        return target if target.startswith("http") else f"http://{server.address}{target}"

    def commit(url, body):
        return curl("PUT", url + ("&" if "?" in url else "?") + "digest=" + digest, body)

    cpu, started = server.cpu(), time.monotonic()
    close = 0.0
    if way == "put":
        status, headers = commit(location(headers), blob)
    else:
        status, headers = curl("PATCH", location(headers), blob)
        assert status == 202, f"{server.name} answered PATCH with {status}"
        last = time.monotonic()
        status, headers = commit(location(headers), None)
        close = time.monotonic() - last
    took = time.monotonic() - started
    assert status == 201, f"{server.name} answered PUT with {status}"
    assert headers["docker-content-digest"] == digest, f"{server.name} names another digest"
    return took, server.cpu() - cpu, close


def renewed(blob, number):
    """Other bytes at the begin are another blob."""
    with open(blob, "r+b") as file:
        file.write(b"%016d" % number)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def start(arguments, work):
    port, data = free_port(), work / "lighter"
    data.mkdir()
    lighter = Server(
        "lighter",
        [arguments.lighter, "serve", "--no-upstreams", "--listen", f"127.0.0.1:{port}", "--data", str(data / "data")],
        f"127.0.0.1:{port}", data, {"LIGHTER_MANAGEMENT_LISTEN": "127.0.0.1:0"})
    port, data = free_port(), work / "distribution"
    data.mkdir()
    config = data / "config.yml"
    config.write_text(
        "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: {data / 'data'}}}, cache: {{blobdescriptor: inmemory}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}', secret: bench}}\n")
    distribution = Server(
        "distribution", [arguments.registry, "serve", str(config)], f"127.0.0.1:{port}", data,
        {"OTEL_TRACES_EXPORTER": "none"})
    return [lighter, distribution]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lighter", required=True)
    parser.add_argument("--registry", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=512, help="of the blob, in MiB")
    parser.add_argument("--cores", help="for all processes, such as 0,1")
    arguments = parser.parse_args()
    if arguments.cores:
        os.sched_setaffinity(0, {int(core) for core in arguments.cores.split(",")})
    work = pathlib.Path(tempfile.mkdtemp(prefix="upload-benchmark"))
    results, servers = {}, []
    try:
        blob = work / "blob"
        with open(blob, "wb") as file:
            for _ in range(arguments.size):
                file.write(os.urandom(MIB))
        servers = start(arguments, work)
        # The first round warms up and is not counted.
        for number in range(arguments.rounds + 1):
            for way in ("put", "patch"):
                digest = renewed(blob, 2 * number + (way == "put"))
                for server in servers[::-1] if number % 2 else servers:
                    run = push(server, way, blob, digest)
                    server.forget_large_files()
                    if number:
                        results.setdefault((way, server.name), []).append(run)
                        print(f"{way:5} {server.name:12} {arguments.size / run[0]:7.0f} MiB/s {run[1]:6.2f} s CPU"
                              f" {run[2] * 1000:6.0f} ms close", flush=True)
        print("medians")
        for way in ("put", "patch"):
            speed, cpu = {}, {}
            for server in servers:
                runs = results[way, server.name]
                speed[server.name] = arguments.size / statistics.median(run[0] for run in runs)
                cpu[server.name] = statistics.median(run[1] for run in runs)
                print(f"{way:5} {server.name:12} {speed[server.name]:7.0f} MiB/s {cpu[server.name]:6.2f} s CPU"
                      f" {statistics.median(run[2] for run in runs) * 1000:6.0f} ms close")
            if len(servers) == 2:
                print(f"{way:5} lighter / distribution: speed {speed['lighter'] / speed['distribution']:.2f},"
                      f" CPU {cpu['lighter'] / cpu['distribution']:.2f}")
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(work, ignore_errors=True)


main()
