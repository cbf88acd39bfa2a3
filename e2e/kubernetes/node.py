#!/usr/bin/env python3
"""A Kubernetes of one node, from programs in a folder, for tests: real API server, scheduler, kubelet, kube-proxy and
containerd. The node has namespaces of its own for mounts, in which its usual paths are folders below DIR/node, and for
processes, so that a pod with hostPID sees this node and no more of the machine. Its network is the machine's, where it
adds a bridge. Root only. Everybody is let in by fixed tokens, and the kubelet asks nobody: it listens on the bridge.

containerd starts as a distribution has it, without registries and with overlayfs. LAZY_CLIENT names the program of
e2e/lazy-client: then a stargz snapshotter runs beside it, which containerd knows nothing of. Both are services of
systemctl.sh, which is the node's systemctl.

  node.py up DIR PROGRAMS     starts it; DIR/kubeconfig is an administrator's
  node.py down DIR            stops it by recorded process ids, and takes back rules, bridge, groups and settings
  node.py run DIR COMMAND…    runs a command where the node's paths are
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

NETWORK = "10.86.0"
ADDRESS = f"{NETWORK}.1"
SERVICES = "10.97.0.0/24"
BRIDGE = "lighterk8s0"
NAME = "node1"
PAUSE = "localhost/pause:1"
TOKENS = {
    "admin": ("admin", "system:masters"),
    "controllers": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    "proxy": ("system:kube-proxy", ""),
    "kubelet": (f"system:node:{NAME}", "system:nodes"),
    "names": ("names", "system:masters"),
}
PORTS = {"etcd": 26500, "peers": 26501, "controllers": 26502, "scheduler": 26503, "kubelet": 26504, "proxy": 26505, "metrics": 26506,
         "names": 26507}
SETTINGS = {"net.ipv4.ip_forward": "1", "net.ipv4.conf.all.route_localnet": "1", "net.bridge.bridge-nf-call-iptables": "1"}
KEPT = ["vm.overcommit_memory", "vm.panic_on_oom", "kernel.panic", "kernel.panic_on_oops"]  # kubelet sets them
PATHS = ["etc/containerd", "etc/containerd-stargz-grpc", "etc/cni/net.d", "run", "var/lib", "var/log/pods", "var/log/containers",
         "usr/local/sbin"]
GROUP = "lighter-k8s"


def run(*command, check=True, **options):
    return subprocess.run(command, check=check, text=True, capture_output=True, **options)


class Node:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.state_file = self.folder / "state.json"
        self.state = json.loads(self.state_file.read_text()) if self.state_file.exists() else {"processes": {}, "settings": {}, "made": []}

    def save(self):
        self.state_file.write_text(json.dumps(self.state, indent=1))

    # --- processes: a pid alone may be somebody else's by now ---

    @staticmethod
    def born(pid):
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]

    def alive(self, name):
        pid, born = self.state["processes"].get(name, (0, ""))
        return pid and self.born(pid) == born

    def start(self, name, *command, inside=False, child=False):
        if inside:
            command, child = (*self.entrance(), *command), True
        with open(self.folder / "log" / f"{name}.log", "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        pid = self.child_of(process) if child else process.pid
        self.state["processes"][name] = (pid, self.born(pid))
        self.save()

    @staticmethod
    def child_of(parent):
        """What enters a namespace of processes is the child of the one that was started."""
        while parent.poll() is None:
            for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
                try:
                    if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == parent.pid:
                        return int(stat.parent.name)
                except OSError:
                    continue
            time.sleep(0.01)
        return parent.pid

    def entrance(self):
        return "nsenter", "-t", str(self.state["processes"]["paths"][0]), "-m", "-p", "--"

    def stop(self, name, patience=5.0):
        if self.alive(name):
            pid = self.state["processes"][name][0]
            os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + patience
            while self.alive(name) and time.monotonic() < end:
                time.sleep(0.05)
            if self.alive(name):
                os.kill(pid, signal.SIGKILL)
        self.state["processes"].pop(name, None)
        self.save()

    def wait(self, what, process, limit, test):
        end = time.monotonic() + limit
        while True:
            try:
                if test():
                    print(f"{what} after {time.monotonic() - self.begun:.1f} s", flush=True)
                    return
            except (OSError, subprocess.CalledProcessError, json.JSONDecodeError):
                pass
            if (process in self.state["processes"] and not self.alive(process)) or time.monotonic() > end:
                tail = (self.folder / "log" / f"{process}.log").read_text(errors="replace").splitlines()[-20:]
                sys.exit(f"{what}: not within {limit} s, or {process} has ended\n" + "\n".join(tail))
            time.sleep(0.2)

    # --- up ---

    def up(self, programs):
        if any(self.alive(name) for name in self.state["processes"]):
            sys.exit(f"{self.folder} runs already")
        self.begun = time.monotonic()
        self.programs = pathlib.Path(programs).resolve()
        os.environ["PATH"] = f"{self.programs}:{os.environ['PATH']}:/usr/sbin:/sbin"
        for part in ["log", "conf", "etcd", *(f"node/{path}" for path in PATHS), "node/etc/containerd/certs.d"]:
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self.network()
        self.identities()
        self.paths()
        self.containerd()
        self.control_plane()
        self.kubelet()
        self.names()
        print(f"up: KUBECONFIG={self.folder}/kubeconfig")

    def network(self):
        for name in [*SETTINGS, *KEPT]:
            before = run("sysctl", "-n", name, check=False)
            if before.returncode == 0:
                self.state["settings"].setdefault(name, before.stdout.strip())
                if name in SETTINGS:
                    run("sysctl", "-qw", f"{name}={SETTINGS[name]}")
        run("ip", "link", "add", BRIDGE, "type", "bridge", check=False)
        run("ip", "address", "replace", f"{ADDRESS}/24", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        for group in pathlib.Path("/sys/fs/cgroup").iterdir():
            if group.is_dir() and group.name != "unified":
                own = group / GROUP
                own.mkdir(exist_ok=True)
                for setting in ("cpuset.cpus", "cpuset.mems"):  # empty in a new group of version 1
                    if (group / setting).exists():
                        (own / setting).write_text((group / setting).read_text())
        self.save()

    def identities(self):
        conf = self.folder / "conf"
        if not (conf / "accounts.key").exists():
            run("openssl", "genrsa", "-out", str(conf / "accounts.key"), "2048")
            run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(conf / "api.key"), "-out", str(conf / "api.crt"), "-days", "30",
                "-subj", "/CN=kubernetes", "-addext", f"subjectAltName=DNS:kubernetes,DNS:kubernetes.default.svc,IP:{ADDRESS},IP:10.97.0.1,IP:127.0.0.1")
        (conf / "tokens.csv").write_text("".join(f'token-{key},{user},{key},"{groups}"\n' for key, (user, groups) in TOKENS.items()))
        for key in TOKENS:
            target = self.folder / "kubeconfig" if key == "admin" else conf / f"{key}.kubeconfig"
            target.write_text(json.dumps({
                "apiVersion": "v1", "kind": "Config", "current-context": "c",
                "clusters": [{"name": "k", "cluster": {"server": f"https://{ADDRESS}:6443", "certificate-authority": str(conf / "api.crt")}}],
                "users": [{"name": "u", "user": {"token": f"token-{key}"}}],
                "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}]}))
        os.environ["KUBECONFIG"] = str(self.folder / "kubeconfig")

    def paths(self):
        for path in PATHS:
            missing, at = [], pathlib.Path("/") / path
            while not at.is_dir():
                missing.append(str(at))
                at = at.parent
            for each in reversed(missing):
                os.mkdir(each)
                self.state["made"].append(each)
        binds = "".join(f"mount --bind '{self.folder}/node/{path}' '/{path}'\nmount --make-shared '/{path}'\n" for path in PATHS)
        ready = self.folder / "conf/paths.ready"
        ready.unlink(missing_ok=True)
        self.start("paths", "unshare", "-m", "-p", "--fork", "--propagation", "private", "sh", "-ec",
                   f"mount --make-rshared /\n{binds}mount -t proc proc /proc\ntouch '{ready}'\nexec python3 '{pathlib.Path(__file__).resolve()}' init", child=True)
        self.wait("paths", "paths", 10, ready.exists)

    def containerd(self):
        (self.folder / "node/etc/cni/net.d/10-bridge.conflist").write_text(json.dumps({
            "cniVersion": "1.0.0", "name": "k8s", "plugins": [
                {"type": "bridge", "bridge": BRIDGE, "isGateway": True, "hairpinMode": True,
                 "ipam": {"type": "host-local", "ranges": [[{"subnet": f"{NETWORK}.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}))
        (self.folder / "node/etc/containerd/config.toml").write_text(f"""version = 3
