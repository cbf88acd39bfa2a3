package io.lighter.conversion;

import io.lighter.oci.Manifest;

/**
 * An image whose layers were converted.
 *
 * @param manifest the new manifest
 * @param config the configuration it names; the original bytes if no layer's content changed
 */
@SuppressWarnings("ArrayRecordComponent") // Carried to the store, never compared.
public record ConvertedImage(Manifest manifest, byte[] config) {}
