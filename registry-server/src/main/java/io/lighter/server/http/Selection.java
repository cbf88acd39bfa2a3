package io.lighter.server.http;

import io.lighter.server.content.View;
import io.vertx.core.MultiMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which view of some content a GET or HEAD wants, which part of it, and on which condition: its
 * headers of RFC 9110, sections 13 and 14, as they were sent, and the one that names the view.
 *
 * @param view the {@link View#HEADER}, empty if there is none
 * @param range the {@code Range}, null if there is none
 * @param ifRange the {@code If-Range}, null if there is none
 * @param ifNoneMatch the {@code If-None-Match}, null if there is none
 */
record Selection(
    String view, @Nullable String range, @Nullable String ifRange, @Nullable String ifNoneMatch) {

  /** What these headers say. */
  static Selection of(MultiMap headers) {
    return new Selection(
        Objects.requireNonNullElse(headers.get(View.HEADER), ""),
        headers.get("Range"),
        headers.get("If-Range"),
        headers.get("If-None-Match"));
  }

  /** The same with another range. */
  Selection range(@Nullable String other) {
    return new Selection(view, other, ifRange, ifNoneMatch);
  }
}
