package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.server.upstream.StaleReason;
import java.time.Instant;
import java.util.Optional;

/**
 * What a tag of an upstream names.
 *
 * @param digest the manifest, which is stored here
 * @param confirmedAt when upstream last said so
 * @param stale why upstream did not say so again, although it was time; to be told to the client in
 *     a {@code Warning} header
 */
public record ResolvedTag(Digest digest, Instant confirmedAt, Optional<StaleReason> stale) {}
