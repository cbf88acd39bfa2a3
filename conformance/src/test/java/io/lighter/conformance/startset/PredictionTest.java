package io.lighter.conformance.startset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PredictionTest {

  @Test
  void parse_answer_keepsTheOrderOfTheSet() {
    Prediction prediction =
        Prediction.parse(
            """
            {"files": [{"path": "/usr/bin/b", "layer": 1, "size": 9, "reason": "the command"},
                       {"path": "/etc/a", "layer": 0, "size": 3, "reason": "it reads it"}],
             "unresolved": [{"what": "$PROGRAM", "why": "its value is not known"}], "cpuMillis": 7}
            """
                .getBytes(UTF_8));

    assertThat(prediction.reasons().keySet()).containsExactly("usr/bin/b", "etc/a");
    assertThat(prediction.reasons()).containsEntry("etc/a", "it reads it");
    assertThat(prediction.unresolved()).containsExactly("$PROGRAM: its value is not known");
    assertThat(prediction.cpu()).isEqualTo(Duration.ofMillis(7));
  }

  @Test
  void parse_otherJson_saysWhatIsMissing() {
    assertThatThrownBy(() -> Prediction.parse("{\"error\": 1}".getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("files");
  }
}
