/**
 * Pull-through: what upstreams have, kept here from the first time somebody asks for it. When a tag
 * is asked about again, and how one download serves every client that wants the blob.
 *
 * <p>Read {@link io.lighter.server.pullthrough.PullThrough}, then {@link
 * io.lighter.server.pullthrough.FetchTable}. All code here blocks and runs on virtual threads. How
 * upstreams are talked to is in {@code server.upstream}.
 */
@NullMarked
package io.lighter.server.pullthrough;

import org.jspecify.annotations.NullMarked;
