package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lighter images}, {@code conversions}, {@code upstreams} and {@code completion}. */
class LookCommandsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Nobody listens there. */
  private static final URI NOBODY = URI.create("http://127.0.0.1:1");

  @TempDir private Path data;

  /** How a command ended, and what it wrote. */
  private record Ended(int code, String out, String err) {}

  private static Ended run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine commands =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = commands.execute(arguments);
    return new Ended(code, out.toString(), err.toString());
  }

  private static Ended at(TestServer server, String... arguments) {
    var all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--management";
    all[arguments.length + 1] = "127.0.0.1:" + server.managementPort();
    return run(all);
  }

  @Test
  void images_nothingStored_saysWhatToDo() {
    try (TestServer server = TestServer.start(data, 0)) {
      Ended none = at(server, "images");
      assertThat(none.code()).isZero();
      assertThat(none.out()).contains("lighter pull docker.io/library/nginx:1.27");
    }
  }

  @Test
  void images_ofARepositoryAndOfATag_tablesAndJson() {
    TestImage image = TestImage.random(3);
    try (TestServer server = TestServer.start(data, TestServer.conversionOfHosted())) {
      server.push("team/app", image, "1", "2");
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() ->
              at(server, "images", "team/app")
                      .out()
                      .lines()
                      .filter(line -> line.contains("  lazy "))
                      .count()
                  == 2);

      String digest = image.manifest().digest().toString();
      assertThat(at(server, "images").out().lines().toList())
          .hasSize(3)
          .first()
          .isEqualTo("REPOSITORY  TAG  STATE     SIZE  DIGEST");
      assertThat(at(server, "images", "--limit", "1").err()).contains("--limit");

      Ended json = at(server, "images", "team/app", "--json");
      JsonNode tag = JSON.readTree(json.out().lines().toList().get(1));
      assertThat(tag.get("repository").asString()).isEqualTo("team/app");
      assertThat(tag.get("tag").asString()).isEqualTo("2");
      assertThat(tag.get("digest").asString()).isEqualTo(digest);

      Ended one = at(server, "images", "team/app:1");
      assertThat(one.out()).startsWith("team/app:1, lazy").contains("original  " + digest);
      assertThat(one.out())
          .contains(image.layers().getFirst().digest().toString().substring(0, 19));
      JsonNode whole = JSON.readTree(at(server, "images", "--json", "team/app:1").out());
      assertThat(whole.at("/platforms/0/layers").size()).isEqualTo(2);
    }
  }

  @Test
  void images_notStored_failsAndSaysSo() {
    try (TestServer server = TestServer.start(data, 0)) {
      Ended missing = at(server, "images", "team/app:1");
      assertThat(missing.code()).isEqualTo(1);
      assertThat(missing.err())
          .contains("lighter: no repository is stored under the name team/app");
      assertThat(at(server, "images", "--limit", "0").err()).contains("allowed: 1 or more");
    }
  }

  @Test
  void anything_noServer_failsAndSaysWhatToDo() {
    for (String command : List.of("images", "conversions", "upstreams")) {
      Ended ended = run(command, "--management", "127.0.0.1:1");
      assertThat(ended.code()).isEqualTo(1);
      assertThat(ended.err()).contains("start one with \"lighter serve\"", "--management");
    }
  }

  @Test
  void conversions_retry_waitsAgain() {
    TestImage image = TestImage.random(4);
    // No workers: what is queued stays so.
    try (TestServer server = TestServer.start(data, 0)) {
      server.push("team/app", image, "1");
      Ended queue = at(server, "conversions");
      assertThat(queue.out()).contains("waiting  team/app", "0 running, 1 waiting, 0 parked");
      assertThat(
              JSON.readTree(at(server, "conversions", "--json").out())
                  .at("/waiting/0/digest")
                  .asString())
          .isEqualTo(image.manifest().digest().toString());
      Ended again = at(server, "conversions", "--retry", "team/app:1");
      assertThat(again.code()).isZero();
      assertThat(again.out()).contains("was waiting or being converted already");
      assertThat(at(server, "conversions", "--retry-parked").out())
          .contains("nothing was given up");
      assertThat(at(server, "conversions", "--retry", "a:1", "--retry-parked").err())
          .contains("exclude each other");
      assertThat(at(server, "conversions", "--retry", "team/other:1").code()).isEqualTo(1);
    }
  }

  @Test
  void conversions_parked_retriedAndParkedAgain() {
    TestImage twisted = twisted();
    try (TestServer server = TestServer.start(data, TestServer.conversionOfHosted())) {
      server.push("team/app", twisted, "1");
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> at(server, "conversions").out().contains("0 running, 0 waiting, 1 parked"));
      assertThat(at(server, "conversions").out()).contains("parked  team/app", "--retry-parked");
      Ended again = at(server, "conversions", "--retry-parked");
      assertThat(again.out())
          .contains("team/app@" + twisted.manifest().digest(), "waits for its conversion now");
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> at(server, "conversions").out().contains("0 running, 0 waiting, 1 parked"));
    }
  }

  /** An image whose configuration names another layer than the one that it has. */
  private static TestImage twisted() {
    TestImage one = TestImage.random(5);
    TestImage other = TestImage.random(6);
    String manifest = new String(one.manifest().content(), UTF_8);
    for (int i = 0; i < one.layers().size(); i++) {
      manifest =
          manifest
              .replace(
                  one.layers().get(i).digest().toString(),
                  other.layers().get(i).digest().toString())
              .replace(
                  "\"size\":" + one.layers().get(i).size(),
                  "\"size\":" + other.layers().get(i).size());
    }
    var blobs = new LinkedHashMap<Digest, byte[]>(other.blobs());
    blobs.putAll(one.blobs());
    return new TestImage(Manifest.of(Optional.empty(), manifest.getBytes(UTF_8)), blobs);
  }

  @Test
  void upstreams_oneThatDoesNotAnswer_endsWith3() {
    try (TestServer server = TestServer.start(data, NOBODY, Duration.ZERO)) {
      Ended before = at(server, "upstreams");
      assertThat(before.code()).isZero();
      assertThat(before.out()).contains("docker.io  open", "http://127.0.0.1:1");
      var _ = server.get("/v2/library/nginx/manifests/1");
      Ended after = at(server, "upstreams");
      assertThat(after.code()).isEqualTo(3);
      assertThat(after.out()).contains("resting for");
      JsonNode json = JSON.readTree(at(server, "upstreams", "--json").out());
      assertThat(json.at("/upstreams/0/traffic/failed").asLong()).isPositive();
    }
  }

  @Test
  void completion_ofBothShells_namesEveryCommand() {
    for (String shell : List.of("bash", "zsh")) {
      Ended script = run("completion", shell);
      assertThat(script.code()).isZero();
      assertThat(script.out()).startsWith("#!/usr/bin/env bash").contains("compinit");
      assertThat(script.out()).contains(Main.commandLine().getSubcommands().keySet());
    }
    assertThat(run("completion", "fish").err()).contains("allowed: bash, zsh");
  }
}
