"""The table of what was measured, between its markers in a document."""

BEGIN, END = "<!-- begin cold pulls -->", "<!-- end cold pulls -->"


def write_table(path, reports):
    rows = list(dict.fromkeys(name for report in reports for name in report.figures))
    lines = ["| | " + " | ".join(report.subject for report in reports) + " |", "|---|" + "---|" * len(reports)]
    for row in rows:
        lines.append(f"| {row} | " + " | ".join(report.figures.get(row, "–") for report in reports) + " |")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{path} has no line {BEGIN} and {END}")
    head, _, rest = text.partition(BEGIN)
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + rest.partition(END)[2])
