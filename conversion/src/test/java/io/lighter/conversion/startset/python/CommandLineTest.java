package io.lighter.conversion.startset.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.python.CommandLine.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandLineTest {

  private static CommandLine of(String... arguments) {
    return CommandLine.of(List.of(arguments), Map.of("PYTHONPATH", "/x", "PYTHONOPTIMIZE", "1"));
  }

  @Test
  void of_scriptAfterOptions_isTheTargetAndTheRestIsItsOwn() {
    CommandLine line = of("-u", "-W", "ignore", "-Xdev", "-bb", "run.py", "-c", "x");

    assertThat(line.target()).isEqualTo(Target.SCRIPT);
    assertThat(line.operand()).isEqualTo("run.py");
    assertThat(line.rest()).containsExactly("-c", "x");
    assertThat(line.optimization()).isOne();
  }

  @Test
  void of_joinedOptions_areReadLetterByLetter() {
    CommandLine line = of("-OSsPmpkg", "a");

    assertThat(line.target()).isEqualTo(Target.MODULE);
    assertThat(line.operand()).isEqualTo("pkg");
    assertThat(line.rest()).containsExactly("a");
    assertThat(line.site()).isFalse();
    assertThat(line.userSite()).isFalse();
    assertThat(line.safePath()).isTrue();
  }

  @Test
  void of_isolated_heedsNoVariables() {
    CommandLine line = of("-I", "-OO", "-c", "pass", "b");

    assertThat(line.target()).isEqualTo(Target.COMMAND);
    assertThat(line.environment()).isEmpty();
    assertThat(line.safePath()).isTrue();
    assertThat(line.optimization()).isEqualTo(2);
    assertThat(line.rest()).containsExactly("b");
  }

  @Test
  void of_nothingOrADash_isStandardInput() {
    assertThat(of().target()).isEqualTo(Target.INPUT);
    assertThat(of("-i").target()).isEqualTo(Target.INPUT);
    assertThat(of("-", "x").target()).isEqualTo(Target.INPUT);
    assertThat(of("-m").operand()).isEmpty();
    assertThat(of("--", "-run.py").operand()).isEqualTo("-run.py");
    assertThat(of("--check-hash-based-pycs", "always", "a.py").operand()).isEqualTo("a.py");
  }
}
