package io.lighter.server.admin;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * Something for whoever looks into a running server: {@code GET /debug/<name>}. Thread-safe;
 * changes nothing that is served.
 */
public interface DebugPage {
  /** The type of a page that is text. */
  String TEXT = "text/plain; charset=utf-8";

  /** Its path below {@code /debug/}. */
  String name();

  /** What it shows, in one sentence. */
  String summary();

  /** Query parameters that it knows; a request with any other is refused. */
  default Set<String> parameters() {
    return Set.of();
  }

  /** The {@code Content-Type}. */
  default String type() {
    return TEXT;
  }

  /**
   * Makes the page; blocks as long as that takes.
   *
   * @return its bytes, closed by the caller
   * @throws AdminException.Invalid if the request makes no sense
   * @throws AdminException.Busy if it is being made already, and may not be twice
   * @throws InterruptedException if nobody waits for it any more
   */
  InputStream open(AdminRequest request) throws IOException, InterruptedException;
}
