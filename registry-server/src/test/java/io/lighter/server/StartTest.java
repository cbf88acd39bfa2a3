package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands print that end by themselves: failed starts, and {@code config check}. */
class StartTest {
  @TempDir private Path directory;

  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final PrintStream standardOutput = System.out;

  private record Outcome(int exitCode, String out, String error) {}

  @BeforeEach
  void captureLog() {
    System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void releaseLog() {
    System.setOut(standardOutput);
  }

  @Test
  void serve_portInUse_printsOnlyTheAddressTheKeyAndWhatToDo() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      Path config = write("management: {listen: \"127.0.0.1:0\"}");

      Outcome outcome =
          run(
              "serve",
              "--config",
              config.toString(),
              "--data",
              directory.resolve("data").toString(),
              "--listen",
              address);

      assertThat(outcome.error())
          .isEqualTo(
              "lighter: http.listen: cannot listen on %s: another program listens there already; stop it, or choose another address with --listen HOST:PORT or http.listen%n"
                  .formatted(address));
      assertThat(outcome.exitCode()).isEqualTo(1);
      assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
    }
  }

  @Test
  void serve_addressOfAnotherMachine_saysSo() throws IOException {
    Path config = write("management: {listen: \"192.0.2.1:1\"}");

    Outcome outcome =
        run(
            "serve",
            "--config",
            config.toString(),
            "--data",
            directory.resolve("data").toString(),
            "--listen",
            "127.0.0.1:0");

    assertThat(outcome.error())
        .isEqualTo(
            "lighter: management.listen: cannot listen on 192.0.2.1:1: this machine does not have that address; choose another address with management.listen%n"
                .formatted());
  }

  @Test
  void serve_directoryThatCannotBeCreated_saysSo() {
    Outcome outcome = run("serve", "--data", "/proc/lighter");

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.error())
        .startsWith("lighter: the directory /proc/lighter cannot be created: ")
        .doesNotContain("full", "Exception");
    assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void serve_passwordFileMissing_doesNotStart() throws IOException {
    Path config =
        write(
            "upstreams: [{name: docker.io, endpoint: \"http://127.0.0.1:1\", username: me, passwordFile: /no/such/file}]");

    Outcome outcome = run("serve", "--config", config.toString());

    assertThat(outcome.error())
        .startsWith("lighter: upstreams[0].passwordFile: \"/no/such/file\" does not exist");
  }

  @Test
  void configCheck_values_arePrintedWithTheirOrigin() throws IOException {
    Path config = write("http: {maxRequests: 7}\nhosted: {sparse: [team/**]}");

    Outcome outcome =
        run(
            "config",
            "check",
            "--config",
            config.toString(),
            "--data",
            "/somewhere",
            "--upstream",
            "ghcr.io=http://127.0.0.1:1");

    assertThat(outcome.error()).isEmpty();
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out().lines())
        .contains(
            "http:",
            "  listen: \"127.0.0.1:30500\"",
            "  maxRequests: 7  # " + config,
            "  directory: \"/somewhere\"  # --data",
            "upstreams:",
            "  - {\"name\":\"docker.io\",\"endpoint\":\"https://registry-1.docker.io\"}",
            "  - {\"name\":\"ghcr.io\",\"endpoint\":\"http://127.0.0.1:1\"}  # --upstream ghcr.io",
            "  sparse:  # " + config,
            "    - \"team/**\"");
  }

  @Test
  void configCheck_output_isAConfigurationThatMeansTheSame() throws IOException {
    Path config = write("http: {maxRequests: 7}\nhosted: {sparse: [team/**]}");
    Outcome first = run("config", "check", "--config", config.toString(), "--data", "/a b: c");
    Path printed = write(first.out());
    Outcome second = run("config", "check", "--config", printed.toString());

    assertThat(first.exitCode()).isZero();
    assertThat(withoutOrigins(second.out())).isEqualTo(withoutOrigins(first.out()));
  }

  @Test
  void configCheck_badValue_exitsWithTheReason() throws IOException {
    Path config = write("http: {maxRequests: 0}");

    Outcome outcome = run("config", "check", "--config", config.toString());

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.error())
        .isEqualTo(
            "lighter: http.maxRequests (%s): \"0\" is not allowed; allowed: 1 or more%n"
                .formatted(config));
  }

  private static String withoutOrigins(String yaml) {
    return yaml.replaceAll("  # .*", "");
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(Files.createTempFile(directory, "lighter", ".yaml"), yaml);
  }

  private static Outcome run(String... arguments) {
    var out = new StringWriter();
    var error = new StringWriter();
    int exitCode =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(error, true))
            .execute(arguments);
    return new Outcome(exitCode, out.toString(), error.toString());
  }
}
