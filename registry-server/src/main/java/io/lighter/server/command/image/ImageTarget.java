package io.lighter.server.command.image;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where an image is written to. Nothing names what was put here before {@link #finish}. Methods
 * block.
 */
interface ImageTarget extends AutoCloseable {

  /** Whether a blob is here already, or can be made to be without its bytes. */
  boolean has(Digest blob) throws IOException;

  /** Adds a blob, whose digest was verified. */
  void blob(Digest digest, Path content) throws IOException;

  /** Adds a manifest whose blobs and children are here. */
  void manifest(Manifest manifest) throws IOException;

  /** Gives the image its name; its manifest is here. */
  void finish(Manifest root) throws IOException;

  @Override
  void close();
}
