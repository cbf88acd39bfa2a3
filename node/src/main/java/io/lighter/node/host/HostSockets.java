package io.lighter.node.host;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

/** Which services of the host answer. */
@FunctionalInterface
public interface HostSockets {
  /** Whether something accepts connections at a unix socket of the host. */
  boolean answers(String hostPath);

  /**
   * Sockets below the root folder; connecting to a unix socket needs its file, not its namespace.
   */
  static HostSockets below(HostFiles files) {
    return hostPath -> {
      try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        return channel.connect(UnixDomainSocketAddress.of(files.locate(hostPath)));
      } catch (IOException | IllegalArgumentException _) {
        return false;
      }
    };
  }
}
