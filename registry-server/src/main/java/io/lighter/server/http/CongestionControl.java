package io.lighter.server.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The congestion control of this machine's TCP: what decides when the bytes that a server has
 * written go out.
 *
 * @param name as {@code net.ipv4.tcp_congestion_control} has it
 */
record CongestionControl(String name) {
  private static final Set<String> SEND_AT_ONCE = Set.of("cubic", "reno");

  /**
   * That of the network that this process is in. Read once: a connection keeps what it began with,
   * and so may this.
   */
  static final CongestionControl HERE = from(Path.of("/proc/sys/net/ipv4/tcp_congestion_control"));

  static CongestionControl from(Path setting) {
    try {
      return new CongestionControl(Files.readString(setting).strip());
    } catch (IOException e) {
      return new CongestionControl(""); // Another system, or one that hides it.
    }
  }

  /**
   * Whether it is known to send what the windows allow at once. Others, as BBR, spread it over time
   * by timers of their own.
   */
  boolean sendsAtOnce() {
    return SEND_AT_ONCE.contains(name);
  }
}
