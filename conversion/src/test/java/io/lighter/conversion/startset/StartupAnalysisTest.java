package io.lighter.conversion.startset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.StartupSet;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class StartupAnalysisTest {

  private static final ImageTree IMAGE =
      new ImageBuilder().executable("bin/app", "x").file("etc/a", "a").file("etc/b", "b").build();

  private static StartupSet start(BiConsumer<Invocation, Start> kind, AnalysisLimits limits)
      throws IOException {
    var analysis =
        new StartupAnalysis(
            limits,
            List.of(
                new ProgramKind() {
                  @Override
                  public boolean runs(Invocation invocation) {
                    return true;
                  }

                  @Override
                  public void follow(Invocation invocation, Start start) {
                    kind.accept(invocation, start);
                  }
                }));
    return analysis.analyze(IMAGE, new ImageCommand(List.of("/bin/app"), Map.of(), "/", ""));
  }

  private static void fail(Invocation invocation, Start start) {
    start.reads("/etc/a", Reason.certain("x"));
    throw new IllegalStateException("a fault");
  }

  private static void recurse(Invocation invocation, Start start) {
    if (start.reads("/etc/b", Reason.certain("x")).isPresent()) {
      recurse(invocation, start);
    }
  }

  @Test
  void analyze_faultOfAKind_keepsWhatWasFound() throws IOException {
    StartupSet set = start(StartupAnalysisTest::fail, AnalysisLimits.DEFAULTS);
    assertThat(ImageBuilder.paths(set)).containsExactly("/bin/app", "/etc/a");
    assertThat(set.unresolved().getFirst().what()).isEqualTo("/bin/app");
    assertThat(set.unresolved().getFirst().why()).contains("a fault of the analysis");

    StartupSet deep = start(StartupAnalysisTest::recurse, AnalysisLimits.DEFAULTS);
    assertThat(ImageBuilder.paths(deep)).containsExactly("/bin/app", "/etc/b");
  }

  @Test
  void analyze_layersThatCannotBeRead_isAnError() {
    assertThatThrownBy(() ->
            start(
                (_, _) -> {
                  throw new UncheckedIOException(new IOException("gone"));
                },
                AnalysisLimits.DEFAULTS))
        .isInstanceOf(IOException.class)
        .hasMessage("gone");
  }

  @Test
  void analyze_interrupted_ends() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> start((_, _) -> {}, AnalysisLimits.DEFAULTS))
          .isInstanceOf(InterruptedIOException.class);
    } finally {
      assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
    }
  }

  @Test
  void analyze_kindThatDoesNotEnd_isEndedAndKeepsWhatWasFound() throws IOException {
    var limits = new AnalysisLimits(Duration.ofMillis(200), 1 << 20, 10, 1 << 20);
    StartupSet set =
        start(
            (_, start) -> {
              start.reads("/etc/a", Reason.certain("x"));
              while (true) {
                start.checkpoint();
              }
            },
            limits);

    assertThat(ImageBuilder.paths(set)).containsExactly("/bin/app", "/etc/a");
    assertThat(set.unresolved().getFirst().what()).isEqualTo("the rest of the start");
    assertThat(set.unresolved().getFirst().why()).contains("200 ms");
  }
}
