package io.lighter.storage;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;

/**
 * A name whose content is missing.
 *
 * @param repository where the name is
 * @param digest the content that it names
 * @param problem what kind of name it is and what is missing
 */
public record Dangling(RepositoryName repository, Digest digest, String problem) {}
