"""A real server process that is killed and started again over the same data."""

import json
import os
import socket
import subprocess
import threading
import time
import urllib.request

# A server of this test lives for a second: compiling for speed would cost more than it brings, and classes that were
# loaded and checked once by all servers make the start shorter.
SHARED_CLASSES = "-XX:+AutoCreateSharedArchive -XX:SharedArchiveFile="
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m " + SHARED_CLASSES
START_SECONDS = 120


class Server:
    def __init__(self, launcher, folder, classes, options=("--no-upstreams",), java_options=JAVA_OPTIONS,
                 environment=None):
        """Keeps data and log in the folder; the file of classes is made by the first server that stops in order."""
        self.launcher = launcher
        self.options = options
        self.java_options = java_options
        self.classes = classes
        self.environment = environment or {}
        self.data = os.path.join(folder, "data")
        self.log = os.path.join(folder, "log")
        self.port = free_port()
        self.management = free_port()
        self.process = None
        self.killed = threading.Event()

    def start(self):
        """Begins to start; answers nothing yet."""
        self.killed = threading.Event()
        environment = dict(
            os.environ,
            LIGHTER_JAVA_OPTS=self.java_options + self.classes,
            LIGHTER_MANAGEMENT_LISTEN=f"127.0.0.1:{self.management}",
            LIGHTER_LOGGING_ACCESS="false",
            **self.environment,
        )
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.launcher, "serve", *self.options, "--data", self.data, "--listen", f"127.0.0.1:{self.port}"],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )

    def await_ready(self):
        """Returns when requests are answered; fails if the server does not come up."""
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode} at its start; see {self.log}")
            try:
                self.ask("GET", "/health/ready")
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the server was not ready after {START_SECONDS} s; see {self.log}")

    def peak_memory(self):
        """The most memory that the process had resident so far, in MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))

    def kill(self):
        self.killed.set()
        self.process.kill()
        self.process.wait()

    def stop(self):
        """In order, as an operator does it; the exit code has to be 0."""
        self.killed.set()
        self.process.terminate()
        if self.process.wait(30) != 0:
            raise RuntimeError(f"SIGTERM ended the server with {self.process.returncode}")

    def verify(self):
        """Has the server check everything it stores. The damage it found, a list of texts."""
        answer = self.ask("POST", "/admin/verify?restart=true&rate=unlimited", 300)
        lines = [json.loads(line) for line in answer.splitlines() if line]  # An empty one is a sign of life.
        found = [str(line["damage"]) for line in lines if "damage" in line]
        result = lines[-1].get("result", {})
        if result.get("phase") != "FINISHED" or result["damage"] != len(found) or result["blobs"] == 0:
            found.append(f"verification ended with {lines[-1]}")
        return found

    def ask(self, method, path, seconds=5):
        request = urllib.request.Request(f"http://127.0.0.1:{self.management}{path}", method=method)
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.read()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
