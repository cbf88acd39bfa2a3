package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import java.time.Instant;

/**
 * What a tag of an upstream names.
 *
 * @param digest the manifest, which is stored here
 * @param confirmedAt when upstream last said so
 * @param stale whether upstream should have been asked again and did not answer; to be told to the
 *     client in a {@code Warning} header
 */
public record ResolvedTag(Digest digest, Instant confirmedAt, boolean stale) {}
