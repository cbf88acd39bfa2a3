/**
 * The vocabulary of the OCI specifications as validated value types: an object of this package that
 * exists is well-formed. Nothing here does I/O, and every other package may depend on this one.
 *
 * <p>Grammar: OCI Distribution Specification 1.1, "Pulling manifests" (names, tags) and OCI Image
 * Specification 1.1, "Digests" and "Content Descriptors".
 */
@NullMarked
package io.lighter.oci;

import org.jspecify.annotations.NullMarked;
