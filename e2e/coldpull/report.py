"""What was seen of one subject."""


class Report:
    """What one subject was seen to do: judged steps, and figures for the table."""

    def __init__(self, subject):
        self.subject = subject
        self.figures = {}
        self.results = []

    def check(self, name, good, shown):
        self.results.append(good)
        print(f"{'PASS' if good else 'FAIL'} {self.subject}: {name}: {shown}", flush=True)
