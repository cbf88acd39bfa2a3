package io.lighter.storage;

import io.lighter.oci.RepositoryName;
import java.time.Instant;

/**
 * An upload that a client has begun.
 *
 * @param id name of the upload
 * @param repository the only repository it can be finished in
 * @param startedAt when it was begun
 */
public record UploadRecord(UploadId id, RepositoryName repository, Instant startedAt) {}
