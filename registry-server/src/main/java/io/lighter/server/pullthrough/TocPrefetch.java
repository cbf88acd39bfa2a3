package io.lighter.server.pullthrough;

import io.lighter.conversion.EStargz;
import io.lighter.conversion.Footer;
import io.lighter.oci.Descriptor;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what a lazy client asks of each eStargz layer before it can mount the image, as soon as
 * the manifest has arrived: the begin, the footer and the TOC. He asks for them one after the
 * other, each for a round trip to upstream, and only when he has the configuration.
 *
 * <p>Thread-safe; returns at once, and tells nobody when it fails: whoever needs the bytes asks for
 * them himself, and is told.
 */
final class TocPrefetch {
  private static final Logger LOG = LoggerFactory.getLogger(TocPrefetch.class);

  /** Where the begin of a layer ends and its footer begins, with all or much of the TOC. */
  private static final long EDGE = FetchPlan.ALIGNMENT;

  /** A TOC that is larger is asked for by those who need it. */
  private static final long MOST = 8 * 1024 * 1024;

  private static final int LAYERS_AT_A_TIME = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final PullThrough content;
  private final Semaphore turns = new Semaphore(LAYERS_AT_A_TIME);

  TocPrefetch(PullThrough content) {
    this.content = content;
  }

  /** Somebody has pulled this manifest. */
  void pulled(MirroredRepository repository, Manifest manifest) {
    for (Descriptor layer : manifest.view().layers()) {
      if (layer.annotations().containsKey(EStargz.TOC_DIGEST_ANNOTATION)
          && layer.size() > Footer.LENGTH) {
        Thread.ofVirtual()
            .name("toc-" + layer.digest().hex())
            .start(() -> fetch(repository, layer));
      }
    }
  }

  private void fetch(MirroredRepository repository, Descriptor layer) {
    try {
      turns.acquire();
      try {
        long size = layer.size();
        long tail = Math.max(0, size - EDGE);
        List<Extent> edges =
            tail <= EDGE
                ? List.of(new Extent(0, size))
                : List.of(new Extent(0, EDGE), new Extent(tail, size));
        Optional<Footer> footer = Footer.parse(read(repository, layer, edges));
        long toc = footer.map(Footer::tocOffset).orElse(size);
        if (toc < tail && tail - toc <= MOST) {
          read(repository, layer, List.of(new Extent(toc, tail)));
        }
      } finally {
        turns.release();
      }
    } catch (UpstreamException | StorageException e) {
      LOG.debug("TOC of {} is not fetched ahead: {}", layer.digest(), e.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until bytes of a layer are here.
   *
   * @return as many of the last ones as a footer has; none if the layer need not be fetched
   */
  private byte[] read(MirroredRepository repository, Descriptor layer, List<Extent> wanted) {
    try (BlobSource source = content.open(repository, layer.digest())) {
      if (!(source instanceof BlobSource.Growing growing) || source.size() != layer.size()) {
        return new byte[0];
      }
      growing.prepare(wanted, PATIENCE);
      for (Extent extent : wanted) {
        awaitAll(source, extent);
      }
      var last = new byte[Footer.LENGTH];
      var target = ByteBuffer.wrap(last);
      long end = wanted.getLast().end();
      while (target.hasRemaining()) {
        source.read(target, end - target.remaining());
      }
      return last;
    }
  }

  private static void awaitAll(BlobSource source, Extent extent) {
    var buffer = ByteBuffer.allocate((int) EDGE);
    for (long position = extent.first(); position < extent.end(); ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), extent.end() - position));
      position += source.read(buffer, position);
    }
  }
}
