package io.lighter.storage;

/**
 * What was pushed to a namespace.
 *
 * @param namespace see {@link io.lighter.oci.RepositoryName#namespace}
 * @param bytes blobs that its hosted repositories link, each once, without what was converted here
 */
public record NamespaceBytes(String namespace, long bytes) {}
