"""Servers that run for a test; for busy.py and recovery.py."""
import json
import os
import signal
import subprocess
import time

from pushing import Client


class Server:
    """A process that is up when its port answers, and ended at the end."""

    def __init__(self, command, port, path, log, environment=None):
        self.log = log
        with open(log, "wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **(environment or {})})
        end = time.monotonic() + 60
        while True:
            try:
                if Client(port).ask("GET", path)[0].status == 200:
                    return
            except OSError:
                pass
            assert self.process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)


def distribution(work, port):
    """An upstream, by the reference registry."""
    (work / "upstream.yml").write_text(json.dumps({
        "version": 0.1, "log": {"level": "error"}, "storage": {"filesystem": {"rootdirectory": str(work / "upstream")}},
        "http": {"addr": f"127.0.0.1:{port}", "secret": "upstream"}}))
    return Server(["registry", "serve", str(work / "upstream.yml")], port, "/v2/", work / "upstream.log",
                  {"OTEL_TRACES_EXPORTER": "none"})


def admin(port, path, busy_until=0):
    """What it ended with; for as long as it is busy (409) it is told again."""
    answer, body = Client(port).ask("POST", path)
    while answer.status == 409 and time.monotonic() < busy_until:
        time.sleep(1)
        answer, body = Client(port).ask("POST", path)
    last = json.loads(body.decode().strip().splitlines()[-1])
    assert answer.status == 200 and "error" not in last, (path, answer.status, body[-500:])
    return last
