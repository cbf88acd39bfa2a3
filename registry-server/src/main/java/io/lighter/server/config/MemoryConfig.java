package io.lighter.server.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Memory that the operator decides about. What is {@code auto} in the configuration has a number
 * here: it follows from what this process may use.
 */
public record MemoryConfig(
    @Key(
            value =
                "what the process may use together, such as `512MiB`; `auto` is the limit of its container, and half of the machine without one. The parts must fit, or the start is refused",
            written = AutoSize.class)
        long limit,
    @Key(
            value =
                "content that stays in memory, outside the heap; `auto` is an eighth of the limit, at most `256MiB`; `0` is none. More than the default needs `LIGHTER_JAVA_OPTS=-XX:MaxDirectMemorySize=…`",
            written = AutoSize.class)
        long pinned) {

  @JsonCreator
  static MemoryConfig of(
      @JsonProperty("limit") AutoSize limit, @JsonProperty("pinned") AutoSize pinned) {
    long bytes = limit.bytes().orElseGet(() -> ProcessMemory.ofThisProcess().limit());
    return new MemoryConfig(
        bytes, pinned.bytes().orElseGet(() -> MemoryBudget.defaultPinned(bytes)));
  }

  public MemoryConfig {
    if (limit < 1) {
      throw new ConfigException("memory.limit", new DataSize(limit), "more than 0, or auto");
    }
  }
}
