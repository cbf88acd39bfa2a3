package io.lighter.node.plan;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A file that has to be on the node, whole. */
public final class DesiredFile {
  private static final String READABLE = "rw-r--r--";
  private static final String EXECUTABLE = "rwxr-xr-x";

  private final String path;
  private final byte[] content;
  private final String mode;
  private final Optional<RestartUnit> reader;

  private DesiredFile(String path, byte[] content, String mode, Optional<RestartUnit> reader) {
    this.path = path;
    this.content = content;
    this.mode = mode;
    this.reader = reader;
  }

  /** A file that its reader looks at whenever it needs it. */
  public static DesiredFile readAnytime(String path, String text) {
    return new DesiredFile(path, text.getBytes(StandardCharsets.UTF_8), READABLE, Optional.empty());
  }

  /** A file that a service reads only when it starts. */
  public static DesiredFile readAtStart(String path, String text, RestartUnit reader) {
    return new DesiredFile(
        path, text.getBytes(StandardCharsets.UTF_8), READABLE, Optional.of(reader));
  }

  /** A program that a service consists of. */
  public static DesiredFile program(String path, byte[] content, RestartUnit reader) {
    return new DesiredFile(path, content, EXECUTABLE, Optional.of(reader));
  }

  /** Where it is on the host. */
  public String path() {
    return path;
  }

  public byte[] content() {
    return content;
  }

  public String text() {
    return new String(content, StandardCharsets.UTF_8);
  }

  /** Permissions, if there was no such file. */
  public String mode() {
    return mode;
  }

  public boolean isProgram() {
    return mode.equals(EXECUTABLE);
  }

  /** The service that has to start anew to see it. */
  public Optional<RestartUnit> reader() {
    return reader;
  }
}
