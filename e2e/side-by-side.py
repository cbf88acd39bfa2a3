"""Writes the section between the side-by-side markers of a Markdown file.

    side-by-side.py FILE ABOUT REPORTS...

REPORTS are folders of surefire's TEST-*.xml, one for each registry, named after it; the first is Lighter's.
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

# Looks at documents, whatever the registry.
NOT_ABOUT_REGISTRIES = {"CompatibilityPageTest"}
BEGIN, END = "<!-- begin side-by-side -->", "<!-- end side-by-side -->"


def results(folder):
    """Class -> method -> [passed, failed, skipped]; the cases of a parameterized method count one each."""
    counts = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0, 0]))
    for report in sorted(folder.glob("TEST-*.xml")):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = case.get("classname").rsplit(".", 1)[-1]
            if name in NOT_ABOUT_REGISTRIES:
                continue
            method = re.match(r"\w*", case.get("name")).group()
            if case.find("failure") is not None or case.find("error") is not None:
                outcome = 1
            else:
                outcome = 2 if case.find("skipped") is not None else 0
            # A class whose constructor fails has no method to blame.
            counts[name][method or "(before any test)"][outcome] += 1
    return counts


def cell(methods):
    passed, failed, skipped = (sum(counts[i] for counts in methods.values()) for i in range(3))
    text = f"{passed} of {passed + failed}"
    return text + (f", {skipped} left out" if skipped else "")


def table(names, all_results):
    yield "| tests | " + " | ".join(names) + " |"
    yield "|---|" + "---|" * len(names)
    classes = sorted(set().union(*all_results))
    for name in classes:
        yield f"| {name} | " + " | ".join(cell(each.get(name, {})) for each in all_results) + " |"
    totals = [{(c, m): n for c in each for m, n in each[c].items()} for each in all_results]
    yield "| **all** | " + " | ".join(f"**{cell(total)}**" for total in totals) + " |"


def differences(names, all_results):
    for name, each in zip(names, all_results):
        failing = collections.OrderedDict()
        for test in sorted(each):
            methods = sorted(m for m, counts in each[test].items() if counts[1])
            if methods:
                failing[test] = methods
        yield ""
        yield f"What {name} answers otherwise" + (":" if failing else ": nothing.")
        if failing:
            yield ""
        for test, methods in failing.items():
            yield f"- {test}: " + ", ".join(f"`{method}`" for method in methods)


def main():
    target, about, folders = pathlib.Path(sys.argv[1]), sys.argv[2], [pathlib.Path(p) for p in sys.argv[3:]]
    names = [folder.name for folder in folders]
    all_results = [results(folder) for folder in folders]
    for name, each in zip(names, all_results):
        if not each:
            sys.exit(f"side-by-side: no reports of {name}")
    lines = [BEGIN, "", about, "", *table(names, all_results), *differences(names, all_results), "", END]
    text = target.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"side-by-side: {target} has not exactly one {BEGIN} and one {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    target.write_text(before + "\n".join(lines) + after)


main()
