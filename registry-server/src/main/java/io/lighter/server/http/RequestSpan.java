package io.lighter.server.http;

import io.lighter.server.observe.RequestRecord;
import io.lighter.server.trace.Span;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a request to whoever reads traces, in the words of OpenTelemetry's semantic
 * conventions for HTTP, and in our own where they have none.
 */
final class RequestSpan {
  private RequestSpan() {}

  /**
   * Ends the work on a request.
   *
   * @param endpoint what its path means; null if that was not looked at, or nothing
   */
  static void end(Span span, RequestRecord request, @Nullable Endpoint endpoint) {
    if (span.isRecorded()) {
      describe(span, request, endpoint);
    }
    span.close();
  }

  private static void describe(Span span, RequestRecord request, @Nullable Endpoint endpoint) {
    String method = request.knownMethod();
    span.set("http.request.method", method.equals(RequestRecord.OTHER) ? "_OTHER" : method);
    if (endpoint == null) {
      span.rename("HTTP");
    } else {
      span.rename(method + ' ' + endpoint.route());
      span.set("http.route", endpoint.route());
      if (!endpoint.repository().isEmpty()) {
        span.set("lighter.repository", endpoint.repository());
      }
    }
    span.set("http.response.status_code", request.status());
    span.set("http.response.body.size", request.bytes());
    span.set("lighter.client", request.client());
    span.set("lighter.request.id", request.id());
    if (!request.range().isEmpty()) {
      span.set("http.request.header.range", request.range());
    }
    if (request.status() >= 500) {
      span.failed("answered with " + request.status());
    }
  }
}
