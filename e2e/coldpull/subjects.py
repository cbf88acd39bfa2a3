"""What is measured: Lighter, and other registries that can be proxies. All start, stop and are killed alike."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request

from server import SHARED_CLASSES, Server, free_port


class Lighter(Server):
    name = "Lighter"
    repository = "cold.example/cold/app"

    def __init__(self, binary, folder, upstream):
        options = ("--no-upstreams", "--upstream", f"cold.example={upstream.url}")
        super().__init__(binary, folder, os.path.join(os.path.dirname(folder), "classes"), options, SHARED_CLASSES)


class Peer:
    """A registry that is one program with one file of settings."""

    repository = "cold/app"

    def __init__(self, binary, folder, upstream):
        self.binary = binary
        self.data = os.path.join(folder, "data")
        self.log = os.path.join(folder, "log")
        self.settings = os.path.join(folder, "settings")
        self.port = free_port()
        self.process = None
        os.mkdir(self.data)
        with open(self.settings, "w", encoding="utf-8") as file:
            json.dump(self.configuration(upstream), file)

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", self.settings], env=dict(os.environ, OTEL_TRACES_EXPORTER="none"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )

    def await_ready(self):
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v2/", timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.name} was not ready; see {self.log}")

    def peak_memory(self):
        return Server.peak_memory(self)

    def kill(self):
        self.process.kill()
        self.process.wait()

    stop = kill


class Distribution(Peer):
    name = "distribution"

    def configuration(self, upstream):
        return {
            "version": "0.1",
            "log": {"level": "error", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": self.data}},
            "http": {"addr": f"127.0.0.1:{self.port}", "secret": "cold"},
            "proxy": {"remoteurl": upstream.url},
        }


class Zot(Peer):
    name = "zot"

    def configuration(self, upstream):
        return {
            "storage": {"rootDirectory": self.data, "dedupe": False, "gc": False},
            "http": {"address": "127.0.0.1", "port": str(self.port)},
            "log": {"level": "error"},
            "extensions": {"sync": {"enable": True, "registries": [{
                "urls": [upstream.url], "onDemand": True, "tlsVerify": False,
                "content": [{"prefix": "**"}],
            }]}},
        }


SUBJECTS = {subject.name: subject for subject in (Lighter, Distribution, Zot)}
