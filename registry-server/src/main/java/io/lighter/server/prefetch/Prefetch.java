package io.lighter.server.prefetch;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.Platform;
import io.lighter.oci.Tag;
import io.lighter.server.content.ImageName;
import io.lighter.server.content.PlatformPattern;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.convert.ConversionScheduler;
import io.lighter.storage.BlobStore;
import io.lighter.storage.Leases;
import io.lighter.storage.RepositoryKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Pulls images of upstreams into the cache: manifests, configurations and layers, no referrers.
 * What is here already is not fetched again. An image that was pulled this way counts as used, and
 * is converted as if a node had pulled it. Thread-safe and blocking.
 */
public final class Prefetch {
  /** Enough to keep a link busy, few enough to leave connections to others. */
  private static final int PARALLEL = 3;

  private static final int MAX_NESTING = 4;

  private final Repositories repositories;
  private final BlobStore blobs;
  private final Leases leases;
  private final ConversionScheduler conversions;

  public Prefetch(
      Repositories repositories, BlobStore blobs, Leases leases, ConversionScheduler conversions) {
    this.repositories = repositories;
    this.blobs = blobs;
    this.leases = leases;
    this.conversions = conversions;
  }

  /**
   * A blob that is here now.
   *
   * @param digest the blob
   * @param bytes its size
   * @param fetched whether it had to be fetched
   * @param done how many blobs are here
   * @param of how many blobs there are
   */
  public record Progress(Digest digest, long bytes, boolean fetched, int done, int of) {}

  /**
   * An image that is here now.
   *
   * @param digest what its tag names
   * @param platforms manifests of single platforms
   * @param blobs configurations and layers
   * @param bytes their size
   * @param fetchedBlobs those that had to be fetched
   * @param fetchedBytes the size of those
   * @param duration how long it took
   */
  public record Summary(
      Digest digest,
      int platforms,
      int blobs,
      long bytes,
      int fetchedBlobs,
      long fetchedBytes,
      Duration duration) {}

  /** Whether upstream allows so few more pulls that they are to be left to those who wait. */
  boolean isUntimely(ImageName image) {
    return repositories.resolve(image.repository(), Optional.empty()).isShortOfPulls();
  }

  /**
   * Pulls an image.
   *
   * @param platforms which images of an index; that of this machine if empty
   * @param each is told of every blob when it is here, on the thread of the caller
   * @throws PrefetchException if there is no such image, or it is of no upstream
   * @throws io.lighter.server.upstream.UpstreamException if upstream does not give it
   */
  public Summary pull(ImageName image, List<PlatformPattern> platforms, Consumer<Progress> each) {
    long startedAt = System.nanoTime();
    RepositoryContent repository = repositories.resolve(image.repository(), Optional.empty());
    if (repository.kind() == RepositoryKind.HOSTED) {
      throw new PrefetchException(
          "%s is of no upstream, so there is nothing to pull; name one, as in docker.io/%s"
              .formatted(image, image));
    }
    Digest root = root(repository, image);
    List<Manifest> images = new ArrayList<>();
    collect(
        new Wanted(
            image, repository, platforms.isEmpty() ? List.of(PlatformPattern.local()) : platforms),
        root,
        images,
        MAX_NESTING);
    Map<Digest, Descriptor> needed = new LinkedHashMap<>();
    images.stream()
        .flatMap(manifest -> manifest.view().requiredBlobs().stream())
        .forEach(blob -> needed.put(blob.digest(), blob));
    List<Progress> arrived = fetch(repository, needed.values(), each);
    images.forEach(manifest -> conversions.pulled(repository, manifest));
    List<Progress> fetched = arrived.stream().filter(Progress::fetched).toList();
    return new Summary(
        root,
        images.size(),
        arrived.size(),
        bytes(arrived),
        fetched.size(),
        bytes(fetched),
        Duration.ofNanos(System.nanoTime() - startedAt));
  }

  private static long bytes(List<Progress> blobs) {
    return blobs.stream().mapToLong(Progress::bytes).sum();
  }

  private static Digest root(RepositoryContent repository, ImageName image) {
    return switch (image.reference()) {
      case Digest digest -> digest;
      case Tag tag ->
          repository
              .tag(tag)
              .map(RepositoryContent.ResolvedTag::digest)
              .orElseThrow(
                  () -> new PrefetchException("upstream has no %s, or hides it".formatted(image)));
    };
  }

  private record Wanted(
      ImageName image, RepositoryContent repository, List<PlatformPattern> platforms) {}

  /** Gathers the images that are wanted at or below a manifest, and leases all on the way. */
  private void collect(Wanted wanted, Digest digest, List<Manifest> images, int depth) {
    Manifest manifest =
        wanted
            .repository()
            .manifest(digest)
            .orElseThrow(() ->
                new PrefetchException(
                    "upstream has no manifest %s of %s".formatted(digest, wanted.image())));
    leases.keep(wanted.repository().name(), digest, Leases.Use.READ);
    List<Descriptor> children = manifest.view().manifests();
    if (children.isEmpty()) {
      images.add(manifest);
    } else if (depth > 0) {
      List<Descriptor> chosen =
          children.stream()
              .filter(
                  child -> child.platform().map(platform -> matches(wanted, platform)).orElse(true))
              .toList();
      if (chosen.isEmpty()) {
        throw new PrefetchException(noneOf(wanted, children));
      }
      chosen.forEach(child -> collect(wanted, child.digest(), images, depth - 1));
    }
  }

  private static boolean matches(Wanted wanted, Platform platform) {
    return wanted.platforms().stream().anyMatch(pattern -> pattern.matches(platform));
  }

  private static String noneOf(Wanted wanted, List<Descriptor> children) {
    Set<String> there =
        children.stream()
            .flatMap(child -> child.platform().stream())
            .filter(platform -> !platform.os().equals("unknown"))
            .map(Platform::toString)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return "%s is not there for %s; it is for %s"
        .formatted(
            wanted.image(),
            wanted.platforms().stream()
                .map(PlatformPattern::text)
                .collect(Collectors.joining(", ")),
            String.join(", ", there));
  }

  private List<Progress> fetch(
      RepositoryContent repository, Collection<Descriptor> needed, Consumer<Progress> each) {
    var arrived = new ArrayList<Progress>();
    try (var threads =
        Executors.newFixedThreadPool(PARALLEL, Thread.ofVirtual().name("prefetch-", 0).factory())) {
      CompletionService<Progress> fetches = new ExecutorCompletionService<>(threads);
      try {
        needed.forEach(blob -> fetches.submit(() -> fetch(repository, blob)));
        while (arrived.size() < needed.size()) {
          Progress next = fetches.take().get();
          arrived.add(
              new Progress(
                  next.digest(), next.bytes(), next.fetched(), arrived.size() + 1, needed.size()));
          each.accept(arrived.getLast());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PrefetchException("stopped before the end");
      } catch (ExecutionException e) {
        throw unwrap(e);
      } finally {
        threads.shutdownNow();
      }
    }
    return arrived;
  }

  private Progress fetch(RepositoryContent repository, Descriptor blob) {
    boolean here = blobs.stat(blob.digest()).isPresent();
    if (!repository.fetch(blob.digest())) {
      throw new PrefetchException(
          "upstream has no blob %s, which the image names".formatted(blob.digest()));
    }
    leases.keep(repository.name(), blob.digest(), Leases.Use.READ);
    return new Progress(blob.digest(), blob.size(), !here, 0, 0);
  }

  private static RuntimeException unwrap(ExecutionException failure) {
    return failure.getCause() instanceof RuntimeException cause
        ? cause
        : new CompletionException(failure);
  }
}
