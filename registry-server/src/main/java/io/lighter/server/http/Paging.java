package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import java.util.List;
import java.util.function.Function;

/**
 * The {@code n} and {@code last} of a listing (OCI Distribution Specification, "Listing Tags").
 * Pure.
 *
 * @param limit how many entries the client gets at most
 * @param after only entries greater than this
 */
record Paging(int limit, String after) {

  /** Most entries in one answer, whatever the client asks for; a link leads on. */
  static final int MAX = 10_000;

  /** Parses the query of a listing. */
  static Paging parse(Query query) {
    String after = query.first("last").orElse("");
    return query.first("n").map(n -> new Paging(limit(n), after)).orElse(new Paging(MAX, after));
  }

  private static int limit(String n) {
    if (n.isEmpty() || !n.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw ProtocolException.of(
          OciErrorCode.UNSUPPORTED, 400, "n must be a whole number from 0, not \"" + n + '"');
    }
    return n.length() > 9 ? MAX : Math.min(MAX, Integer.parseInt(n));
  }

  /**
   * One page of a listing.
   *
   * @param entries entries of the page
   * @param more whether others follow
   */
  record Page<T>(List<T> entries, boolean more) {}

  /** Reads one entry more than the page holds, to know whether others follow. */
  <T> Page<T> page(Function<Integer, List<T>> read) {
    if (limit == 0) {
      return new Page<>(List.of(), false);
    }
    List<T> found = read.apply(limit + 1);
    return found.size() <= limit
        ? new Page<>(found, false)
        : new Page<>(List.copyOf(found.subList(0, limit)), true);
  }

  /** A {@code Link} to the page behind {@code last}; relative, with every other parameter kept. */
  String link(String path, String last, Query query) {
    var target = new StringBuilder(path).append("?n=").append(limit).append("&last=");
    target.append(Query.encode(last));
    for (Query.Parameter parameter : query.parameters()) {
      if (!parameter.name().equals("n") && !parameter.name().equals("last")) {
        target
            .append('&')
            .append(Query.encode(parameter.name()))
            .append('=')
            .append(Query.encode(parameter.value()));
      }
    }
    return "<" + target + ">; rel=\"next\"";
  }
}
