package io.lighter.server.http;

import io.lighter.server.http.range.MultipartRanges;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import java.time.Duration;
import java.util.List;

/**
 * Answers out of blobs that are not here yet. The head of an answer waits for the first byte of its
 * body, because until then a failure can still become a status.
 */
final class Arriving {

  /** Lazy clients give up after 3 s, and come again for as long as they are told to. */
  private static final Duration RANGE_PATIENCE = Duration.ofMillis(2800);

  /** Clients that pull a whole blob wait 30 s. */
  private static final Duration BLOB_PATIENCE = Duration.ofSeconds(25);

  private Arriving() {}

  /**
   * Waits for the first byte of a body, and has the others fetched. The body's source is closed if
   * that fails.
   *
   * @throws RuntimeException what it fails with
   */
  static void prepare(Answer.Body body) {
    switch (body) {
      case Answer.Body.Slice(BlobSource.Growing source, long offset, long length) ->
          prepare(source, List.of(new Extent(offset, offset + length)));
      case Answer.Body.Multipart(BlobSource.Growing source, MultipartRanges ranges) ->
          prepare(
              source,
              ranges.ranges().stream()
                  .map(range -> new Extent(range.first(), range.first() + range.length()))
                  .toList());
      case Answer.Body.Slice _,
          Answer.Body.Multipart _,
          Answer.Body.Bytes _,
          Answer.Body.Head _,
          Answer.Body.None _ -> {}
    }
  }

  private static void prepare(BlobSource.Growing source, List<Extent> wanted) {
    boolean whole = wanted.getFirst().length() == source.size();
    try {
      source.prepare(wanted, whole ? BLOB_PATIENCE : RANGE_PATIENCE);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }
}
