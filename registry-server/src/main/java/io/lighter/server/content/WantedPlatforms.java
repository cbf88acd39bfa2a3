package io.lighter.server.content;

import io.lighter.oci.Platform;
import java.util.List;

/**
 * Which images of an index are to be converted.
 *
 * @param listed patterns; empty for those that clients have pulled or pushed, whatever they are for
 */
public record WantedPlatforms(List<PlatformPattern> listed) {

  /** The one word that is not a pattern. */
  public static final String PULLED = "pulled";

  /** Whatever clients pull or push. */
  public static final WantedPlatforms AS_PULLED = new WantedPlatforms(List.of());

  public WantedPlatforms {
    listed = List.copyOf(listed);
  }

  /**
   * Parses the word {@value #PULLED} or a list of patterns.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static WantedPlatforms parse(List<String> texts) {
    if (texts.equals(List.of(PULLED))) {
      return AS_PULLED;
    }
    if (texts.isEmpty() || texts.contains(PULLED)) {
      throw new IllegalArgumentException(
          "%s is not allowed; allowed: %s alone, or one platform or more such as linux/amd64"
              .formatted(texts, PULLED));
    }
    return new WantedPlatforms(texts.stream().map(PlatformPattern::new).toList());
  }

  /** Whether it is clients who decide. */
  public boolean asPulled() {
    return listed.isEmpty();
  }

  /** Whether a platform is on the list. Never if there is none. */
  public boolean lists(Platform platform) {
    return listed.stream().anyMatch(pattern -> pattern.matches(platform));
  }
}
