package io.lighter.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What of this machine a figure depends on. */
public final class Machine {
  private Machine() {}

  /** Its properties by name, as result files have them. */
  public static Map<String, String> properties() {
    return Map.of(
        "processors", Integer.toString(Runtime.getRuntime().availableProcessors()),
        "system", System.getProperty("os.name") + ' ' + System.getProperty("os.version"),
        "java", System.getProperty("java.version"),
        "congestionControl", congestionControl());
  }

  /**
   * That of TCP; {@code unknown} where the system does not say. BBR paces what is sent over the
   * loopback too, and a long range then costs several times what it costs with CUBIC.
   */
  public static String congestionControl() {
    try {
      return Files.readString(Path.of("/proc/sys/net/ipv4/tcp_congestion_control")).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
