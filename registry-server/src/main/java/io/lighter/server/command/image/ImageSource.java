package io.lighter.server.command.image;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import java.io.IOException;
import java.nio.file.Path;

/** Where an image is read from. Methods block; what cannot be had is a {@link ConvertException}. */
interface ImageSource extends AutoCloseable {

  /** The manifest or index that the image's name means. */
  Manifest root() throws IOException;

  /** A manifest below it. */
  Manifest manifest(Digest digest) throws IOException;

  /**
   * A blob as a file, verified against its digest.
   *
   * @param progress told about bytes as they arrive
   */
  Path blob(Descriptor blob, Progress progress) throws IOException;

  @Override
  void close();
}
