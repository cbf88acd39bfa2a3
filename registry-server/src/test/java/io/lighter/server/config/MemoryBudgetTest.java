package io.lighter.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryBudgetTest {
  private static final long MIB = 1 << 20;

  @ParameterizedTest
  @CsvSource({
    // limit, heap, metadata, pinned; network, program, rest
    "512, 192, 64, 64, 32, 118, 42",
    "1024, 384, 64, 128, 64, 124, 260",
    "384, 100, 16, 0, 24, 115, 129",
    "16384, 512, 64, 256, 256, 128, 15168",
    "200, 40, 16, 0, 16, 113, 15",
  })
  void of_partsThatFit_addUpToTheLimit(
      long limit, long heap, long metadata, long pinned, long network, long program, long rest) {
    var budget =
        MemoryBudget.of(new MemoryConfig(limit * MIB, pinned * MIB), heap * MIB, metadata * MIB);

    assertThat(budget.network() / MIB).isEqualTo(network);
    assertThat(budget.program() / MIB).isEqualTo(program);
    assertThat(Math.ceilDiv(budget.rest(), MIB)).isEqualTo(rest);
    assertThat(budget.used() + budget.rest()).isEqualTo(limit * MIB);
  }

  @Test
  void of_partsThatDoNotFit_areNamed() {
    var memory = new MemoryConfig(512 * MIB, 100 * MIB);

    assertThatThrownBy(() -> MemoryBudget.of(memory, 512 * MIB, 64 * MIB))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "memory.limit: 512 MiB is less than the parts need together: 836 MiB (heap 512 MiB, metadata 64 MiB, pinned 100 MiB, network 32 MiB, program 128 MiB); lower memory.pinned, storage.metadataMemory or the heap (LIGHTER_JAVA_OPTS=-Xmx...), or allow more");
  }

  @Test
  void of_exactlyTheParts_fit() {
    var roomy = MemoryBudget.of(new MemoryConfig(512 * MIB, 0), 100 * MIB, 16 * MIB);
    var pinned = new MemoryConfig(512 * MIB, roomy.rest());

    assertThat(MemoryBudget.of(pinned, 100 * MIB, 16 * MIB).rest()).isZero();
    assertThatThrownBy(() ->
            MemoryBudget.of(new MemoryConfig(512 * MIB, roomy.rest() + 1), 100 * MIB, 16 * MIB))
        .isInstanceOf(ConfigException.class);
  }

  @ParameterizedTest
  @CsvSource({"512, 64", "1024, 128", "2048, 256", "65536, 256"})
  void defaultPinned_isAnEighthWithinReason(long limit, long pinned) {
    assertThat(MemoryBudget.defaultPinned(limit * MIB)).isEqualTo(pinned * MIB);
  }

  @ParameterizedTest
  @CsvSource({"1024, 512, 512", "1024, 1024, 512", "1024, 2048, 512", "1024, 100, 100"})
  void limit_isTheContainerOrHalfTheMachine(long machine, long container, long limit) {
    assertThat(new ProcessMemory(machine, container).limit()).isEqualTo(limit);
  }

  @Test
  void ofThisProcess_isWithinTheMachine() {
    var memory = ProcessMemory.ofThisProcess();

    assertThat(memory.container()).isBetween(64 * MIB, memory.machine());
  }
}
