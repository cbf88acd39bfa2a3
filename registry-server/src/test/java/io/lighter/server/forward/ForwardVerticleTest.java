package io.lighter.server.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.server.TestCertificates;
import io.lighter.server.command.StartException;
import io.lighter.server.config.ListenAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forwarder between real sockets. */
class ForwardVerticleTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ServerSocket target;

  ForwardVerticleTest() throws IOException {
    target = listen(0);
  }

  @AfterEach
  void stop() throws IOException {
    target.close();
    threads.shutdownNow();
  }

  private static ServerSocket listen(int port) throws IOException {
    var socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  private ForwardVerticle.Forwarding forward(Duration hold, int maxConnections) {
    return forward(target, false, hold, maxConnections);
  }

  private static ForwardVerticle.Forwarding forward(
      ServerSocket target, boolean tls, Duration hold, int maxConnections) {
    return ForwardVerticle.open(
        new ForwardVerticle.Settings(
            new ListenAddress("127.0.0.1", 0),
            new ListenAddress("127.0.0.1", target.getLocalPort()),
            tls,
            hold,
            maxConnections));
  }

  /** Answers the question whether a registry is there, and leaves the connection open. */
  private static Socket greet(ServerSocket server, String... headers) throws IOException {
    server.setSoTimeout((int) LONG.toMillis());
    Socket socket = server.accept();
    socket.setSoTimeout((int) LONG.toMillis());
    var asked = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    assertThat(asked.readLine()).isEqualTo("GET /v2/ HTTP/1.1");
    assertThat(asked.lines().takeWhile(line -> !line.isEmpty()))
        .contains("user-agent: lighter-forward");
    String head =
        "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n" + String.join("\r\n", headers);
    socket.getOutputStream().write((head + "\r\n\r\n").getBytes(UTF_8));
    return socket;
  }

  private static Socket greetAsRegistry(ServerSocket server) throws IOException {
    return greet(server, "Docker-Distribution-Api-Version: registry/2.0");
  }

  private static Socket connect(ForwardVerticle.Forwarding forwarder) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), forwarder.port());
    socket.setSoTimeout((int) LONG.toMillis());
    return socket;
  }

  /** Answers one connection with what it asked, twice. */
  private CompletableFuture<Void> echoOnce(ServerSocket server) {
    return CompletableFuture.runAsync(
        () -> {
          try (Socket socket = server.accept()) {
            byte[] asked = socket.getInputStream().readNBytes(4);
            socket.getOutputStream().write(asked);
            socket.getOutputStream().write(asked);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        threads);
  }

  private static String ask(Socket socket) throws IOException {
    socket.getOutputStream().write("ping".getBytes(UTF_8));
    return new String(socket.getInputStream().readAllBytes(), UTF_8);
  }

  @Test
  void connection_bothDirections_areCopiedUntilTheEnd() throws Exception {
    try (var forwarder = forward(LONG, 10);
        Socket _ = greetAsRegistry(target)) {
      var _ = echoOnce(target);
      try (Socket client = connect(forwarder)) {
        assertThat(ask(client)).isEqualTo("pingping");
      }
    }
  }

  @Test
  void connection_slowReader_getsEveryByteAlthoughTheSenderHasLeft() throws Exception {
    byte[] body = new byte[48 << 20];
    new Random(1).nextBytes(body);
    try (var forwarder = forward(LONG, 10);
        Socket _ = greetAsRegistry(target)) {
      var sent =
          CompletableFuture.runAsync(
              () -> {
                try (Socket socket = target.accept()) {
                  socket.getOutputStream().write(body);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              },
              threads);
      try (Socket client = connect(forwarder)) {
        InputStream in = client.getInputStream();
        byte[] first = in.readNBytes(1);
        // The buffers on the way are far smaller than the body: the sender has to wait for us.
        assertThat(sent).isNotDone();
        byte[] rest = in.readAllBytes();
        assertThat(first[0]).isEqualTo(body[0]);
        assertThat(Arrays.equals(rest, 0, rest.length, body, 1, body.length)).isTrue();
      }
      sent.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void connection_targetIsAwayForAWhile_waitsForIt() throws Exception {
    int port = target.getLocalPort();
    target.close();
    try (var forwarder = forward(LONG, 10);
        Socket first = connect(forwarder);
        Socket second = connect(forwarder)) {
      first.setSoTimeout(300);
      assertThatThrownBy(() -> first.getInputStream().read())
          .isInstanceOf(java.net.SocketTimeoutException.class);
      first.setSoTimeout((int) LONG.toMillis());
      try (ServerSocket again = listen(port)) {
        try (Socket _ = greetAsRegistry(again)) {
          var _ = echoOnce(again);
          var _ = echoOnce(again);
          assertThat(ask(first)).isEqualTo("pingping");
          assertThat(ask(second)).isEqualTo("pingping");
        }
      }
    }
  }

  @Test
  void connection_whatIsThereIsNoRegistry_waitsForOne() throws Exception {
    try (var forwarder = forward(LONG, 10);
        Socket client = connect(forwarder)) {
      greet(target, "Server: somebody else").close();
      var _ = greet(target, "X: y"); // It keeps its connection.
      try (Socket _ = greetAsRegistry(target)) {
        var _ = echoOnce(target);
        assertThat(ask(client)).isEqualTo("pingping");
      }
    }
  }

  @Test
  void connection_registryHasGoneUnnoticed_isNotLedToWhoIsThereInstead() throws Exception {
    try (var forwarder = forward(LONG, 10)) {
      Socket there = greetAsRegistry(target);
      var _ = echoOnce(target);
      try (Socket client = connect(forwarder)) {
        assertThat(ask(client)).isEqualTo("pingping");
      }
      there.close();
      greet(target, "Server: somebody else").close();
      try (Socket client = connect(forwarder)) {
        // Whatever comes is the forwarder's question, and not the client.
        for (int i = 0; i < 5; i++) {
          greet(target, "Server: somebody else").close();
        }
        try (Socket _ = greetAsRegistry(target)) {
          var _ = echoOnce(target);
          assertThat(ask(client)).isEqualTo("pingping");
        }
      }
    }
  }

  /** The address of a pod that has gone takes no connection, and refuses none. */
  @Test
  void connection_targetIsSilentForAWhile_isLedSoonAfterIt() throws Exception {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var waiting = new ArrayList<Socket>();
      for (int i = 0; i < 2; i++) { // As many as the kernel keeps; it leaves more unanswered.
        waiting.add(new Socket(silent.getInetAddress(), silent.getLocalPort()));
      }
      try (var forwarder = forward(silent, false, LONG, 10);
          Socket client = connect(forwarder)) {
        // The kernel repeats one attempt after 1, 3, 7 and 15 s, or 1, 2, 3, 4, 5, 7, 11 and 19 s.
        TimeUnit.SECONDS.sleep(12);
        for (Socket each : waiting) {
          each.close();
          silent.accept().close();
        }
        long startedAt = System.nanoTime();
        try (Socket _ = greetAsRegistry(silent)) {
          var _ = echoOnce(silent);
          assertThat(ask(client)).isEqualTo("pingping");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
            .isLessThan(Duration.ofMillis(2500));
      }
    }
  }

  @Test
  void connection_registrySpeaksTls_isRecognisedWithoutTrustInItsCertificate(@TempDir Path keys)
      throws Exception {
    var certificates = TestCertificates.in(keys);
    certificates.sign("one", "CN=one");
    SSLContext context = certificates.client("one");
    try (ServerSocket encrypted =
            context
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        var forwarder = forward(encrypted, true, LONG, 10);
        Socket _ = greetAsRegistry(encrypted)) {
      var _ = echoOnce(encrypted);
      try (Socket client =
          context.getSocketFactory().createSocket(connect(forwarder), "localhost", 1, true)) {
        assertThat(ask(client)).isEqualTo("pingping");
      }
    }
  }

  @Test
  void connection_registryEndsEachConnection_isLedAllTheSame() throws Exception {
    try (var forwarder = forward(LONG, 10)) {
      greet(target, "Docker-Distribution-Api-Version: registry/2.0", "Connection: close").close();
      var _ = echoOnce(target);
      try (Socket client = connect(forwarder)) {
        assertThat(ask(client)).isEqualTo("pingping");
      }
    }
  }

  @Test
  void connection_targetStaysAway_isClosedInTimeAndTheNextAtOnce() throws Exception {
    target.close();
    try (var forwarder = forward(Duration.ofSeconds(2), 10)) {
      long startedAt = System.nanoTime();
      try (Socket client = connect(forwarder)) {
        assertThat(readToEnd(client)).isEqualTo(-1);
      }
      Duration held = Duration.ofNanos(System.nanoTime() - startedAt);
      assertThat(held).isBetween(Duration.ofMillis(1900), Duration.ofSeconds(15));
      startedAt = System.nanoTime();
      try (Socket client = connect(forwarder)) {
        assertThat(readToEnd(client)).isEqualTo(-1);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt)).isLessThan(held);
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
          .isLessThan(Duration.ofMillis(1500));
    }
  }

  private static int readToEnd(Socket client) throws IOException {
    try {
      return client.getInputStream().read();
    } catch (SocketException _) {
      return -1; // A reset is an end as well.
    }
  }

  @Test
  void connection_oneTooMany_isClosedAndItsPlaceIsFreeLater() throws Exception {
    try (var forwarder = forward(LONG, 1);
        Socket _ = greetAsRegistry(target)) {
      try (Socket held = connect(forwarder)) {
        Socket there = target.accept();
        try (Socket tooMany = connect(forwarder)) {
          assertThat(readToEnd(tooMany)).isEqualTo(-1);
        }
        there.close();
        assertThat(readToEnd(held)).isEqualTo(-1);
      }
      var _ = echoOnce(target);
      await()
          .atMost(LONG)
          .ignoreExceptions()
          .until(() -> {
            try (Socket client = connect(forwarder)) {
              return ask(client).equals("pingping");
            }
          });
    }
  }

  @Test
  void clientLeaves_targetSeesTheEnd() throws Exception {
    try (var forwarder = forward(LONG, 1);
        Socket _ = greetAsRegistry(target)) {
      Socket client = connect(forwarder);
      try (Socket there = target.accept()) {
        there.setSoTimeout((int) LONG.toMillis());
        client.close();
        assertThat(readToEnd(there)).isEqualTo(-1);
      }
    }
  }

  @Test
  void open_addressIsNotHere_saysSo() {
    var settings =
        new ForwardVerticle.Settings(
            new ListenAddress("192.0.2.1", 1), new ListenAddress("127.0.0.1", 1), false, LONG, 1);

    assertThatThrownBy(() -> ForwardVerticle.open(settings))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("this machine does not have that address");
  }
}
