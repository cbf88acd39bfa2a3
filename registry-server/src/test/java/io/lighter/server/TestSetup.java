package io.lighter.server;

import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.ConversionConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.FreeSpace;
import io.lighter.server.config.LimitsConfig;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.config.MemoryConfig;
import io.lighter.server.config.PullConfig;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TlsConfig;
import io.lighter.server.config.TracingConfig;
import io.lighter.server.config.UpstreamConfig;
import io.lighter.server.observe.LogFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a server is started with. What a test says nothing about is generous, or off: no upstream,
 * no conversion, no limit, nothing by schedule.
 */
final class TestSetup {
  private final Path data;
  private ServerConfig.Http http = TestServer.generous();
  private ServerConfig.ManagementAccess management = ServerConfig.ManagementAccess.EVERYBODY;
  private int maxUploads = 1000;
  private List<UpstreamConfig> upstreams = List.of();
  private ConversionConfig conversion = TestServer.conversion(0, List.of(), "pulled");
  private ServerConfig.Gc gc =
      new ServerConfig.Gc(Duration.ZERO, Duration.ofHours(1), Duration.ofHours(1), 1000);
  private DataSize capacity = new DataSize(0);
  private Duration convertedLease = Duration.ofDays(7);
  private List<PullConfig> pull = List.of();
  private AccessConfig access = AccessConfig.DEFAULT;
  private FreeSpace minFree = new FreeSpace(0, 0);
  private LimitsConfig limits = LimitsConfig.NONE;
  private TracingConfig tracing = TracingConfig.OFF;

  TestSetup(Path data) {
    this.data = data;
  }

  TestSetup http(ServerConfig.Http own) {
    http = own;
    return this;
  }

  TestSetup management(ServerConfig.ManagementAccess own) {
    management = own;
    return this;
  }

  TestSetup maxUploads(int most) {
    maxUploads = most;
    return this;
  }

  /** The first of them is the default upstream. */
  TestSetup upstreams(List<UpstreamConfig> own) {
    upstreams = own;
    return this;
  }

  TestSetup conversion(ConversionConfig own) {
    conversion = own;
    return this;
  }

  /** With the default policies for what is pulled. */
  TestSetup workers(int workers) {
    return conversion(TestServer.conversion(workers, List.of(), "pulled"));
  }

  TestSetup gc(ServerConfig.Gc own) {
    gc = own;
    return this;
  }

  TestSetup capacity(DataSize own) {
    capacity = own;
    return this;
  }

  TestSetup convertedLease(Duration own) {
    convertedLease = own;
    return this;
  }

  TestSetup pull(List<PullConfig> own) {
    pull = own;
    return this;
  }

  TestSetup access(AccessConfig own) {
    access = own;
    return this;
  }

  TestSetup minFree(FreeSpace own) {
    minFree = own;
    return this;
  }

  TestSetup limits(LimitsConfig own) {
    limits = own;
    return this;
  }

  TestSetup tracing(TracingConfig own) {
    tracing = own;
    return this;
  }

  TestServer start() {
    return TestServer.start(config());
  }

  private ServerConfig config() {
    return new ServerConfig(
        http,
        new ServerConfig.Management(
            new ListenAddress("127.0.0.1", 0), true, TlsConfig.NONE, management),
        access,
        limits,
        new ServerConfig.Storage(
            data,
            new DataSize(16 << 20),
            64,
            Duration.ofDays(1),
            maxUploads,
            capacity,
            new FreeSpace(0, 0),
            minFree,
            convertedLease,
            Duration.ofDays(7)),
        new MemoryConfig(8L << 30, 32 << 20),
        upstreams,
        upstreams.isEmpty() ? "" : upstreams.getFirst().name(),
        false,
        new ServerConfig.Hosted(List.of()),
        conversion,
        new ServerConfig.Verify(Duration.ZERO, new DataSize(1 << 20)),
        gc,
        pull,
        new ServerConfig.Logging(LogFormat.TEXT, false, Duration.ZERO),
        tracing);
  }
}
