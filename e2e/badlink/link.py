"""A network of two ends: this process's own, and a namespace where listeners can be opened."""

import ctypes
import os
import socket
import subprocess

CLONE_NEWNET = 0x40000000


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class Link:
    """Whole until it is told otherwise; used as a context, after which nothing of it is left."""

    def __init__(self):
        number = os.getpid() % 10_000
        self.namespace = f"lighter-{number}"
        self.near, self.far = f"lgn{number}", f"lgf{number}"
        # Addresses for tests of networks (RFC 2544), of which every process takes four.
        base = (number % 4096) * 4
        self.address = f"198.18.{base // 256}.{base % 256 + 2}"
        self.near_address = f"198.18.{base // 256}.{base % 256 + 1}"

    def __enter__(self):
        run("ip", "netns", "add", self.namespace)
        try:
            run("ip", "link", "add", self.near, "type", "veth", "peer", "name", self.far, "netns", self.namespace)
            run("ip", "addr", "add", f"{self.near_address}/30", "dev", self.near)
            run("ip", "link", "set", self.near, "up")
            self.inside("ip", "addr", "add", f"{self.address}/30", "dev", self.far)
            self.inside("ip", "link", "set", self.far, "up")
            self.inside("ip", "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        run("ip", "netns", "del", self.namespace)

    def inside(self, *command):
        run("ip", "netns", "exec", self.namespace, *command)

    def listener(self):
        """A socket at the far end. It stays there, whoever uses it."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net", encoding="ascii") as home, \
                open(f"/run/netns/{self.namespace}", encoding="ascii") as there:
            if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                return socket.create_server((self.address, 0), backlog=256)
            finally:
                libc.setns(home.fileno(), CLONE_NEWNET)

    def heal(self):
        self.inside("iptables", "-F")

    def lose(self, share):
        """Loses this share of the packets of either direction."""
        for chain in ("INPUT", "OUTPUT"):
            self.inside("iptables", "-A", chain, "-m", "statistic", "--mode", "random",
                        "--probability", str(share), "-j", "DROP")

    def swallow(self):
        self.inside("iptables", "-A", "INPUT", "-j", "DROP")

    def refuse(self):
        self.inside("iptables", "-A", "INPUT", "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset")
