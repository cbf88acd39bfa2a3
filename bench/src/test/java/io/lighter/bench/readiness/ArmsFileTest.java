package io.lighter.bench.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.bench.load.BenchException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArmsFileTest {
  private static final String GOOD =
      """
      {
        // Comments are allowed.
        "arms": [
          {"image": "web", "name": "full", "reference": "up/web:1", "pull": "full", "plainHttp": true,
           "hosts": "/etc/certs.d", "ready": {"url": "http://127.0.0.1:80/", "contains": "hello"}},
          {"image": "web", "name": "lazy", "reference": "here/web:1", "pull": "lazy", "against": "full",
           "command": ["a", "b c"], "before": ["empty"], "ready": {"line": "listening"}},
          {"image": "job", "name": "lazy", "reference": "here/job:1", "pull": "lazy", "ready": {"ended": true}}
        ],
        "counters": [{"name": "MB", "url": "http://127.0.0.1:9/metrics", "metric": "sent_bytes", "unit": 1e6}]
      }
      """;

  private static Arm parsed(int number) {
    return ArmsFile.parse(GOOD, "arms.json").arms().get(number);
  }

  @Test
  void parse_goodFile_isWhatItSays() {
    assertThat(parsed(0))
        .isEqualTo(
            new Arm(
                "web",
                "full",
                "up/web:1",
                PullKind.FULL,
                true,
                Optional.of("/etc/certs.d"),
                List.of(),
                new ReadyCheck.Http(URI.create("http://127.0.0.1:80/"), "hello"),
                List.of(),
                Optional.empty()));
    assertThat(parsed(1).command()).containsExactly("a", "b c");
    assertThat(parsed(1).before()).containsExactly("empty");
    assertThat(parsed(1).against()).contains("full");
    assertThat(parsed(1).ready()).isEqualTo(new ReadyCheck.Line("listening"));
    assertThat(parsed(2).ready()).isEqualTo(new ReadyCheck.Ended());
    assertThat(ArmsFile.parse(GOOD, "arms.json").counters())
        .containsExactly(
            new Counter("MB", URI.create("http://127.0.0.1:9/metrics"), "sent_bytes", 1e6));
  }

  @Test
  void of_images_leavesOutTheOthers() {
    ArmsFile file = ArmsFile.parse(GOOD, "arms.json");
    assertThat(file.of(Set.of())).hasSize(3);
    assertThat(file.of(Set.of("job"))).containsExactly(parsed(2));
    assertThatThrownBy(() -> file.of(Set.of("sea")))
        .isInstanceOf(BenchException.class)
        .hasMessage("no arm has the image \"sea\"; there are: [web, job]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"full\", \"plainHttp\"            | \"half\", \"plainHttp\"   | web, full: pull is \"half\"; allowed: full, lazy",
        "\"name\": \"full\"                 | \"name\": \" \"           | name of an arm of web is missing",
        "\"reference\": \"up/web:1\",       | ''                        | web, full: reference is missing",
        "{\"line\": \"listening\"}          | {}                        | web, lazy: ready needs one of",
        "{\"ended\": true}                  | {\"ended\": true, \"line\": \"x\"} | job, lazy: ready needs one of",
        "http://127.0.0.1:80/               | 127.0.0.1:80              | web, full: \"127.0.0.1:80\" is no URL",
        "\"against\": \"full\"              | \"against\": \"fool\"     | web, lazy: against \"fool\", which is no arm",
        "\"image\": \"job\"                 | \"image\": \"web\"        | there are two arms \"web, lazy\"",
        "\"plainHttp\"                      | \"plainHtpp\"             | plainHtpp",
        "1e6                                | 0                         | counter MB: unit is 0.0; allowed: more than 0",
      })
  void parse_badFile_saysWhatIsWrong(String good, String bad, String message) {
    assertThat(GOOD).contains(good);
    assertThatThrownBy(() -> ArmsFile.parse(GOOD.replace(good, bad), "arms.json"))
        .isInstanceOf(BenchException.class)
        .hasMessageStartingWith("arms.json: ")
        .hasMessageContaining(message);
  }

  @Test
  void parse_noArms_isRefused() {
    assertThatThrownBy(() -> ArmsFile.parse("{}", "arms.json"))
        .isInstanceOf(BenchException.class)
        .hasMessage("arms.json: no arms; at least one is needed");
  }
}