disabled_plugins = ['io.containerd.nri.v1.nri']
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '{PAUSE}'
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/usr/lib/cni', '/opt/cni/bin']
""")
        programs = self.folder / "node/usr/local/sbin"
        for name in ("containerd", "ctr"):
            (programs / name).unlink(missing_ok=True)
            (programs / name).symlink_to(self.programs / name)
        systemctl = (pathlib.Path(__file__).parent / "systemctl.sh").read_text()
        for word, value in {"FOLDER": self.folder, "PROGRAMS": self.programs, "LAZY_CLIENT": os.environ.get("LAZY_CLIENT", "")}.items():
            systemctl = systemctl.replace(f"@{word}@", str(value))
        (programs / "systemctl").write_text(systemctl)
        (programs / "systemctl").chmod(0o755)
        if os.environ.get("LAZY_CLIENT"):  # nothing is fetched but what is read
            (self.folder / "node/etc/containerd-stargz-grpc/config.toml").write_text("noprefetch = true\nno_background_fetch = true\n")
            self.run("systemctl", "restart", "stargz-snapshotter.service")
            self.wait("stargz snapshotter", "stargz", 10, (self.folder / "node/run/containerd-stargz-grpc/containerd-stargz-grpc.sock").exists)
        self.run("systemctl", "restart", "containerd.service")
        self.wait("containerd", "containerd", 30, lambda: self.ctr("version").returncode == 0)
        if PAUSE not in self.ctr("images", "ls", "-q").stdout.split():
            self.pause()

    def run(self, *command):
        """In the node, as an administrator there would."""
        run(*self.entrance(), *command, env={**os.environ, "PATH": f"/usr/local/sbin:{os.environ['PATH']}"})

    def ctr(self, *arguments):
        return run(str(self.programs / "ctr"), "-a", str(self.folder / "node/run/containerd/containerd.sock"), "-n", "k8s.io", *arguments, check=False)

    def pause(self):
        root = self.folder / "conf/pause"
        (root / "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(shutil.which("busybox"), root / "bin/busybox")
        layer, image = self.folder / "conf/pause-layer.tar", self.folder / "conf/pause.tar"
        run("tar", "--owner=0", "--group=0", "-C", str(root), "-cf", str(layer), ".")
        run(str(pathlib.Path(__file__).parent / "image.sh"), str(layer), PAUSE, str(image), "/bin/busybox", "sleep", "2147483647")
        imported = self.ctr("images", "import", "--no-unpack", str(image))
        if imported.returncode:
            sys.exit("pause: " + imported.stderr)

    def control_plane(self):
        conf, etcd = self.folder / "conf", f"http://127.0.0.1:{PORTS['etcd']}"
        peers = f"http://127.0.0.1:{PORTS['peers']}"
        (self.folder / "etcd").chmod(0o700)
        self.start("etcd", "etcd", f"--data-dir={self.folder}/etcd", f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}", f"--listen-peer-urls={peers}",
                   f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=default={peers}", "--unsafe-no-fsync")
        self.start("api", "kube-apiserver", f"--bind-address={ADDRESS}", f"--advertise-address={ADDRESS}", "--secure-port=6443", f"--etcd-servers={etcd}",
                   f"--service-cluster-ip-range={SERVICES}", "--authorization-mode=Node,RBAC", "--allow-privileged=true", f"--token-auth-file={conf}/tokens.csv",
                   f"--tls-cert-file={conf}/api.crt", f"--tls-private-key-file={conf}/api.key", "--service-account-issuer=https://kubernetes.default.svc",
                   f"--service-account-key-file={conf}/accounts.key", f"--service-account-signing-key-file={conf}/accounts.key",
                   "--kubelet-preferred-address-types=InternalIP")
        self.wait("API server", "api", 90, lambda: run("kubectl", "get", "--raw", "/readyz").stdout == "ok")
        common = lambda key: (f"--kubeconfig={conf}/{key}.kubeconfig", f"--authentication-kubeconfig={conf}/{key}.kubeconfig",
                              f"--authorization-kubeconfig={conf}/{key}.kubeconfig", "--bind-address=127.0.0.1", f"--secure-port={PORTS[key]}", "--leader-elect=false")
        self.start("controllers", "kube-controller-manager", *common("controllers"), "--use-service-account-credentials=true",
                   f"--service-account-private-key-file={conf}/accounts.key", f"--root-ca-file={conf}/api.crt", f"--flex-volume-plugin-dir={conf}/flex")
        self.start("scheduler", "kube-scheduler", *common("scheduler"))

    def names(self):
        """Cluster DNS, a process like the others. It knows the cluster and nothing else."""
        conf = self.folder / "conf"
        (conf / "Corefile").write_text(
            f".:53 {{\n bind {ADDRESS}\n errors\n ready 127.0.0.1:{PORTS['names']}\n"
            f" kubernetes cluster.local {{\n  kubeconfig {conf}/names.kubeconfig\n }}\n}}\n")
        self.start("names", str(self.programs / "coredns"), "-conf", f"{conf}/Corefile")
        self.wait("names", "names", 60, lambda: urllib.request.urlopen(f"http://127.0.0.1:{PORTS['names']}/ready", timeout=2).status == 200)

    def kubelet(self):
        conf = self.folder / "conf"
        (conf / "resolv.conf").write_text("")
        (conf / "kubelet.yaml").write_text(json.dumps({
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "address": ADDRESS, "healthzPort": PORTS["kubelet"],
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}}, "authorization": {"mode": "AlwaysAllow"},
            "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock", "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{GROUP}",
            "failCgroupV1": False, "failSwapOn": False, "oomScoreAdj": 0, "resolvConf": str(conf / "resolv.conf"), "nodeStatusUpdateFrequency": "1s",
            "clusterDomain": "cluster.local", "clusterDNS": [ADDRESS], "volumePluginDir": "/var/lib/kubelet/volumeplugins", "imageGCHighThresholdPercent": 100,
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "nodefs.inodesFree": "1%", "imagefs.available": "1%"}}))
        (conf / "proxy.yaml").write_text(json.dumps({
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", "mode": os.environ.get("PROXY_MODE", "iptables"),
            "clientConnection": {"kubeconfig": str(conf / "proxy.kubeconfig")}, "clusterCIDR": f"{NETWORK}.0/24", "hostnameOverride": NAME,
            "healthzBindAddress": f"127.0.0.1:{PORTS['proxy']}", "metricsBindAddress": f"127.0.0.1:{PORTS['metrics']}", "oomScoreAdj": 0,
            "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"}}))
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.start("kubelet", str(self.programs / "kubelet"), f"--config={conf}/kubelet.yaml", f"--kubeconfig={conf}/kubelet.kubeconfig",
                   "--root-dir=/var/lib/kubelet", f"--hostname-override={NAME}", f"--node-ip={ADDRESS}", inside=True)
        self.start("proxy", str(self.programs / "kube-proxy"), f"--config={conf}/proxy.yaml", inside=True)

        def ready():
            node = json.loads(run("kubectl", "get", "node", NAME, "-o", "json").stdout)
            return any(c["type"] == "Ready" and c["status"] == "True" and c["lastHeartbeatTime"] >= since for c in node["status"]["conditions"])
        self.wait("node", "kubelet", 120, ready)
        self.wait("service accounts", "controllers", 60, lambda: run("kubectl", "get", "serviceaccount", "default").returncode == 0)
        self.wait("kube-proxy", "proxy", 60, lambda: urllib.request.urlopen(f"http://127.0.0.1:{PORTS['proxy']}/healthz", timeout=2).status == 200)

    # --- down ---

    def down(self):
        if not self.state_file.exists():
            return
        for name in ("names", "scheduler", "controllers"):
            self.stop(name)
        if self.alive("api") and self.alive("kubelet"):
            run("timeout", "40", str(self.state.get("kubectl", "kubectl")), "--kubeconfig", f"{self.folder}/kubeconfig", "delete", "pods", "-A", "--all",
                "--grace-period=2", "--timeout=30s", check=False)
        for name in ("kubelet", "proxy"):
            self.stop(name)
        for name in ("paths", "api", "etcd"):  # with the first, its process 1, all of the node ends
            self.stop(name)
        for family in ("iptables", "ip6tables"):
            self.forget_rules(family)
        run("ip", "link", "delete", BRIDGE, check=False)
        for group in sorted(pathlib.Path("/sys/fs/cgroup").glob(f"*/{GROUP}/**/"), reverse=True):
            run("rmdir", str(group), check=False)
        for name, value in self.state["settings"].items():
            run("sysctl", "-qw", f"{name}={value}", check=False)
        for made in reversed(self.state["made"]):
            run("rmdir", made, check=False)
        self.state_file.unlink()

    @staticmethod
    def forget_rules(family):
        """Removes what kubelet and kube-proxy made. Rules of others may have changed meanwhile, so they are as they are now."""
        now = run(f"{family}-save", check=False).stdout
        if "KUBE-" in now:
            others = "".join(line + "\n" for line in now.splitlines() if "KUBE-" not in line)
            subprocess.run([f"{family}-restore", "-w"], input=others, text=True, check=False)


def init():
    """Process 1 of the node: it waits for children whose parents have gone."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        signal.sigtimedwait({signal.SIGCHLD}, 1)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def main():
    if sys.argv[1:] == ["init"]:
        init()
    if len(sys.argv) < 3 or sys.argv[1] not in ("up", "down", "run"):
        sys.exit(__doc__)
    node = Node(sys.argv[2])
    if sys.argv[1] == "up":
        node.state["kubectl"] = str(pathlib.Path(sys.argv[3]).resolve() / "kubectl")
        node.up(sys.argv[3])
    elif sys.argv[1] == "down":
        node.down()
    else:
        os.execvp("nsenter", [*node.entrance(), *sys.argv[3:]])


if __name__ == "__main__":
    main()
