package io.lighter.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistryMetricsTest {
  private final RegistryMetrics metrics = new RegistryMetrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void answered_inventedMethods_makeOneSeries() {
    for (String method : new String[] {"GET", "FOO1", "FOO2", "get"}) {
      metrics.answered(request(method));
    }

    assertThat(series("lighter_requests_seconds_count"))
        .containsExactlyInAnyOrder(
            "lighter_requests_seconds_count{endpoint=\"Blob\",method=\"GET\",status=\"200\"} 1",
            "lighter_requests_seconds_count{endpoint=\"Blob\",method=\"other\",status=\"200\"} 3");
  }

  @Test
  void scrape_ownMeters_haveHelp() {
    metrics.answered(request("GET"));
    metrics.upstreamRequest("docker.io", "blob_get", "ok");
    metrics.upstreamBytes("docker.io", 1);
    metrics.staleAnswer("docker.io", "limited");
    metrics.fetchJoined("docker.io");
    metrics.blobFetched("docker.io", "complete");
    metrics.layerConverted("converted", 1, Duration.ofMillis(1));
    metrics.imageConverted("published");
    metrics.garbageCollected(true, Duration.ofMillis(1));
    metrics.garbageRemoved("blob", 1);
    metrics.info("lighter.encoder", "Encoder", "name", "jdk");

    assertThat(series("# HELP lighter_"))
        .hasSizeGreaterThanOrEqualTo(14)
        .allSatisfy(line -> assertThat(line).matches("# HELP \\S+ \\S.*"));
  }

  @Test
  void count_ofASupplierThatNobodyElseHolds_goesOnAfterACollection() {
    var counted = new AtomicLong(1);
    metrics.count("lighter.test", "Test", counted::get);

    System.gc();
    counted.set(2);

    assertThat(series("lighter_test_total")).containsExactly("lighter_test_total 2.0");
  }

  private String[] series(String prefix) {
    return metrics.scrape().lines().filter(line -> line.startsWith(prefix)).toArray(String[]::new);
  }

  private static RequestRecord request(String method) {
    return new RequestRecord(
        "id",
        "127.0.0.1:1",
        method,
        "/v2/",
        "Blob",
        200,
        1,
        Duration.ofMillis(1),
        "",
        "",
        "",
        RequestRecord.Timing.NONE);
  }

  @Test
  void collections_areCounted() {
    System.gc();

    assertThat(metrics.total("jvm.gc.pause")).isPositive();
    assertThat(metrics.total("jvm.gc.memory.allocated")).isPositive();
    assertThat(metrics.scrape()).contains("jvm_gc_pause_seconds_count{gc=\"");
  }
}
