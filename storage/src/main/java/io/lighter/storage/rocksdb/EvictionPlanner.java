package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.gc.CachedImage;
import io.lighter.storage.gc.EvictionIndex.Part;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Works out what belongs to an image: all that is below its manifest, as far as nothing else keeps
 * it. Other manifests keep it, and tags of its own do; leases do not.
 */
final class EvictionPlanner {
  private final View view;
  private final RocksLeases leases;

  EvictionPlanner(View view, RocksLeases leases) {
    this.view = view;
    this.leases = leases;
  }

  /** Whether an eviction may begin here: no manifest keeps this one, or this blob. */
  boolean isTop(RepositoryName repository, Digest digest) {
    return keepers(repository, digest).isEmpty();
  }

  /** What goes with a manifest or blob at the top; empty if the repository does not have it. */
  Optional<EvictionPlan> plan(RepositoryName repository, Digest top, Part part) {
    Set<Digest> manifests = members(repository, top, part);
    Set<Digest> links = links(repository, top, manifests);
    if (manifests.isEmpty() && links.isEmpty()) {
      return Optional.empty();
    }
    Set<Digest> blobs = here(links);
    Instant lastUse = lastUse(repository, Stream.concat(manifests.stream(), links.stream()));
    return Optional.of(
        new EvictionPlan(
            new CachedImage(
                repository, top, tags(repository, manifests), lastUse, bytes(repository, blobs)),
            manifests,
            links,
            convertedUse(repository, manifests, links),
            manifests.stream().anyMatch(manifest -> isPending(repository, manifest)),
            !blobs.isEmpty()));
  }

  private Set<Digest> members(RepositoryName repository, Digest top, Part part) {
    Set<Digest> members = new LinkedHashSet<>();
    Deque<Digest> open = new ArrayDeque<>(List.of(top));
    while (!open.isEmpty()) {
      Digest next = open.removeFirst();
      boolean goes =
          switch (part) {
            case WHOLE -> true;
            case ORIGINAL -> !isConverted(next);
          };
      if (goes && isManifest(repository, next) && members.add(next)) {
        open.addAll(below(repository, next));
      }
    }
    removeKept(repository, top, members);
    return members;
  }

  /** Until nothing changes: what is kept keeps all below it. */
  private void removeKept(RepositoryName repository, Digest top, Set<Digest> members) {
    boolean changed;
    do {
      changed =
          members.removeIf(member ->
              !member.equals(top)
                  && (view.any(Family.TAGGED, Keys.tagged(repository, member))
                      || !members.containsAll(keepers(repository, member))));
    } while (changed);
  }

  private List<Digest> below(RepositoryName repository, Digest manifest) {
    byte[] referrers = Keys.referrers(repository, manifest);
    return Stream.of(
            named(repository, manifest).stream(),
            view.scan(Family.REFERRERS, referrers).stream()
                .map(entry -> Digest.parse(Keys.textAfter(referrers, entry.key()))),
            lazyView(repository, manifest).stream())
        .flatMap(digests -> digests)
        .toList();
  }

  /** Manifests whose content, or whose company, this is. */
  private Set<Digest> keepers(RepositoryName repository, Digest digest) {
    Set<Digest> keepers = new LinkedHashSet<>();
    byte[] parents = Keys.parents(repository, digest);
    view.scan(Family.PARENTS, parents)
        .forEach(entry -> keepers.add(Keys.digestAfter(parents, entry.key())));
    byte[] originals = Keys.originals(repository, digest);
    view.scan(Family.ORIGINALS, originals).stream()
        .map(entry -> Keys.digestAfter(originals, entry.key()))
        .filter(original -> isManifest(repository, original))
        .forEach(keepers::add);
    entry(repository, digest)
        // An index whose subject is its own child is above it, not below.
        .flatMap(entry -> entry.subject().filter(subject -> !entry.content().contains(subject)))
        .filter(subject -> isManifest(repository, subject))
        .ifPresent(keepers::add);
    return keepers;
  }

