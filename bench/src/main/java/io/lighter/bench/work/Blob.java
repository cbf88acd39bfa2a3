package io.lighter.bench.work;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.Collected;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.ReferenceBytes;
import io.lighter.bench.load.Target;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A blob on a server.
 *
 * @param target the server
 * @param path of the blob there, with the query
 * @param size its length
 * @param reference its content, if answers are compared with it
 */
public record Blob(Target target, String path, long size, Optional<ReferenceBytes> reference) {

  /**
   * Asks a server how long a blob is.
   *
   * @param url of the blob
   * @param headers further header lines of every request
   * @param verify a file with the same content
   * @throws BenchException if the server does not have it, or has another length than the file
   */
  public static Blob find(
      LoadGenerator generator, URI url, List<String> headers, Optional<Path> verify) {
    Target target = Target.of(url, headers);
    String path = pathOf(url);
    Collected answer = generator.ask(target, "HEAD", path);
    if (answer.status() != 200) {
      throw new BenchException("HEAD %s answers %d".formatted(url, answer.status()));
    }
    long size =
        answer
            .header("Content-Length")
            .filter(text -> text.matches("[0-9]{1,18}"))
            .map(Long::parseLong)
            .orElseThrow(() -> new BenchException("HEAD %s has no Content-Length".formatted(url)));
    if (size == 0) {
      throw new BenchException("%s is empty".formatted(url));
    }
    Optional<ReferenceBytes> reference = verify.map(ReferenceBytes::of);
    reference
        .filter(bytes -> bytes.size() != size)
        .ifPresent(bytes -> {
          throw new BenchException(
              "%s has %d bytes, but the file to verify it with %d"
                  .formatted(url, size, bytes.size()));
        });
    return new Blob(target, path, size, reference);
  }

  /** The same blob, with another target for the same server. */
  public Blob on(Target other) {
    return new Blob(other, path, size, reference);
  }

  private static String pathOf(URI url) {
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + '?' + url.getRawQuery();
  }
}
