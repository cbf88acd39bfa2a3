package io.lighter.bench.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.bench.lazy.LazyImage;
import io.lighter.bench.lazy.LazyLayer;
import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.Target;
import io.lighter.bench.plan.Kind;
import io.lighter.bench.plan.PlannedCall;
import io.lighter.bench.work.Registry;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recorded start of nginx: four layers, 30 requests until it answered. */
class TraceTest {
  @TempDir private Path directory = Path.of("");

  private static Path recorded() throws URISyntaxException {
    return Path.of(Objects.requireNonNull(TraceTest.class.getResource("nginx.jsonl")).toURI());
  }

  private static LazyImage image(LoadGenerator generator, long... sizes) {
    var registry =
        new Registry(
            generator,
            Target.of(URI.create("http://localhost:1"), List.of()),
            RepositoryName.parse("some/image"));
    var layers = new ArrayList<LazyLayer>();
    for (long size : sizes) {
      var digest = Digest.ofSha256(new byte[] {(byte) layers.size()});
      var layer = Descriptor.of("layer", digest, size);
      layers.add(new LazyLayer(layer, registry.blobPath(digest), true, size - 60, 0, List.of()));
    }
    var any = Digest.ofSha256(new byte[0]);
    return new LazyImage(
        registry, "1", Optional.empty(), any, Descriptor.of("config", any, 2), layers);
  }

  @Test
  void read_recordedTrace_hasItsRequests() throws URISyntaxException {
    Trace trace = Trace.read(recorded());
    assertThat(trace.events()).hasSize(30);
    assertThat(trace.ready()).contains(1242.296);
    assertThat(trace.events().getLast().ranges()).contains("500000-599999");
    assertThat(trace.untilReady().events()).hasSize(30);
  }

  @Test
  void write_recordedTrace_isTheSameFile() throws IOException, URISyntaxException {
    Path copy = directory.resolve("copy");
    Trace.read(recorded()).write(copy);
    assertThat(Files.readString(copy)).isEqualTo(Files.readString(recorded()));
  }

  @Test
  void read_otherFiles_areRefused() throws IOException {
    Path file = directory.resolve("x");
    Files.writeString(file, "{\"format\":\"lighter-trace 9\",\"source\":\"\"}\n");
    assertThatThrownBy(() -> Trace.read(file))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("lighter-trace 1");
    Files.writeString(file, "{\"a\":1}\n");
    assertThatThrownBy(() -> Trace.read(file)).hasMessageContaining("no line is a request");
    Files.writeString(file, "{\"ms\":1}\nnonsense\n");
    assertThatThrownBy(() -> Trace.read(file)).hasMessageContaining("line 2");
  }

  @Test
  void plan_recordedTrace_knowsWhatEachRequestWasFor() throws URISyntaxException {
    try (var generator = new LoadGenerator(Duration.ofSeconds(1), false)) {
      LazyImage image = image(generator, 36_000_000, 58_000_000, 35_000_000, 900);
      var replay = new Replay(Trace.read(recorded()), image);
      List<PlannedCall> plan = replay.plan(Double.POSITIVE_INFINITY);
      assertThat(replay.map().exact()).isZero();
      assertThat(replay.map().guessed()).isEqualTo(4);
      assertThat(plan).hasSize(30);
      var counts = new int[Kind.values().length];
      plan.forEach(one -> counts[Arrays.asList(Kind.values()).indexOf(one.kind())]++);
      // manifest, config, probe, size, footer, TOC, layer, prefetch, read
      assertThat(counts).containsExactly(2, 1, 4, 4, 4, 1, 0, 0, 14);
      assertThat(replay.reads().windows()).hasSize(14);
      // The largest blob of the recording is the largest layer, the second of this image.
      assertThat(replay.reads().windows().getFirst().layer()).isEqualTo(1);
    }
  }

  @Test
  void plan_anySpeed_waitsForWhatHadEndedBefore() throws URISyntaxException {
    try (var generator = new LoadGenerator(Duration.ofSeconds(1), false)) {
      Trace trace = Trace.read(recorded());
      LazyImage image = image(generator, 36_000_000, 58_000_000, 35_000_000, 900);
      List<PlannedCall> plan = new Replay(trace, image).plan(2);
      assertThat(plan.get(1).after()).containsExactly(0);
      assertThat(plan.get(2).after()).containsExactly(1);
      // The four probes began before any of them had ended.
      assertThat(plan.subList(3, 7)).allMatch(one -> one.after().equals(List.of(2)));
      assertThat(plan.getLast().at())
          .isEqualTo(Duration.ofNanos(Math.round(trace.events().getLast().at() / 2 * 1e6)));
    }
  }

  @Test
  void plan_smallerImage_staysInsideItsLayers() throws URISyntaxException {
    try (var generator = new LoadGenerator(Duration.ofSeconds(1), false)) {
      var replay = new Replay(Trace.read(recorded()), image(generator, 20_000_000, 500));
      assertThat(replay.map().guessed()).isEqualTo(2);
      assertThat(replay.reads().windows())
          .isNotEmpty()
          .allMatch(window -> window.range().last() < (window.layer() == 0 ? 20_000_000 : 500));
    }
  }
}
