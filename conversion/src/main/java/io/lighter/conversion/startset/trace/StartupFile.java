package io.lighter.conversion.startset.trace;

import io.lighter.conversion.startset.image.ImageFile;

/**
 * A file that a start is expected to read.
 *
 * @param file a regular file
 * @param reason why
 */
public record StartupFile(ImageFile file, Reason reason) {}
