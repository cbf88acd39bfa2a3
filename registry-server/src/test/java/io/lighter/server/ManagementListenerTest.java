package io.lighter.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagementListenerTest {
  @TempDir private Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, 1);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void get_byLoopback_answersItsOwnNamesOnly() throws IOException {
    for (String path : new String[] {"/metrics", "/admin/overview", "/ui/"}) {
      for (String own : new String[] {"localhost:1", "127.0.0.1", "127.3.2.1:80", "[::1]:9"}) {
        assertThat(status(path, own)).as(path + " at " + own).isEqualTo(200);
      }
      for (String other : new String[] {"evil.example", "localhost.evil.example:80", "10.0.0.1"}) {
        assertThat(status(path, other)).as(path + " at " + other).isEqualTo(403);
      }
    }
    assertThat(status("/health/ready", "probe.example")).isEqualTo(200);
  }

  private int status(String path, String host) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.managementPort())) {
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                  .formatted(path, host)
                  .getBytes(US_ASCII));
      String answer = new String(socket.getInputStream().readNBytes(12), US_ASCII);
      return Integer.parseInt(answer.substring(9));
    }
  }
}
