package io.lighter.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String HEADER = "00-" + TRACE + "-00f067aa0ba902b7-01";

  @Test
  void parse_wellFormed_isRead() {
    assertThat(TraceContext.parse(HEADER))
        .contains(new TraceContext(TRACE, "00f067aa0ba902b7", "01"));
    assertThat(TraceContext.parse("cc" + HEADER.substring(2) + "-what-the-future-brings"))
        .isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01"
      })
  void parse_malformed_isIgnored(String header) {
    assertThat(TraceContext.parse(header)).isEmpty();
  }

  @Test
  void header_isWhatIsParsed() {
    assertThat(TraceContext.parse(HEADER).orElseThrow().header()).isEqualTo(HEADER);
  }

  @Test
  void isSampled_isTheLastBit() {
    for (String flags : new String[] {"01", "03", "ff", "0b"}) {
      assertThat(new TraceContext(TRACE, "00f067aa0ba902b7", flags).isSampled()).isTrue();
    }
    for (String flags : new String[] {"00", "02", "fe"}) {
      assertThat(new TraceContext(TRACE, "00f067aa0ba902b7", flags).isSampled()).isFalse();
    }
  }

  @Test
  void child_keepsTheTraceAndHasItsOwnId() {
    TraceContext trace = TraceContext.parse(HEADER).orElseThrow();

    assertThat(TraceContext.parse(trace.child().header()))
        .hasValueSatisfying(next -> {
          assertThat(next.traceId()).isEqualTo(TRACE);
          assertThat(next.flags()).isEqualTo("01");
          assertThat(next.parentId()).isNotEqualTo(trace.parentId());
        });
  }
}
