"""One client of one repository that remembers what the server has acknowledged."""

import collections
import json
import random

import content
from client import Client, Gone, Wrong

ANY_MANIFEST = {"Accept": f"{content.MANIFEST}, {content.INDEX}"}
ABSENT = None


class Worker:
    """
    Everything a repository should hold is a fact: a key, as ("tag", "v1"), and the value that the server last
    acknowledged. While a request is under way the facts that it changes are open: after a kill either all of them
    have the old value or all have the new one.
    """

    def __init__(self, name, seed, pinned, counts):
        self.name = name
        self.random = random.Random(seed)
        self.pinned = pinned  # (repository, digest) that anybody may mount, because nobody deletes it
        self.counts = counts
        self.facts = {}
        self.bytes = {}  # of blobs and manifests, by digest
        self.opened = {}
        self.upload = None
        self.touched = set()
        self.advertised = set()  # digests of converted images that a tag has answered
        self.number = 0
        self.client = None

    # --- facts ---------------------------------------------------------------------------------------------------

    def change(self, facts, method, path, body=None, headers=None, allowed=(201,)):
        """Sends a request that changes facts, all of them at once."""
        self.opened = facts
        self.touched.update(facts)
        answer = self.client.ask(method, path, body, headers, allowed)
        self.facts.update(facts)
        self.opened = {}
        return answer

    def having(self, kind):
        return [key[1] for key, value in self.facts.items() if key[0] == kind and value is not ABSENT]

    def held(self):
        """Sizes of the blobs that the repository has, by digest."""
        return {digest: len(self.bytes[digest]) for digest in self.having("blob")}

    def path(self, rest):
        return f"/v2/{self.name}/{rest}"

    # --- work ----------------------------------------------------------------------------------------------------

    def work(self, server):
        """Works until the server is killed."""
        self.client = Client(server)
        tasks = (
            [self.push_whole] * 3 + [self.push_in_chunks] * 4 + [self.mount] * 2 + [self.put_image] * 5
            + [self.put_index, self.put_referrer] + [self.move_tag] * 2 + [self.delete_tag, self.delete_manifest]
            + [self.delete_blob, self.cancel, self.put_convertible]
        )
        try:
            while True:
                task = self.random.choice(tasks)
                task()
                self.counts[task.__name__] += 1
        except Gone:
            pass
        finally:
            self.client.close()

    def push_whole(self):
        self.push(content.blob(self.random))

    def push(self, body):
        digest = content.digest_of(body)
        self.bytes[digest] = body
        changed = {("blob", digest): True}
        if self.random.random() < 0.5:
            self.change(changed, "POST", self.path(f"blobs/uploads/?digest={digest}"), body)
        else:
            location = self.client.ask("POST", self.path("blobs/uploads/"), allowed=(202,)).headers["Location"]
            self.change(changed, "PUT", f"{location}&digest={digest}", body)
        return body

    def push_in_chunks(self):
        if self.upload is None:
            location = self.client.ask("POST", self.path("blobs/uploads/"), allowed=(202,)).headers["Location"]
            body = content.blob(self.random) + self.random.randbytes(100_000)
            self.upload = {"location": location, "body": body, "acknowledged": 0, "ending": False}
        upload = self.upload
        while upload["acknowledged"] < len(upload["body"]):
            start = upload["acknowledged"]
            chunk = upload["body"][start:start + self.random.choice((10_000, 100_000, 400_000))]
            headers = {"Content-Range": f"{start}-{start + len(chunk) - 1}"}
            answer = self.client.ask("PATCH", upload["location"], chunk, headers, (202,))
            upload["location"] = answer.headers["Location"]
            upload["acknowledged"] = start + len(chunk)
        digest = content.digest_of(upload["body"])
        self.bytes[digest] = upload["body"]
        upload["ending"] = True
        self.change({("blob", digest): True}, "PUT", f"{upload['location']}&digest={digest}")
        self.upload = None
        self.pinned.append((self.name, digest, upload["body"]))

    def cancel(self):
        location = self.client.ask("POST", self.path("blobs/uploads/"), allowed=(202,)).headers["Location"]
        location = self.client.ask("PATCH", location, self.random.randbytes(30_000), allowed=(202,)).headers["Location"]
        self.client.ask("DELETE", location, allowed=(204,))
        self.client.ask("GET", location, allowed=(404,))

    def mount(self):
        if self.pinned:
            source, digest, body = self.random.choice(self.pinned)
            self.bytes[digest] = body
            self.change({("blob", digest): True}, "POST", self.path(f"blobs/uploads/?mount={digest}&from={source}"))

    def put_image(self):
        layers = [self.bytes[digest] for digest in self.some("blob", 3)]
        self.put(content.image(self.push(b"{}" + self.unique()), layers, self.next()), content.MANIFEST)

    def put_index(self):
        children = [self.bytes[digest] for digest in self.some("manifest", 3)]
        plain = [child for child in children if b'"manifests"' not in child]
        self.put(content.index(plain, self.next()), content.INDEX)

    def put_referrer(self):
        for subject in self.some("manifest", 1):
            config = self.push(b"{}" + self.unique())
            self.put(content.image(config, [], self.next(), self.bytes[subject]), content.MANIFEST)

    def put_convertible(self):
        layer, diff_id = content.layer(self.random)
        config = content.config([diff_id], self.next())
        self.put(content.image(self.push(config), [self.push(layer)], self.next()), content.MANIFEST, "lazy-")

    def put(self, manifest, media_type, prefix="v"):
        digest = content.digest_of(manifest)
        self.bytes[digest] = manifest
        tags = [f"{prefix}{self.next()}" for _ in range(self.random.randrange(1, 3))]
        changed = {("manifest", digest): True, **{("tag", tag): digest for tag in tags}}
        headers = {"Content-Type": media_type}
        if len(tags) == 1:
            self.change(changed, "PUT", self.path(f"manifests/{tags[0]}"), manifest, headers)
        else:
            query = "&".join(f"tag={tag}" for tag in tags)
            self.change(changed, "PUT", self.path(f"manifests/{digest}?{query}"), manifest, headers)

    def move_tag(self):
        for tag in self.some("tag", 1):
            for digest in self.some("manifest", 1):
                manifest = self.bytes[digest]
                headers = {"Content-Type": json.loads(manifest)["mediaType"]}
                self.change({("tag", tag): digest}, "PUT", self.path(f"manifests/{tag}"), manifest, headers)

    def delete_tag(self):
        for tag in self.some("tag", 1):
            self.change({("tag", tag): ABSENT}, "DELETE", self.path(f"manifests/{tag}"), allowed=(202,))

    def delete_manifest(self):
        for digest in self.some("manifest", 1):
            if any(digest in content.names(self.bytes[other])[1] for other in self.having("manifest")):
                continue  # An index without its child is what its deleter wanted, and none of this test's business.
            tags = [key for key, value in self.facts.items() if key[0] == "tag" and value == digest]
            changed = {("manifest", digest): ABSENT, **{tag: ABSENT for tag in tags}}
            self.change(changed, "DELETE", self.path(f"manifests/{digest}"), allowed=(202,))

    def delete_blob(self):
        for digest in self.some("blob", 1):
            pinned = any((self.name, digest) == source[:2] for source in self.pinned)
            if not pinned and digest not in self.used():
                self.change({("blob", digest): ABSENT}, "DELETE", self.path(f"blobs/{digest}"), allowed=(202,))

    def used(self):
        return {digest for manifest in self.having("manifest") for digest in content.names(self.bytes[manifest])[0]}

    def some(self, kind, most):
        candidates = self.having(kind)
        return self.random.sample(candidates, min(most, len(candidates)))

    def unique(self):
        return b" " * (self.next() % 100) + str(self.random.random()).encode()

    def next(self):
        self.number += 1
        return self.number

    # --- judgement after a kill ----------------------------------------------------------------------------------

    def judge(self, server, everything):
        """Compares what the server has with what it acknowledged. The contradictions, a list of texts."""
        self.client = Client(server)
        self.findings = []
        try:
            self.attempt(self.settle)
            self.attempt(self.continue_upload)
            self.attempt(self.compare_tags)
            others = list(self.facts) if everything else self.random.sample(list(self.facts), min(10, len(self.facts)))
            for key in dict.fromkeys([*sorted(self.touched), *others]):
                self.attempt(self.compare, key)
            for digest in self.subjects():
                self.attempt(self.compare_referrers, digest)
            for digest in sorted(self.advertised):
                self.attempt(self.whole_image, digest)
            self.touched.clear()
        finally:
            self.client.close()
        return [f"{self.name}: {finding}" for finding in self.findings]

    def attempt(self, check, *arguments):
        try:
            check(*arguments)
        except (Wrong, Gone) as failure:
            self.findings.append(repr(failure))

    def settle(self):
        """The change that was under way has happened entirely or not at all."""
        opened, self.opened = self.opened, {}
        seen = {key: self.look(key) for key in opened}
        old = {key: self.facts.get(key, ABSENT) for key in opened}
        if seen != opened and seen != old:
            raise Wrong(f"half a change: {seen} is neither {old} nor {opened}")
        self.facts.update(seen)

    def look(self, key):
        kind, name = key
        path = self.path(f"blobs/{name}" if kind == "blob" else f"manifests/{name}")
        answer = self.client.ask("GET", path, headers=ANY_MANIFEST, allowed=(200, 404))
        if answer.status == 404:
            return ABSENT
        digest = content.digest_of(answer.body)
        if kind == "tag":
            return digest
        if digest != name:
            raise Wrong(f"the bytes of {key} have digest {digest}")
        return True

    def compare(self, key):
        seen = self.look(key)
        expected = self.facts.get(key, ABSENT)
        if seen != expected:
            self.facts[key] = seen
            raise Wrong(f"{key} is {seen}, acknowledged was {expected}")
        if key[0] == "tag" and seen is not ABSENT:
            self.whole_image(seen)
            if key[1].startswith("lazy-"):
                self.look_at_lazy_view(key[1])

    def whole_image(self, digest):
        """Everything that an image names is there."""
        manifest = self.client.ask("GET", self.path(f"manifests/{digest}"), headers=ANY_MANIFEST).body
        blobs, children = content.names(manifest)
        for blob in blobs:
            body = self.client.ask("GET", self.path(f"blobs/{blob}")).body
            if content.digest_of(body) != blob:
                raise Wrong(f"the bytes of blob {blob} have digest {content.digest_of(body)}")
        for child in children:
            self.whole_image(child)

    def look_at_lazy_view(self, tag):
        headers = {**ANY_MANIFEST, "Lighter-View": "lazy"}
        digest = content.digest_of(self.client.ask("GET", self.path(f"manifests/{tag}"), headers=headers).body)
        if digest != self.facts["tag", tag] and digest not in self.advertised:
            self.advertised.add(digest)
            self.counts["converted"] += 1
            self.whole_image(digest)

    def compare_tags(self):
        answer = self.client.ask("GET", self.path("tags/list"), allowed=(200, 404))
        seen = set() if answer.status == 404 else set(json.loads(answer.body)["tags"] or [])
        expected = set(self.having("tag"))
        if seen != expected:
            raise Wrong(f"tags lost: {sorted(expected - seen)}, come back: {sorted(seen - expected)}")

    def subjects(self):
        return sorted({
            json.loads(self.bytes[name])["subject"]["digest"]
            for kind, name in self.touched
            if kind == "manifest" and b'"subject"' in self.bytes[name]
        })

    def compare_referrers(self, subject):
        answer = self.client.ask("GET", self.path(f"referrers/{subject}"))
        seen = {descriptor["digest"] for descriptor in json.loads(answer.body)["manifests"]}
        expected = {
            digest for digest in self.having("manifest")
            if json.loads(self.bytes[digest]).get("subject", {}).get("digest") == subject
        }
        if seen != expected:
            raise Wrong(f"referrers of {subject}: lost {sorted(expected - seen)}, too many {sorted(seen - expected)}")

    def continue_upload(self):
        """An acknowledged chunk is still there, and the upload can be finished."""
        upload = self.upload
        if upload is None:
            return
        answer = self.client.ask("GET", upload["location"], allowed=(204, 404))
        if answer.status == 404:
            self.upload = None
            if not upload["ending"]:
                raise Wrong(f"an upload of {upload['acknowledged']} acknowledged bytes is unknown")
            return
        received = int(answer.headers["Range"].split("-")[1]) + 1
        if received == 1 and upload["acknowledged"] == 0:
            received = 0  # "0-0" is how zero bytes are said
        if received < upload["acknowledged"]:
            self.upload = None
            raise Wrong(f"an upload has {received} bytes, acknowledged were {upload['acknowledged']}")
        upload["location"] = answer.headers["Location"]
        upload["acknowledged"] = received
        upload["ending"] = False
        self.push_in_chunks()
        self.counts["continued"] += 1
