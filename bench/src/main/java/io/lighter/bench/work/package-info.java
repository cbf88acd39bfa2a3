/**
 * What is asked of a registry: ranges, whole blobs, manifests, uploads; and one measured run of it.
 */
@NullMarked
package io.lighter.bench.work;

import org.jspecify.annotations.NullMarked;
