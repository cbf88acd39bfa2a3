package io.lighter.server.http.range;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The {@code Content-Range} of an uploaded chunk: {@code <first>-<last>}, without unit and total
 * (OCI Distribution Specification, "Pushing a blob in chunks"). Pure.
 */
public record ContentRange(long first, long last) {
  private static final Pattern GRAMMAR = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

  /** Length of the chunk in bytes. */
  public long length() {
    return last - first + 1;
  }

  /** Parses the header; empty if it does not match the grammar or ends before it begins. */
  public static Optional<ContentRange> parse(String header) {
    var matcher = GRAMMAR.matcher(header.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    var range =
        new ContentRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    return range.last < range.first ? Optional.empty() : Optional.of(range);
  }
}
