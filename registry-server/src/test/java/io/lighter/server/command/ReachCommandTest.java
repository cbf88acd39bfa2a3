package io.lighter.server.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ReachCommandTest {
  private final StringWriter said = new StringWriter();

  private int run(String... arguments) {
    var out = new PrintWriter(said, true);
    return new CommandLine(new ReachCommand()).setOut(out).setErr(out).execute(arguments);
  }

  /** Answers each connection on loopback with a status line. */
  private static ServerSocket answering(String head) throws IOException {
    var server = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual()
        .start(() -> {
          while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
              socket.getOutputStream().write((head + "\r\n\r\n").getBytes(US_ASCII));
            } catch (IOException _) {
              // The test is over, or the client has left.
            }
          }
        });
    return server;
  }

  @Test
  void reach_registryAnswers_says0AndWhere() throws IOException {
    try (ServerSocket server = answering("HTTP/1.1 200 OK")) {
      int status = run("--node", "n1", "--port", Integer.toString(server.getLocalPort()));

      assertThat(status).isZero();
      assertThat(said.toString())
          .contains("n1 reaches the registry at 127.0.0.1:" + server.getLocalPort())
          .containsPattern(
              "loopback, IPv6 .*refused|loopback, IPv6 .*unreachable|loopback, IPv6 .*assign");
    }
  }

  @Test
  void reach_registryAsksWhoItIs_answers() throws IOException {
    try (ServerSocket server =
        answering("HTTP/1.1 401 Unauthorized\r\nDocker-Distribution-API-Version: registry/2.0")) {
      assertThat(run("--port", Integer.toString(server.getLocalPort()))).isZero();
    }
  }

  @Test
  void reach_nobodyListens_says1AndWhatToDo() throws IOException {
    int free;
    try (ServerSocket server = answering("")) {
      free = server.getLocalPort();
    }

    assertThat(run("--port", Integer.toString(free), "--timeout", "600ms")).isEqualTo(1);
    assertThat(said.toString()).contains("does not reach", "set reach.mode=forwarder");
    assertThat(run("--port", Integer.toString(free), "--timeout", "0", "--report-only")).isZero();
  }

  @Test
  void reach_somethingElseAnswers_isNoRegistry() throws IOException {
    try (ServerSocket server = answering("SSH-2.0-OpenSSH_9.2");
        ServerSocket starting = answering("HTTP/1.1 503 Service Unavailable")) {
      assertThat(run("--timeout", "0", "--port", Integer.toString(server.getLocalPort())))
          .isEqualTo(1);
      assertThat(said.toString()).contains("no registry is there");
      assertThat(run("--timeout", "0", "--port", Integer.toString(starting.getLocalPort())))
          .isEqualTo(1);
      assertThat(said.toString()).contains("answers 503");
    }
  }

  @Test
  void reach_byService_asksThatAddressFirst() throws IOException {
    try (ServerSocket server = answering("HTTP/1.1 200 OK")) {
      int status =
          run(
              "--mode",
              "clusterIP",
              "--service",
              "127.0.0.1",
              "--port",
              Integer.toString(server.getLocalPort()));

      assertThat(status).isZero();
      assertThat(said.toString()).startsWith("  Service ");
    }
  }
}
