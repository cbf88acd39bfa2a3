"""Reads files one after the other, until a file says that it is enough; see absence.sh."""
import pathlib
import sys
import time

PAUSE = 0.03

count = errors = longest = 0
over = pathlib.Path(sys.argv[2])
names = pathlib.Path(sys.argv[1])
left = names.read_text().splitlines()
while left and not over.exists():
    begun = time.monotonic()
    try:
        pathlib.Path(left.pop()).read_bytes()
    except OSError as e:
        errors += 1
        print(e, file=sys.stderr)
    longest = max(longest, time.monotonic() - begun)
    count += 1
    time.sleep(PAUSE)
names.write_text("\n".join(left) + "\n")  # what was read is in the client's cache
print(count, errors, round(longest * 1000))
