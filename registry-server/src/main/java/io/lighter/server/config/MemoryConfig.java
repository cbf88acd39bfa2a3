package io.lighter.server.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Memory that the operator decides about. What is {@code auto} in the configuration has a number
 * here: it follows from what this process may use.
 *
 * @param limit bytes that the process may use together, more than 0
 * @param pinned bytes outside the heap for content that stays in memory; 0 for none
 */
public record MemoryConfig(long limit, long pinned) {

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
