package io.lighter.server.command;

import picocli.CommandLine;

/** The version of this build: what {@code --version} prints, and converted images name. */
public final class Version implements CommandLine.IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"lighter " + text()};
  }

  /** The version out of the jar; {@code (unpackaged)} for classes that are in none. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "(unpackaged)" : version;
  }
}
