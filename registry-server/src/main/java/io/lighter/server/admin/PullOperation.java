package io.lighter.server.admin;

import io.lighter.oci.InvalidReferenceException;
import io.lighter.server.content.ImageName;
import io.lighter.server.content.PlatformPattern;
import io.lighter.server.prefetch.Prefetch;
import io.lighter.server.prefetch.PrefetchException;
import io.lighter.server.upstream.UnknownNamespaceException;
import io.lighter.server.upstream.UpstreamException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * {@code POST /admin/pull?image=REF&platforms=linux/amd64,linux/arm64}: pulls an image into the
 * cache. A line for each blob that is here, then a summary.
 */
public final class PullOperation implements AdminOperation {
  private static final String IMAGE = "image";
  private static final String PLATFORMS = "platforms";

  private final Prefetch prefetch;

  public PullOperation(Prefetch prefetch) {
    this.prefetch = prefetch;
  }

  @Override
  public String name() {
    return "pull";
  }

  @Override
  public Set<String> parameters() {
    return Set.of(IMAGE, PLATFORMS);
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    ImageName image = request.image(IMAGE);
    List<PlatformPattern> platforms = platforms(request);
    try {
      Prefetch.Summary pulled =
          prefetch.pull(image, platforms, progress -> answer.accept(BlobLine.of(progress)));
      answer.accept(SummaryLine.of(image, pulled));
    } catch (PrefetchException | UnknownNamespaceException | InvalidReferenceException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    } catch (UpstreamException e) {
      throw new AdminException.Failed("%s was not pulled: %s".formatted(image, e.getMessage()), e);
    }
  }

  private static List<PlatformPattern> platforms(AdminRequest request) {
    try {
      return request
          .text(PLATFORMS)
          .map(text -> Stream.of(text.split(",", -1)).map(PlatformPattern::new).toList())
          .orElse(List.of());
    } catch (IllegalArgumentException e) {
      throw new AdminException.Invalid(PLATFORMS + ": " + e.getMessage());
    }
  }

  private record BlobLine(String blob, long bytes, boolean fetched, int done, int of) {
    static BlobLine of(Prefetch.Progress progress) {
      return new BlobLine(
          progress.digest().toString(),
          progress.bytes(),
          progress.fetched(),
          progress.done(),
          progress.of());
    }
  }

  private record SummaryLine(
      String image,
      String digest,
      int platforms,
      int blobs,
      long bytes,
      int fetchedBlobs,
      long fetchedBytes,
      long milliseconds) {

    static SummaryLine of(ImageName image, Prefetch.Summary pulled) {
      return new SummaryLine(
          image.toString(),
          pulled.digest().toString(),
          pulled.platforms(),
          pulled.blobs(),
          pulled.bytes(),
          pulled.fetchedBlobs(),
          pulled.fetchedBytes(),
          pulled.duration().toMillis());
    }
  }
}
