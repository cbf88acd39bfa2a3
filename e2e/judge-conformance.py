"""Says whether the result files of an official conformance suite show a whole run in which everything passed.

    judge-conformance.py FOLDER true|false MINIMUM    the rewritten suite, with or without sparse manifests
    judge-conformance.py --junit FOLDER MINIMUM       the suite of version 1.1.1
"""

import collections
import pathlib
import re
import sys
import xml.etree.ElementTree

# How many lines the suite writes for each part of the specification. One that is missing was not tested.
PARTS = {"apis": 28, "data": 24}


def results(file):
    """The two maps of results.yaml from a name to a status, as (part, name) to status."""
    found, part = {}, None
    for line in file.read_text(encoding="utf-8").splitlines():
        if top := re.fullmatch(r"(\w+):.*", line):
            part = top.group(1)
        elif part in PARTS:
            entry = re.fullmatch(r"\s+[\"']?(.+?)[\"']?:\s*(\w*)", line)
            if entry is None:
                raise ValueError(f"{file}: not understood: {line}")
            found[part, entry.group(1)] = entry.group(2)
    return found


def junit(file, allowed):
    """Complaints about the leaf cases of a junit.xml, and what its suites say they counted."""
    suites = xml.etree.ElementTree.parse(file).getroot().findall("testsuite")
    count = collections.Counter()
    for suite in suites:
        for name in ("tests", "failures", "errors", "skipped", "disabled"):
            count[name] += int(suite.get(name) or 0)
    cases = [case for suite in suites for case in suite.iter("testcase")]
    bad = [case for case in cases if case.get("status") not in allowed]
    complaints = [f"{case.get('name')}: {case.get('status')}" for case in bad]
    if not cases:
        complaints.append(f"{file} has no test case")
    for name in ("failures", "errors"):
        if count[name]:
            complaints.append(f"{count[name]} {name}")
    return complaints, count, cases


def judge(folder, sparse, minimum):
    complaints = []
    found = results(folder / "results.yaml")
    for part, expected in PARTS.items():
        actual = sum(1 for p, _ in found if p == part)
        if actual < expected:
            complaints.append(f"results.yaml: {actual} entries under {part}, {expected} wanted")
    switched_off = {} if sparse else {("data", "Sparse Manifests"): "Disabled"}
    for key, status in found.items():
        if status != switched_off.get(key, "Pass"):
            complaints.append(f"{key[0]}: {key[1]}: {status or 'no status'}")
    more, count, _ = junit(folder / "junit.xml", {"passed"} if sparse else {"passed", "disabled"})
    complaints += more
    passed = count["tests"] - sum(count[n] for n in ("failures", "errors", "skipped", "disabled"))
    if passed < minimum:
        complaints.append(f"{passed} results passed, at least {minimum} wanted")
    if count["skipped"]:
        complaints.append(f"{count['skipped']} skipped")
    return complaints, f"{passed} results"


def judge_older(folder, minimum):
    complaints, _, cases = junit(folder / "junit.xml", {"passed", "skipped"})
    passed = sum(case.get("status") == "passed" for case in cases)
    if passed < minimum:
        complaints.append(f"{passed} tests passed, at least {minimum} wanted")
    return complaints, f"{passed} tests"


def main(arguments):
    if arguments[0] == "--junit":
        complaints, summary = judge_older(pathlib.Path(arguments[1]), int(arguments[2]))
    else:
        complaints, summary = judge(pathlib.Path(arguments[0]), arguments[1] == "true", int(arguments[2]))
    print(f"note: {summary}")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


sys.exit(main(sys.argv[1:]))
