/**
 * Turns container layers and images into eStargz, which lazy clients can mount before they have the
 * bytes. A pure library: bytes in, bytes out; no network, no store, and of Lighter's own packages
 * only the OCI vocabulary.
 *
 * <p>{@link io.lighter.conversion.LayerConverter} rewrites one layer in one streaming pass; {@link
 * io.lighter.conversion.ImageConverter} rewrites configuration, manifest and index around the
 * result. A layer either unpacks and mounts to exactly what the source unpacks to, or is refused
 * with a {@link io.lighter.conversion.ConversionException}.
 */
@NullMarked
package io.lighter.conversion;

import org.jspecify.annotations.NullMarked;
