package io.lighter.server.convert;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.content.TagViews;
import io.lighter.server.content.WantedPlatforms;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what is worth converting: images that are pushed under a tag, and images that clients
 * pull, at the moment they pull the manifest of one platform. Thread-safe; blocks for one synced
 * write when an image is new, for lookups otherwise, and never fails the request that it serves.
 */
public final class ConversionScheduler {
  private static final Logger LOG = LoggerFactory.getLogger(ConversionScheduler.class);
  private static final int MAX_NESTING = 8;
  private static final int PAGE = 1000;

  private final MetadataStore metadata;
  private final ConversionQueue queue;
  private final TagViews views;
  private final Supplier<ConversionPolicies> policies;

  /** What was offered lately, so that the pulls of a whole fleet cost one offer. */
  private final Cache<Pulled, Boolean> offered =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(5)).build();

  /**
   * A scheduler.
   *
   * @param policies what is converted where; looked up each time
   */
  public ConversionScheduler(
      MetadataStore metadata,
      ConversionQueue queue,
      TagViews views,
      Supplier<ConversionPolicies> policies) {
    this.metadata = metadata;
    this.queue = queue;
    this.views = views;
    this.policies = policies;
  }

  /** A client pulls this manifest. */
  public void pulled(RepositoryContent repository, Manifest manifest) {
    if (!MediaTypes.isImageManifest(manifest.mediaType())
        || policies.get().of(repository).isOff()) {
      return;
    }
    try {
      var above = new LinkedHashSet<Digest>();
      collectAbove(repository.name(), manifest.digest(), above, MAX_NESTING);
      for (Digest image : above) {
        if (isWanted(repository, image, manifest.digest(), above)) {
          offerOnce(repository.name(), image, manifest.digest());
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("{} {} is not scheduled for conversion", repository.name(), manifest.digest(), e);
    }
  }

  private void offerOnce(RepositoryName repository, Digest image, Digest manifest) {
    var pulled = new Pulled(repository, image, manifest);
    // A job that is there already may have passed by what was pulled now: it is offered again then.
    if (offered.getIfPresent(pulled) != null) {
      var _ = queue.prefer(repository, image);
    } else if (queue.offer(repository, image)) {
      offered.put(pulled, true);
    }
  }

  /**
   * Something was removed from the store. It may have been an image with its lazy view, which has
   * to be made anew when that image is pulled again.
   */
  public void contentRemoved() {
    offered.invalidateAll();
  }

  /** A client pushed this manifest or index under a tag. */
  public void pushed(RepositoryName repository, Digest image) {
    if (policies.get().of(repository, RepositoryKind.HOSTED).isOff()) {
      return;
    }
    try {
      if (views.lazy(repository, image).isEmpty()) {
        queue.offer(repository, image);
      }
    } catch (RuntimeException e) {
      LOG.warn("{} {} is not scheduled for conversion", repository, image, e);
    }
  }

  /**
   * The prefetch list of a tag, or of all tags of a repository that have none of their own, has
   * changed: their images are converted again if they were converted before, or are tagged so.
   *
   * @return how many images are
   */
  public int prefetchListChanged(RepositoryContent repository, Optional<Tag> tag) {
    RepositoryName name = repository.name();
    if (policies.get().of(repository).isOff()) {
      return 0;
    }
    var images = new LinkedHashSet<Digest>();
    if (tag.isPresent()) {
      metadata.tag(name, tag.get()).ifPresent(named -> images.add(named.digest()));
    } else {
      List<Tag> page = metadata.tags(name, "", PAGE);
      while (!page.isEmpty()) {
        page.forEach(
            each -> metadata.tag(name, each).ifPresent(named -> images.add(named.digest())));
        page = metadata.tags(name, page.getLast().value(), PAGE);
      }
      images.removeIf(image -> views.lazy(name, image).isEmpty());
    }
    images.forEach(image -> queue.offer(name, image));
    return images.size();
  }

  /**
   * Whether an image is to be converted for what was pulled of it: a tag names it, and either it
   * has no lazy view, or the lazy view still names what was pulled, because that platform had not
   * been pulled when the view was made. Not so if that platform is not to be converted at all.
   *
   * @param above what was pulled and all that names it
   */
  private boolean isWanted(
      RepositoryContent repository, Digest image, Digest pulled, Set<Digest> above) {
    if (!metadata.isTagged(repository.name(), image)) {
      return false;
    }
    Optional<Digest> lazy = views.lazy(repository.name(), image);
    return lazy.isEmpty() || (above.contains(lazy.get()) && isListed(repository, image, pulled));
  }

  private boolean isListed(RepositoryContent repository, Digest image, Digest pulled) {
    WantedPlatforms wanted = policies.get().of(repository).platforms();
    return wanted.asPulled()
        || metadata.manifest(repository.name(), image).stream()
            .flatMap(index -> index.view().manifests().stream())
            .filter(child -> child.digest().equals(pulled))
            .allMatch(child -> child.platform().map(wanted::lists).orElse(true));
  }

  /** The manifest and the indexes above it. */
  private void collectAbove(
      RepositoryName repository, Digest manifest, Set<Digest> above, int depth) {
    if (above.add(manifest) && depth > 0) {
      for (Digest parent : metadata.parents(repository, manifest)) {
        collectAbove(repository, parent, above, depth - 1);
      }
    }
  }

  private record Pulled(RepositoryName repository, Digest image, Digest manifest) {}
}