  private Set<Digest> links(RepositoryName repository, Digest top, Set<Digest> manifests) {
    Set<Digest> links = new LinkedHashSet<>();
    Stream.concat(
            Stream.of(top), manifests.stream().flatMap(each -> named(repository, each).stream()))
        .filter(digest -> view.has(Family.LINKS, Keys.link(repository, digest)))
        .filter(digest -> manifests.containsAll(parents(repository, digest)))
        .forEach(links::add);
    return links;
  }

  private List<Digest> parents(RepositoryName repository, Digest digest) {
    byte[] parents = Keys.parents(repository, digest);
    return view.scan(Family.PARENTS, parents).stream()
        .map(entry -> Keys.digestAfter(parents, entry.key()))
        .toList();
  }

  private List<Tag> tags(RepositoryName repository, Collection<Digest> manifests) {
    return manifests.stream()
        .flatMap(manifest -> {
          byte[] prefix = Keys.tagged(repository, manifest);
          return view.scan(Family.TAGGED, prefix).stream()
              .map(entry -> new Tag(Keys.textAfter(prefix, entry.key())));
        })
        .toList();
  }

  private Instant lastUse(RepositoryName repository, Stream<Digest> digests) {
    return digests
        .map(digest -> leases.current(view, repository, digest).usedAt())
        .max(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }

  /** Whoever has mounted converted content reads from any layer of it, shared ones included. */
  private Instant convertedUse(
      RepositoryName repository, Set<Digest> manifests, Set<Digest> links) {
    var made = manifests.stream().filter(this::isConverted).toList();
    return lastUse(
        repository,
        Stream.of(
                made.stream(),
                made.stream().flatMap(manifest -> named(repository, manifest).stream()),
                links.stream().filter(this::isConverted))
            .flatMap(digests -> digests));
  }

  /** Blobs whose bytes are here, and not for a hosted repository. */
  private Set<Digest> here(Set<Digest> links) {
    Set<Digest> here = new LinkedHashSet<>();
    for (Digest digest : links) {
      if (view.has(Family.BLOBS, Keys.blob(digest)) && !BlobChanges.isHosted(view, digest)) {
        here.add(digest);
      }
    }
    return here;
  }

  /** Bytes of blobs that no other repository has. */
  private long bytes(RepositoryName repository, Set<Digest> blobs) {
    return blobs.stream()
        .filter(digest -> {
          byte[] prefix = Keys.holders(digest);
          return view.scan(Family.MIRROR_HOLDERS, prefix, prefix, 2).stream()
              .allMatch(entry -> Keys.textAfter(prefix, entry.key()).equals(repository.value()));
        })
        .flatMap(digest -> view.get(Family.BLOBS, Keys.blob(digest)).stream())
        .mapToLong(value -> Records.blob(value).size())
        .sum();
  }

  private boolean isPending(RepositoryName repository, Digest manifest) {
    return view.get(Family.JOBS, Keys.job(repository, manifest))
        .map(Records::job)
        .filter(job -> job.state() == ConversionJob.State.PENDING)
        .isPresent();
  }

  private boolean isConverted(Digest digest) {
    return view.has(Family.CONVERTED, Keys.converted(digest));
  }

  private boolean isManifest(RepositoryName repository, Digest digest) {
    return view.has(Family.MANIFESTS, Keys.manifest(repository, digest));
  }

  private Optional<Digest> lazyView(RepositoryName repository, Digest original) {
    return view.get(Family.LAZY_VIEWS, Keys.lazyView(repository, original)).map(Records::lazyView);
  }

  private List<Digest> named(RepositoryName repository, Digest manifest) {
    return entry(repository, manifest).map(ManifestEntry::content).orElse(List.of());
  }

  private Optional<ManifestEntry> entry(RepositoryName repository, Digest manifest) {
    return view.get(Family.MANIFESTS, Keys.manifest(repository, manifest)).map(Records::manifest);
  }
}
