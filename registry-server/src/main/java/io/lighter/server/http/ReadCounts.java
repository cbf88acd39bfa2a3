package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.server.heat.BlobReads;
import io.lighter.server.heat.BlobReads.Origin;
import io.lighter.server.http.range.ByteRange;
import io.lighter.server.http.range.MultipartRanges;
import io.lighter.storage.BlobSource;

/**
 * Counts answers that have the bytes of a blob.
 *
 * @param reads what was read so far
 */
record ReadCounts(BlobReads reads) {

  /** Counts the ranges of an answer by their places; whole blobs are not read lazily. */
  void begins(Digest blob, Answer answer) {
    if (answer.status() != 206) {
      return;
    }
    switch (answer.body()) {
      case Answer.Body.Slice(BlobSource source, long offset, long length) ->
          reads.range(blob, source.size(), offset, length);
      case Answer.Body.Multipart(BlobSource source, MultipartRanges parts) -> {
        for (ByteRange range : parts.ranges()) {
          reads.range(blob, source.size(), range.first(), range.length());
        }
      }
      case Answer.Body.Bytes _, Answer.Body.Head _, Answer.Body.None _ -> {}
    }
  }

  /**
   * Counts the bytes of an answer by where they came from.
   *
   * @param bytes of the body that were sent
   * @param pinned how many of them were pinned; more if the client left before they were sent
   */
  void ended(Answer answer, long bytes, long pinned) {
    BlobSource source = answer.source().orElse(null);
    if (source == null || source instanceof BlobSource.Memory || bytes == 0) {
      return; // No blob, or a manifest.
    }
    boolean mirrored = answer.isMirrored();
    long fromMemory = Math.min(bytes, pinned);
    if (fromMemory > 0) {
      reads.sent(Origin.MEMORY, fromMemory, mirrored);
    }
    if (bytes > fromMemory) {
      Origin origin = source instanceof BlobSource.Growing ? Origin.UPSTREAM : Origin.DISK;
      reads.sent(origin, bytes - fromMemory, mirrored);
    }
  }
}
