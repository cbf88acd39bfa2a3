/**
 * HTTP in, HTTP out. {@link io.lighter.server.http.RegistryVerticle} receives a request on an event
 * loop, {@link io.lighter.server.http.OciPath} says which endpoint it means, one handler class per
 * endpoint family turns it into an {@link io.lighter.server.http.Answer} on a virtual thread, and
 * {@link io.lighter.server.http.Responder} writes that answer. Headers and status codes are decided
 * in the handlers and in {@link io.lighter.server.http.ErrorAnswers}, nowhere else.
 *
 * <p>Bytes cross between event loop and virtual threads in two classes only: {@link
 * io.lighter.server.http.RequestBody} on the way in and {@link io.lighter.server.http.BlobStreamer}
 * on the way out.
 */
@NullMarked
package io.lighter.server.http;

import org.jspecify.annotations.NullMarked;
