package io.lighter.bench.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One request and the judge of its answer.
 *
 * @param method in capitals
 * @param path path and query
 * @param headers further header lines, each ended with CR LF
 * @param check for this call alone
 * @param ranges how many ranges are asked for; 1 for anything else
 * @param upload a file that is the body
 */
public record Call(
    String method,
    String path,
    String headers,
    AnswerCheck check,
    int ranges,
    Optional<Path> upload) {

  /** A request without further headers and without a body. */
  public static Call of(String method, String path, AnswerCheck check) {
    return new Call(method, path, "", check, 1, Optional.empty());
  }

  /** The same with header lines, each ended with CR LF. */
  public Call with(String headerLines) {
    return new Call(method, path, headers + headerLines, check, ranges, upload);
  }

  /** The same with a file for a body. */
  public Call with(Path file) {
    return new Call(method, path, headers, check, ranges, Optional.of(file));
  }

  /** GET of a blob's ranges, at least one, ascending. */
  public static Call ranges(
      String path, List<ByteRange> ranges, long blobSize, Optional<ReferenceBytes> reference) {
    AnswerCheck check =
        ranges.size() == 1
            ? ContentCheck.range(ranges.getFirst(), blobSize, reference)
            : new MultipartCheck(ranges, blobSize, reference);
    String header =
        ranges.stream().map(ByteRange::toString).collect(Collectors.joining(",", "bytes=", ""));
    // Lazy clients say that they want the bytes as they are.
    return new Call(
        "GET",
        path,
        "Range: " + header + "\r\nAccept-Encoding: identity\r\n",
        check,
        ranges.size(),
        Optional.empty());
  }

  /** GET of a whole blob. */
  public static Call whole(String path, long blobSize, Optional<ReferenceBytes> reference) {
    return of("GET", path, ContentCheck.whole(blobSize, reference));
  }
}
