"""How long Lighter takes from the start of the process to its first 200, with 10,000 blobs in its store.

    start-benchmark.py [--rounds N] [--blobs N] [--store DIRECTORY] [--java OPTION]...

Prints, of N starts each, the least, the median and the most milliseconds: of the launcher, and of the java command
that it ends in, told by /proc. The port is asked every 3 ms. The store is killed and not stopped, as after a crash,
so each start replays what the log of the metadata holds. CPU is user and system time until then, in ms.
"""
import argparse
import concurrent.futures
import hashlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

HOME = pathlib.Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def start(command, port, log):
    environment = {**os.environ, "LIGHTER_MANAGEMENT_LISTEN": "127.0.0.1:0"}
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    while not answers(port):
        if process.poll() is not None or time.monotonic() - started > 60:
            raise SystemExit(f"no answer from {command}")
        time.sleep(0.003)
    took = time.monotonic() - started
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return process, took * 1000, (int(fields[11]) + int(fields[12])) / TICKS * 1000


def fill(port, blobs):
    def push(numbers):
        client = http.client.HTTPConnection("127.0.0.1", port)
        for number in numbers:
            content = b"blob %d" % number
            digest = hashlib.sha256(content).hexdigest()
            client.request("POST", f"/v2/bench/r{number % 50}/blobs/uploads/?digest=sha256:{digest}", content)
            answer = client.getresponse()
            answer.read()
            assert answer.status == 201, answer.status
        client.close()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(push, [range(first, blobs, 8) for first in range(8)]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--blobs", type=int, default=10_000)
    parser.add_argument("--store", type=pathlib.Path, help="kept for the next run")
    parser.add_argument("--java", action="append", default=[], help="option of the java command instead of others like it")
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="start-benchmark"))
    store = arguments.store or work / "data"
    port = free_port()
    launcher = [HOME / "lighter", "serve", "--no-upstreams", "--listen", f"127.0.0.1:{port}", "--data", store]
    launcher = [str(word) for word in launcher]
    subprocess.run([launcher[0], "--version"], check=True, stdout=subprocess.DEVNULL)
    with open(work / "log", "wb") as log:
        process, _, _ = start(launcher, port, log)
        java = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes().decode().split("\0")[:-1]
        if not (store / "filled").exists():
            fill(port, arguments.blobs)
            (store / "filled").touch()
        process.kill()
        process.wait()
        names = {option.split("=")[0].rstrip("0123456789mgk") for option in arguments.java}
        java = java[:1] + arguments.java + [
            word for word in java[1:] if word.split("=")[0].rstrip("0123456789mgk") not in names]
        results = {"launcher": [], "java": []}
        for number in range(arguments.rounds + 1):
            for name, command in (("launcher", launcher), ("java", java)):
                process, took, cpu = start(command, port, log)
                process.kill()
                process.wait()
                if number:
                    results[name].append((took, cpu))
        for name, runs in results.items():
            took = sorted(run[0] for run in runs)
            print(f"{name:8} {took[0]:5.0f} / {statistics.median(took):5.0f} / {took[-1]:5.0f} ms,"
                  f" CPU {statistics.median(run[1] for run in runs):5.0f} ms")
    shutil.rmtree(work, ignore_errors=True)


main()
