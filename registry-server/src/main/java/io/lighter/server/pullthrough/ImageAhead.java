package io.lighter.server.pullthrough;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.Footer;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import io.lighter.storage.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what the client who pulls a manifest will ask for next, before he does: he asks for one
 * thing after the other, or a few at a time, each for a round trip to upstream.
 *
 * <ul>
 *   <li>The configuration and small layers: at once.
 *   <li>Of eStargz layers the begin, the footer and the TOC, without which nobody mounts them: at
 *       once.
 *   <li>Large layers that cannot be mounted: in the background, when he has begun to download one.
 * </ul>
 *
 * <p>Thread-safe; returns at once, and tells nobody when it fails: whoever needs the bytes asks for
 * them himself, and is told.
 */
final class ImageAhead {
  private static final Logger LOG = LoggerFactory.getLogger(ImageAhead.class);

  /** A blob up to this size takes the link for less time than it takes to be asked for. */
  private static final long SMALL = 512 * 1024;

  /** Where the begin of a layer ends and its footer begins, with all or much of the TOC. */
  private static final long EDGE = FetchPlan.ALIGNMENT;

  /** A TOC that is larger is asked for by those who need it. */
  private static final long LARGEST_TOC = 8 * 1024 * 1024;

  /** Time for a client to come to his first layer. */
  private static final Duration EXPECTED = Duration.ofMinutes(5);

  private static final int MOST_EXPECTED = 1000;
  private static final int AT_A_TIME = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final PullThrough content;
  private final Semaphore turns = new Semaphore(AT_A_TIME);

  /** Images whose layers nobody has begun to download, by each of their large layers. */
  private final Cache<Digest, Image> expected =
      Caffeine.newBuilder()
          .maximumSize(MOST_EXPECTED)
          .expireAfterWrite(EXPECTED)
          .executor(Runnable::run)
          .build();

  private record Image(MirroredRepository repository, List<Descriptor> largeLayers) {}

  @FunctionalInterface
  private interface Fetch {
    void run() throws InterruptedException;
  }

  ImageAhead(PullThrough content) {
    this.content = content;
  }

  /** Somebody has pulled this manifest. */
  void pulled(MirroredRepository repository, Manifest manifest) {
    var view = manifest.view();
    view.config().filter(ImageAhead::isSmall).ifPresent(config -> fetchAll(repository, config));
    for (Descriptor layer : view.layers()) {
      if (isSmall(layer)) {
        fetchAll(repository, layer);
      } else if (isLazy(layer)) {
        inTurn(layer, () -> fetchEdges(repository, layer));
      }
    }
    List<Descriptor> large =
        view.layers().stream()
            .filter(Predicate.<Descriptor>not(ImageAhead::isSmall).and(layer -> !isLazy(layer)))
            .toList();
    if (large.size() > 1 && repository.upstream().settings().network().fill()) {
      var image = new Image(repository, large);
      large.forEach(layer -> expected.put(layer.digest(), image));
    }
  }

  /** Somebody begins to read this blob. */
  void opened(Digest digest) {
    Image image = expected.asMap().remove(digest);
    if (image != null && !image.repository().upstream().isRetired()) {
      for (Descriptor layer : image.largeLayers()) {
        if (expected.asMap().remove(layer.digest()) != null) {
          start(layer, () -> content.fetch(image.repository(), layer.digest()));
        }
      }
    }
  }

  private static boolean isSmall(Descriptor blob) {
    return blob.size() <= SMALL;
  }

  private static boolean isLazy(Descriptor layer) {
    return layer.annotations().containsKey(EStargz.TOC_DIGEST_ANNOTATION);
  }

  private void fetchAll(MirroredRepository repository, Descriptor blob) {
    inTurn(blob, () -> read(repository, blob, List.of(new Extent(0, blob.size()))));
  }

  private void fetchEdges(MirroredRepository repository, Descriptor layer) {
    long size = layer.size();
    long tail = size - EDGE;
    Optional<Footer> footer =
        Footer.parse(read(repository, layer, List.of(new Extent(0, EDGE), new Extent(tail, size))));
    long toc = footer.map(Footer::tocOffset).orElse(size);
    if (toc < tail && tail - toc <= LARGEST_TOC) {
      read(repository, layer, List.of(new Extent(toc, tail)));
    }
  }

  /**
   * Waits until bytes of a blob are here.
   *
   * @return as many of the last ones as a footer has; none if the blob need not be fetched
   */
  private byte[] read(MirroredRepository repository, Descriptor blob, List<Extent> wanted) {
    try (BlobSource source = content.open(repository, blob.digest())) {
      if (!(source instanceof BlobSource.Growing growing) || source.size() != blob.size()) {
        return new byte[0];
      }
      growing.prepare(wanted, PATIENCE);
      var buffer = ByteBuffer.allocate((int) EDGE);
      for (Extent extent : wanted) {
        for (long position = extent.first(); position < extent.end(); ) {
          buffer.clear().limit((int) Math.min(buffer.capacity(), extent.end() - position));
          position += source.read(buffer, position);
        }
      }
      long end = wanted.getLast().end();
      var last = ByteBuffer.allocate((int) Math.min(Footer.LENGTH, end));
      while (last.hasRemaining()) {
        source.read(last, end - last.remaining());
      }
      return last.array();
    }
  }

  private void inTurn(Descriptor blob, Runnable fetch) {
    start(
        blob,
        () -> {
          turns.acquire();
          try {
            fetch.run();
          } finally {
            turns.release();
          }
        });
  }

  private static void start(Descriptor blob, Fetch fetch) {
    Thread.ofVirtual()
        .name("ahead-" + blob.digest().hex())
        .start(() -> {
          try {
            fetch.run();
          } catch (UpstreamException | StorageException e) {
            LOG.debug("{} is not fetched ahead: {}", blob.digest(), e.toString());
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
