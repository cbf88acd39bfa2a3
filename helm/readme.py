#!/usr/bin/env python3
"""Writes helm/lighter/README.md: its text, and the table of values with the comments above them.

helm/readme.py           writes the file
helm/readme.py --check   says whether it is what would be written
"""

import pathlib
import re
import sys

CHART = pathlib.Path(__file__).parent / "lighter"
TEXT = """# Chart `lighter`

Installs one [Lighter](../../README.md), which nodes reach at `localhost:30500`. How to install, what to choose and what
an upgrade does: [docs/kubernetes.md](../../docs/kubernetes.md).

```sh
helm install lighter helm/lighter --namespace lighter --create-namespace
helm test lighter --namespace lighter
```

This file is made by `helm/readme.py` from the comments in [values.yaml](values.yaml); `e2e/chart.sh` fails when it is not
current. `values.schema.json` refuses keys that do not exist.

| value | default | meaning |
|---|---|---|
"""
LINE = re.compile(r"^( *)([A-Za-z]+):(?: (.*))?$")


def rows(lines):
    """Each key that has a default, with the comment above it, or else those above what it is in."""
    path, comment, open_at = [], [], {}
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("#"):
            comment.append(stripped[1:].strip())
            continue
        match = LINE.match(line)
        if match:
            depth = len(match[1]) // 2
            path[depth:] = [match[2]]
            for deeper in [d for d in open_at if d >= depth]:
                del open_at[deeper]
            said = " ".join(comment)
            if match[3] is None:
                open_at[depth] = said
            else:
                above = [open_at.pop(d) for d in sorted(open_at)]
                yield ".".join(path), match[3], " ".join(t for t in [*above, said] if t)
        comment = []


def cell(text):
    return text.replace("|", "\\|")


def readme():
    lines = (CHART / "values.yaml").read_text().splitlines()[1:]
    table = [f"| `{key}` | `{cell(default)}` | {cell(meaning)} |" for key, default, meaning in rows(lines)]
    return TEXT + "\n".join(table) + "\n"


if __name__ == "__main__":
    target = CHART / "README.md"
    if sys.argv[1:] == ["--check"]:
        if not target.exists() or target.read_text() != readme():
            sys.exit(f"{target} is not current: run helm/readme.py")
    else:
        target.write_text(readme())
