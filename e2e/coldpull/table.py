"""The table of what was measured, between its markers in a document."""


def write_table(path, name, reports):
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    rows = list(dict.fromkeys(row for report in reports for row in report.figures))
    lines = ["| | " + " | ".join(report.subject for report in reports) + " |", "|---|" + "---|" * len(reports)]
    for row in rows:
        lines.append(f"| {row} | " + " | ".join(report.figures.get(row, "–") for report in reports) + " |")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if begin not in text or end not in text:
        raise SystemExit(f"{path} has no line {begin} and {end}")
    head, _, rest = text.partition(begin)
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + begin + "\n" + "\n".join(lines) + "\n" + end + rest.partition(end)[2])
