package io.lighter.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.BlobAnswers;
import io.lighter.bench.load.RawServer;
import io.lighter.bench.report.Measurement;
import io.lighter.bench.report.RunFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
  @TempDir private Path directory = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final byte[] content = new byte[100_000];
  private Path file = Path.of("");

  @BeforeEach
  void writeFile() throws IOException {
    new Random(3).nextBytes(content);
    file = Files.write(directory.resolve("blob"), content);
  }

  private int run(String... arguments) {
    return new CommandLine(new BenchCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .setExecutionExceptionHandler((failure, command, _) -> {
          if (failure instanceof BenchException) {
            command.getErr().println(failure.getMessage());
            return 1;
          }
          throw failure;
        })
        .execute(arguments);
  }

  @Test
  void rate_thatIsNone_isRefusedBeforeAnythingIsAsked() throws IOException {
    try (var server = new RawServer(new BlobAnswers(content)::right)) {
      for (String rate : new String[] {"0", "-1", "NaN", "2000000"}) {
        assertThat(run("range", server.url("/blob").toString(), "--rate", rate)).isEqualTo(1);
        assertThat(run("compare", "--rate", rate)).isEqualTo(1);
      }
      assertThat(server.requests()).isEmpty();
      assertThat(err.toString()).contains("--rate 0.0: allowed are numbers above 0, to 1000000");
    }
  }

  @Test
  void range_rightServer_succeedsAndWritesWhatItMeasured() throws IOException {
    Path json = directory.resolve("run.json");
    try (var server = new RawServer(new BlobAnswers(content)::right)) {
      int code =
          run(
              "range", server.url("/blob").toString(),
              "--size", "1000,3x500,whole",
              "--count", "20",
              "--warm-up", "0s",
              "--verify", file.toString(),
              "--pid", Long.toString(ProcessHandle.current().pid()),
              "-H", "Authorization: Bearer secret",
              "--label", "mine",
              "--json", json.toString());
      assertThat(code).as(out.toString()).isZero();
      assertThat(server.requests())
          .allMatch(one -> one.header("authorization").equals("Bearer secret"));
    }
    RunFile written = RunFile.read(json);
    assertThat(written.mode()).isEqualTo("range");
    assertThat(written.measurements())
        .extracting(Measurement::work)
        .containsExactly("1000", "3x500", "whole");
    assertThat(written.measurements())
        .allSatisfy(one -> {
          assertThat(one.server()).isEqualTo("mine");
          assertThat(one.requests()).isEqualTo(20);
          assertThat(one.latency().p50()).isPositive();
        });
    assertThat(Files.readString(json)).doesNotContain("secret");
    assertThat(out.toString()).contains("CPU us/req", "3x500");
  }

  @Test
  void range_damagedBlob_failsAndSaysWhere() throws IOException {
    byte[] damaged = content.clone();
    damaged[54_321] ^= 4;
    try (var server = new RawServer(new BlobAnswers(damaged)::right)) {
      int code =
          run(
              "range", server.url("/blob").toString(),
              "--size", "whole",
              "--count", "2",
              "--warm-up", "0s",
              "--verify", file.toString());
      assertThat(code).isEqualTo(1);
      assertThat(out.toString()).contains("2 x wrong bytes", "at offset 54321 of the blob");
    }
  }

  @Test
  void range_fileOfAnotherLength_isRefused() throws IOException {
    Path other = Files.write(directory.resolve("other"), new byte[5]);
    try (var server = new RawServer(new BlobAnswers(content)::right)) {
      int code = run("range", server.url("/blob").toString(), "--verify", other.toString());
      assertThat(code).isEqualTo(1);
      assertThat(err.toString()).contains("100000 bytes, but the file to verify it with 5");
    }
  }

  @Test
  void range_rangeLongerThanBlob_isRefused() throws IOException {
    try (var server = new RawServer(new BlobAnswers(content)::right)) {
      assertThat(run("range", server.url("/blob").toString(), "--size", "1Mi")).isEqualTo(1);
      assertThat(err.toString()).contains("no room for 1Mi");
    }
  }

  @Test
  void range_badOptions_areRefusedWithWhatIsAllowed() {
    assertThat(run("range", "localhost:1/x:tag")).isEqualTo(1);
    assertThat(run("range", "http://localhost:1/x", "-H", "no header")).isEqualTo(1);
    assertThat(run("range", "http://localhost:1/x", "--size", "4 Ki")).isEqualTo(1);
    assertThat(err.toString())
        .contains("HOST[:PORT]/NAME@DIGEST")
        .contains("Name: value")
        .contains("Ki, Mi or Gi");
  }

  @Test
  void replay_onlySave_writesTheTraceOfThisProgram() throws IOException {
    Path log = directory.resolve("proxy.jsonl");
    Files.writeString(
        log,
        """
        {"ms":10,"dur_ms":2,"conn":7,"method":"HEAD","path":"/v2/a/manifests/1","status":200}
        {"ms":15.5,"dur_ms":1,"conn":9,"method":"GET","path":"/v2/a/blobs/sha256:1","range":"bytes=0-1","status":206,"content_range":"bytes 0-1/900"}
        {"ms":16,"dur_ms":1,"conn":9,"method":"GET","path":"/v2/a/blobs/sha256:1","status":200,"aborted":true}
        {"ms":20,"note":"ready"}
        """);
    Path saved = directory.resolve("saved.jsonl");
    assertThat(run("replay", log.toString(), "--save", saved.toString())).isZero();
    assertThat(Files.readAllLines(saved))
        .containsExactly(
            "{\"format\":\"lighter-trace 1\",\"source\":\"proxy\",\"ready\":10.0}",
            "{\"at\":0.0,\"took\":2.0,\"lane\":0,\"method\":\"HEAD\",\"manifest\":\"1\",\"status\":200}",
            "{\"at\":5.5,\"took\":1.0,\"lane\":1,\"method\":\"GET\",\"blob\":\"sha256:1\",\"size\":900,"
                + "\"ranges\":\"0-1\",\"status\":206}");
  }
}
