"""What conversions cost, side by side with the stargz snapshotter's library, in rounds that take turns.

    run.py --go PROGRAM --lighter DIRECTORY --java JAVA --layers DIRECTORY [--rounds N] [--cores 1,2]

Go is measured within its process, conversion alone. Lighter is measured three ways: "command" is the whole of
`lighter convert --layer`, the start of the JVM from its AOT cache included; "first" is the first conversion in a process and "warm" the
third, both without the start, which is what a server does. Printed are medians over the rounds.
"""

import argparse
import os
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile
import time

COST = re.compile(r"(\d+) bytes, ([\d.]+) s, ([\d.]+) CPU s")
HEAP = ["-Xmx160m", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED"]


def main():
    parser = argparse.ArgumentParser()
    for option in ("go", "lighter", "java", "layers"):
        parser.add_argument(f"--{option}", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", default="1,2")
    parser.add_argument("--only", default="", help="part of a row's name")
    options = parser.parse_args()
    here = pathlib.Path(__file__).parent
    warm = [str(options.java), *HEAP, "-cp", f"{options.lighter}/lib/*:{options.lighter}/lighter.jar", str(here / "Warm.java")]
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        out = f"{scratch}/out"
        for number in range(options.rounds):
            for layer in ("debian", "small"):
                source = str(options.layers / f"{layer}.tar.gz")
                for cores in map(int, options.cores.split(",")):
                    go = lambda *more: [str(options.go), *more, source, out]
                    command = [str(options.java), *HEAP, f"-XX:AOTCache={options.lighter}/aot/convert", "-jar", f"{options.lighter}/lighter.jar", "convert", "--layer",
                               "--threads", str(cores), source, out]
                    rows = {
                        "Go, level 9": go("-level", "9"),
                        "Go, level 6": go("-level", "6"),
                        "libdeflate, command": command,
                        "libdeflate": [*warm, "libdeflate", "0", str(cores), "0", "3", source, out],
                        "JDK": [*warm, "jdk", "0", str(cores), "0", "3", source, out],
                    }
                    for row, arguments in rows.items():
                        if options.only in row:
                            measure(results, (layer, cores, row), arguments, out, cores)
                            print(f"# round {number + 1}: {layer}, {cores} cores, {row}", flush=True)
    print_table(results, options.layers)


def measure(results, key, arguments, out, cores):
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    pinned = ["taskset", "-c", ",".join(map(str, range(cores))), "/usr/bin/time", "-f", "peak %M", *arguments]
    done = subprocess.run(pinned, capture_output=True, text=True, check=True)
    wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = int(re.search(r"peak (\d+)", done.stderr).group(1)) / 1024
    costs = [(int(size), float(seconds), float(cpu)) for size, seconds, cpu in COST.findall(done.stdout)]
    layer, cores, row = key
    if not costs:
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        costs = [(os.path.getsize(out), wall, cpu)]
    if len(costs) == 1:
        results.setdefault(key, []).append((*costs[0], peak))
    else:
        results.setdefault((layer, cores, f"{row}, first"), []).append((*costs[0], peak))
        results.setdefault((layer, cores, f"{row}, warm"), []).append((*costs[-1], peak))


def print_table(results, layers):
    print("| layer | cores | | CPU s | wall s | size, MB | over gzip -6 | peak MiB |\n|---|---|---|---|---|---|---|---|")
    for (layer, cores, row), runs in sorted(results.items()):
        size, wall, cpu, peak = (statistics.median(column) for column in zip(*runs))
        plain = os.path.getsize(layers / f"{layer}.tar.gz")
        print(f"| {layer} | {cores} | {row} | {cpu:.2f} | {wall:.2f} | {size / 1e6:.1f} | {size / plain - 1:+.1%} | {peak:.0f} |")


main()
