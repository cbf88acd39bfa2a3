package io.lighter.server.convert;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.content.TagViews;
import io.lighter.server.content.ViewPolicy;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what is worth converting: images that are pushed under a tag, and images that clients
 * pull, at the moment they pull the manifest of one platform. Thread-safe; blocks for one synced
 * write when an image is new and for nothing otherwise, and never fails the request that it serves.
 */
public final class ConversionScheduler {
  private static final Logger LOG = LoggerFactory.getLogger(ConversionScheduler.class);
  private static final int MAX_NESTING = 8;

  private final MetadataStore metadata;
  private final ConversionQueue queue;
  private final TagViews views;

  /** What was looked at lately, so that the pulls of a whole fleet cost one look. */
  private final Cache<Pulled, Boolean> seen =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(5)).build();

  public ConversionScheduler(MetadataStore metadata, ConversionQueue queue, TagViews views) {
    this.metadata = metadata;
    this.queue = queue;
    this.views = views;
  }

  /** A client pulls this manifest. */
  public void pulled(RepositoryContent repository, Manifest manifest) {
    if (!MediaTypes.isImageManifest(manifest.mediaType())
        || views.policy(repository.kind()) == ViewPolicy.OFF) {
      return;
    }
    var pulled = new Pulled(repository.name(), manifest.digest());
    if (seen.asMap().putIfAbsent(pulled, true) == null) {
      try {
        var roots = new LinkedHashSet<Digest>();
        collectTagged(repository.name(), manifest.digest(), roots, MAX_NESTING);
        roots.forEach(root -> queue.offer(repository.name(), root));
      } catch (RuntimeException e) {
        seen.invalidate(pulled);
        LOG.warn("{} {} is not scheduled for conversion", repository.name(), manifest.digest(), e);
      }
    }
  }

  /** A client pushed this manifest or index under a tag. */
  public void pushed(RepositoryName repository, Digest image) {
    if (views.policy(RepositoryKind.HOSTED) == ViewPolicy.OFF) {
      return;
    }
    try {
      queue.offer(repository, image);
    } catch (RuntimeException e) {
      LOG.warn("{} {} is not scheduled for conversion", repository, image, e);
    }
  }

  /** The manifest and the indexes above it, as far as tags name them. */
  private void collectTagged(
      RepositoryName repository, Digest manifest, Set<Digest> roots, int depth) {
    if (metadata.isTagged(repository, manifest)) {
      roots.add(manifest);
    }
    if (depth > 0) {
      for (Digest parent : metadata.parents(repository, manifest)) {
        collectTagged(repository, parent, roots, depth - 1);
      }
    }
  }

  private record Pulled(RepositoryName repository, Digest manifest) {}
}
