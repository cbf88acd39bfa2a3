"""Prefetch lists: random ones, what they must put in front of a layer's landmark, and whether a converted layer has it there."""

import collections
import hashlib
import json
import re
import subprocess
import tarfile

from model import LANDMARKS, BLOCK, clean

NO_PREFETCH, PREFETCH = LANDMARKS
TOC = "stargz.index.json"
SPECIAL = re.compile(r"[*?\[\\\n\r\0]|^[#\s]|\s$")

# A path of a list has at most 4,096 characters, however it is written.
LONGEST = 2000

Entry = collections.namedtuple("Entry", "path kind target raw")


def entries(tar):
    """What stands in a tar, in its order: the raw bytes of an entry are its headers, content and padding, as a hash."""
    with tarfile.open(tar, "r:", encoding="utf-8", errors="surrogateescape") as archive, open(tar, "rb") as raw:
        found = []
        for entry in archive:
            raw.seek(entry.offset)
            length = entry.offset_data - entry.offset + (-(-entry.size // BLOCK) * BLOCK if entry.isreg() else 0)
            hashed = hashlib.sha256()
            for at in range(0, length, 1 << 20):
                hashed.update(raw.read(min(1 << 20, length - at)))
            target = clean(entry.linkname) if entry.islnk() else None
            found.append(Entry(clean(entry.name), "dir" if entry.isdir() else "other", target, hashed.hexdigest()))
        return found


def random_list(rng, layer):
    """Lines of a list for a layer: paths of it, written in many ways, patterns of them, and what it does not have."""
    names = {entry.path for entry in layer if 0 < len(entry.path) <= LONGEST}
    paths = sorted(path for path in names if not SPECIAL.search(path) and is_text(path))
    lines = ["# a list", ""]
    for _ in range(rng.randint(1, 12)):
        path = rng.choice(paths) if paths else "nothing"
        head, _, base = path.rpartition("/")
        below = head + "/" if head else ""
        lines.append(
            rng.choice(
                [
                    path,
                    path,
                    path,
                    "/" + path,
                    "./" + path.replace("/", "//") + "/",
                    "  " + path + "\t",
                    path + ".is-not-here" if len(base.encode()) < 240 else path,
                    below + "none*",
                    head or "/",
                    below + "*",
                    below + base[:1] + "*" if base[:1] else path,
                    below + "?" * len(base) if base.isascii() else path,
                    below + "[a-m]*",
                    below + "[!a-m]*",
                    (head.split("/")[0] + "/**") if head else "**/" + base,
                    "**/" + base,
                    "**/*" + base[-2:],
                ]
            )
        )
    return lines


def is_text(path):
    try:
        path.encode()
        return True
    except UnicodeEncodeError:
        return False


def matcher(pattern):
    """The documented meaning of a pattern as a regular expression."""
    tokens = re.findall(r"(?:(?<=^)|(?<=/))\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", pattern, re.DOTALL)
    meaning = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(
            meaning.get(token) or ("(?!/)" + token.replace("[!", "[^") if len(token) > 1 else re.escape(token))
            for token in tokens
        ),
        re.DOTALL,
    )


def named(lines, layer):
    """Paths in the order in which a list names them; those that the layer does not have too."""
    found = {}
    for line in lines:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if SPECIAL.search(line):
            matches = matcher(clean(line)).fullmatch
            found.update((entry.path, None) for entry in layer if matches(entry.path))
        else:
            found[clean(line)] = None
    return list(found)


def front_of(paths, layer):
    """Ordinals of the entries that have to stand in front, and the order of those that are no directories or whiteouts."""
    ordinals = collections.defaultdict(list)
    for ordinal, entry in enumerate(layer):
        ordinals[entry.path].append(ordinal)
    front, order = set(), []
    for path in paths:
        taken, open_paths = set(), [path]
        while open_paths:
            at = open_paths.pop()
            if at not in ordinals or ordinals[at][0] in front or at in taken:
                continue
            taken.add(at)
            open_paths += [layer[ordinal].target for ordinal in ordinals[at] if layer[ordinal].target is not None]
            while at:
                head, _, base = at.rpartition("/")
                below = head + "/" if head else ""
                open_paths += [below + ".wh." + base, below + ".wh..wh..opq", head]
                at = head
        new = sorted(ordinal for at in taken for ordinal in ordinals[at])
        front.update(new)
        order += [ordinal for ordinal in new if is_content(layer[ordinal])]
    return front, order


def is_content(entry):
    return entry.kind != "dir" and not entry.path.rpartition("/")[2].startswith(".wh.")


def differences(lines, layer, plain, outcome):
    """All that is wrong with the order of a converted layer; PLAIN is its uncompressed tar."""
    result = entries(plain)
    names = [entry.path for entry in result]
    if names[-1] != TOC:
        return ["the table of contents is not the last entry"]
    wanted, order = front_of(named(lines, layer), layer)
    landmark = PREFETCH if wanted else NO_PREFETCH
    if landmark not in names:
        return [f"no {landmark}"]
    at = names.index(landmark)
    front, rest = result[:at], result[at + 1 : -1]
    found = []
    if rest != [entry for ordinal, entry in enumerate(layer) if ordinal not in wanted]:
        found.append("what is behind the landmark is not the rest of the layer in its order")
    if collections.Counter(front) != collections.Counter(layer[ordinal] for ordinal in wanted):
        found.append(f"in front are {[e.path for e in front][:20]}, wanted {[layer[o].path for o in sorted(wanted)][:20]}")
    if [entry for entry in front if is_content(entry)] != [layer[ordinal] for ordinal in order]:
        found.append(f"the order is {[e.path for e in front if is_content(e)][:20]}, wanted {[layer[o].path for o in order][:20]}")
    found += order_differences(front)
    if outcome["prefetchedEntries"] != len(wanted):
        found.append(f"the converter says {outcome['prefetchedEntries']} entries are in front, these are {len(wanted)}")
    return found + offset_differences(plain, {entry.path for entry in front}, landmark, outcome)


def order_differences(front):
    """Nothing may come before its directory, nor a whiteout behind what it would remove."""
    found, last = [], {entry.path: number for number, entry in enumerate(front)}
    first = {entry.path: number for number, entry in reversed(list(enumerate(front)))}
    for path, number in first.items():
        at = path
        while at:
            head, _, base = at.rpartition("/")
            below = head + "/" if head else ""
            if first.get(head, -1) > number:
                found.append(f"{path!r} is in front of its directory {head!r}")
            if below + ".wh." + base != path and last.get(below + ".wh." + base, -1) > number:
                found.append(f"{path!r} is in front of the whiteout of {at!r}")
            opaque = below + ".wh..wh..opq"
            if path not in (head, opaque) and last.get(opaque, -1) > number and not is_whiteout_beside(path, head):
                found.append(f"{path!r} is in front of {opaque!r}")
            at = head
    return found


def is_whiteout_beside(path, head):
    """Two whiteouts of one directory may come in any order: neither removes what this layer has."""
    return path.rpartition("/")[0] == head and path.rpartition("/")[2].startswith(".wh.")


def offset_differences(plain, front, landmark, outcome):
    """The landmark's member begins behind all that is prefetched and in front of the rest."""
    with tarfile.open(plain, "r:") as archive:
        toc = json.load(archive.extractfile(archive.getmember(TOC)))
    offsets = [(clean(entry["name"]), entry.get("offset", 0)) for entry in toc["entries"] if entry["type"] in ("reg", "chunk")]
    mark = dict(offsets)[landmark]
    found = []
    if outcome["landmarkOffset"] != (mark if front else 0):
        found.append(f"the landmark is at {mark}, the converter says {outcome['landmarkOffset']}")
    for path, offset in offsets:
        if offset and path != landmark and (offset < mark) != (path in front):
            found.append(f"{path!r} is at {offset}, the landmark at {mark}")
    return found


def library_differences(lines, layer, source, plain, scratch):
    """
    What the Go library puts elsewhere when it is given the same paths; it has no patterns, and no whiteouts come with a
    file. None if it cannot do it: it misses files whose directories have no entry. Nor does it keep entries that later
    ones replace, and what a hard link among them brings along.
    """
    count = collections.Counter(entry.path for entry in layer)
    if any(entry.target is not None and count[entry.path] > 1 for entry in layer):
        return None
    paths = named(lines, layer)
    if not paths or any("\n" in path or not is_text(path) for path in paths):
        return None
    with open(scratch, "w", encoding="utf-8") as out:
        out.writelines(path + "\n" for path in paths)
    ended = subprocess.run(["estargz-check", "-order", scratch, source], capture_output=True, text=True)
    if ended.returncode:
        return None
    library, there = json.loads(ended.stdout), {entry.path for entry in layer}
    if there & {clean(path) for path in library["missed"]}:
        return None
    contents = {entry.path for entry in layer if is_content(entry)}
    names = [entry.path for entry in entries(plain)]
    here = names[: names.index(PREFETCH)] if PREFETCH in names else []
    ours, theirs = ([path for path in dict.fromkeys(order) if path in contents] for order in (here, map(clean, library["front"])))
    return [] if ours == theirs else [f"in front are {ours[:20]}, the Go library has {theirs[:20]}"]
