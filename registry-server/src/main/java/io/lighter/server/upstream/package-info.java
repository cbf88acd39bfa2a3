/**
 * The client of other registries: which one a request means, and how that one is asked.
 *
 * <p>Read {@link io.lighter.server.upstream.Namespaces}, then {@link
 * io.lighter.server.upstream.UpstreamRegistry}. All code here blocks and runs on virtual threads.
 * It talks to upstreams through the JDK's HTTP client and not through Vert.x: a download is then a
 * plain loop that reads, writes and retries, and its bytes never cross an event loop that could be
 * busy with clients.
 *
 * <p>HTTP/1.1 only, so that one connection carries one answer and a slow blob cannot hold up a
 * manifest. Redirects are followed here and not by the client, because credentials must not travel.
 */
@NullMarked
package io.lighter.server.upstream;

import org.jspecify.annotations.NullMarked;
