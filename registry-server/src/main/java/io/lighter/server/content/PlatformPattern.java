package io.lighter.server.content;

import io.lighter.oci.Descriptor;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.Platform;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A platform that images are wanted for.
 *
 * @param text operating system and architecture, and perhaps a variant; without one it means any
 */
public record PlatformPattern(String text) {
  private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?");

  /**
   * A pattern.
   *
   * @throws IllegalArgumentException if it does not look like a platform
   */
  public PlatformPattern {
    if (!GRAMMAR.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not allowed; allowed: OS/ARCHITECTURE[/VARIANT] such as linux/amd64 or linux/arm/v7"
              .formatted(text));
    }
  }

  /** Containers of the machine that this runs on. */
  public static PlatformPattern local() {
    String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return new PlatformPattern(
        "linux/"
            + switch (architecture) {
              case "x86_64", "amd64" -> "amd64";
              case "aarch64", "arm64" -> "arm64";
              default -> architecture;
            });
  }

  /** Whether a platform is one of those that are wanted. */
  public boolean matches(Platform platform) {
    String name = platform.toString();
    return name.equals(text) || name.startsWith(text + '/');
  }

  /**
   * The first of an index's manifests that is for such a platform.
   *
   * @throws IllegalArgumentException if none is; it says for which there are some
   */
  public Descriptor choose(ManifestView index) {
    List<Descriptor> children =
        index.manifests().stream()
            .filter(child -> MediaTypes.isManifest(child.mediaType()))
            .toList();
    return children.stream()
        .filter(child -> child.platform().filter(this::matches).isPresent())
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "it has nothing for %s; it has %s"
                    .formatted(
                        this, children.stream().flatMap(c -> c.platform().stream()).toList())));
  }

  @Override
  public String toString() {
    return text;
  }
}
