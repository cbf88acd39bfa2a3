package io.lighter.storage;

import io.lighter.oci.Digest;
import java.time.Instant;

/**
 * What a tag names. Always the original manifest, whatever was converted from it.
 *
 * @param digest the manifest
 * @param confirmedAt when the tag was last pushed here, or last confirmed by its upstream
 */
public record TagRecord(Digest digest, Instant confirmedAt) {}
