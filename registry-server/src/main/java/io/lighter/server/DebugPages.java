package io.lighter.server;

import io.lighter.server.admin.DebugPage;
import io.lighter.server.admin.debug.FlightRecording;
import io.lighter.server.admin.debug.LoopsAndRequests;
import io.lighter.server.admin.debug.MemoryUse;
import io.lighter.server.admin.debug.TextPage;
import io.lighter.server.admin.debug.ThreadDump;
import io.lighter.server.config.ConfigReport;
import io.lighter.server.config.MemoryBudget;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.http.RequestUnderWay;
import io.lighter.server.limit.Load;
import io.lighter.server.pinned.PinnedBytes;
import io.lighter.storage.MetadataStatistics;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * What an operator can look into, put together.
 *
 * @param config what the server runs with now
 * @param underWay requests that are being answered
 * @param scratch a directory for what exists only while a page is made
 */
record DebugPages(
    Supplier<ServerConfig> config,
    MemoryBudget budget,
    MetadataStatistics metadata,
    PinnedBytes pins,
    Load load,
    Supplier<List<RequestUnderWay>> underWay,
    Path scratch) {

  /** All of them. */
  List<DebugPage> all() {
    var threads = new ThreadDump(scratch.resolve("threads"));
    var memory = new MemoryUse(budget, metadata, this::pinned);
    var loops = new LoopsAndRequests(load, underWay);
    return List.of(
        new TextPage(
            "threads",
            "What every thread does, virtual ones included, with the locks that it has or waits for.",
            threads::text),
        new TextPage(
            "memory", "What the process has of memory, beside what was planned.", memory::text),
        new TextPage(
            "loops",
            "How late the event loops are, and the requests that are being answered, the oldest first.",
            loops::text),
        new TextPage(
            "store",
            "What RocksDB says of the metadata.",
            () -> metadata.report().orElse("The store is closed, or being opened anew.\n")),
        new TextPage(
            "config",
            "The configuration that the server runs with, as YAML; secrets are not part of it.",
            () -> ConfigReport.of(config.get()).toString()),
        new FlightRecording(scratch.resolve("jfr")));
  }

  private long pinned() {
    return Arrays.stream(PinnedBytes.Kind.values()).mapToLong(pins::bytes).sum();
  }
}
