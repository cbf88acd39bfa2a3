package io.lighter.conformance;

/** Long listings of tags and referrers, as long as an ordinary build has time for. */
class ManyEntriesTest extends ManyEntriesContract {
  ManyEntriesTest(Registry registry) {
    super(registry, 2_000, 300);
  }
}
