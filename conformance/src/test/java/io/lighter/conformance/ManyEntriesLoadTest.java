package io.lighter.conformance;

import org.junit.jupiter.api.Tag;

/** 100,000 tags and 10,000 referrers; runs with {@code -DexcludedGroups=none}. */
@Tag("load")
class ManyEntriesLoadTest extends ManyEntriesContract {
  ManyEntriesLoadTest(Registry registry) {
    super(registry, 100_000, 10_000);
  }
}
