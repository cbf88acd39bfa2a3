package io.lighter.server.config;

import io.lighter.server.content.ImageName;
import io.lighter.server.content.PlatformPattern;
import io.lighter.server.prefetch.PrefetchSchedule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** An image that is pulled ahead, as it is configured. */
public record PullConfig(
    @Key("name with tag or digest; without one it is `latest`") String image,
    @Key(
            value = "which images of an index: `OS/ARCHITECTURE[/VARIANT]`",
            shown = "the server's own")
        Optional<List<String>> platforms,
    @Key(value = "time from the end of a pull to the next one; `1s` or more", shown = "`1h`")
        Optional<Duration> every) {
  private static final Duration DEFAULT_INTERVAL = Duration.ofHours(1);

  public PullConfig {
    platforms = platforms.map(List::copyOf);
    if (every.filter(interval -> interval.compareTo(Duration.ofSeconds(1)) < 0).isPresent()) {
      throw new IllegalArgumentException("every: less than 1s is not allowed; allowed: 1s or more");
    }
    var _ = entry(image, platforms, every);
  }

  PrefetchSchedule.Entry entry() {
    return entry(image, platforms, every);
  }

  /** Static, so that the constructor can have the values checked. */
  private static PrefetchSchedule.Entry entry(
      String image, Optional<List<String>> platforms, Optional<Duration> every) {
    return new PrefetchSchedule.Entry(
        ImageName.parse(image),
        platforms.orElse(List.of()).stream().map(PlatformPattern::new).toList(),
        every.orElse(DEFAULT_INTERVAL));
  }
}
