package io.lighter.server.observe;

import java.time.Duration;

/**
 * A request that has been answered.
 *
 * @param id names the request
 * @param client address of the client
 * @param method HTTP method
 * @param uri path and query as they were sent
 * @param endpoint kind of endpoint, one of a small fixed set
 * @param status status of the answer; 499 if the client left before it was out
 * @param bytes bytes of the body that were sent
 * @param duration from the end of the request's headers to the end of the answer
 * @param userAgent what the client calls itself, empty if nothing
 * @param range the {@code Range} header, empty if none
 */
public record RequestRecord(
    String id,
    String client,
    String method,
    String uri,
    String endpoint,
    int status,
    long bytes,
    Duration duration,
    String userAgent,
    String range) {}
