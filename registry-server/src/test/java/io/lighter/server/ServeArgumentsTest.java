package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.server.command.ConfigOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ServeArgumentsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--no-upstreams",
        "--listen 127.0.0.1:5000 --data /var/lib/lighter",
        "--listen=[::1]:0 --data=a=b --config=x.yaml",
        "--config lighter.yaml --upstream a.example=http://127.0.0.1:1 --upstream b.example=https://b",
        "--upstream=docker.io=http://h:1 --no-upstreams --upstream x.example=http://y",
      })
  void parse_plainOptions_readsWhatPicocliReads(String line) {
    List<String> options = words(line);
    var command = new Options();
    new CommandLine(command).parseArgs(options.toArray(String[]::new));

    assertThat(ServeArguments.parse(List.of(("serve " + line).strip().split(" "))))
        .contains(command.options.values());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "-h",
        "--version",
        "--listen",
        "--listen --data x",
        "--listen a --listen b",
        "--data= --no-upstreams",
        "--no-upstreams --no-upstreams",
        "--no-upstreams=true",
        "--data 'quoted'",
        "@file",
        "--lisen a",
        "extra",
        "-- --listen a",
      })
  void parse_anythingElse_isLeftToPicocli(String line) {
    assertThat(ServeArguments.parse(List.of(("serve " + line).split(" ")))).isEmpty();
  }

  @Test
  void parse_otherCommands_areLeftToPicocli() {
    assertThat(ServeArguments.parse(List.of())).isEmpty();
    assertThat(ServeArguments.parse(List.of("gc"))).isEmpty();
    assertThat(ServeArguments.parse(List.of("--no-upstreams", "serve"))).isEmpty();
  }

  private static List<String> words(String line) {
    return line.isEmpty() ? List.of() : List.of(line.split(" "));
  }

  @Command
  private static final class Options {
    @Mixin private ConfigOptions options = new ConfigOptions();
  }
}
