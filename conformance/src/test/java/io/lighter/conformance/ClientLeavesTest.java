package io.lighter.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave in the middle of a body, as every lazy client and every parallel one does. */
@ExtendWith(RegistryExtension.class)
class ClientLeavesTest {
  private static final int SIZE = 24 << 20;

  private final Registry registry;
  private final Repository repository;
  private final Content blob = Content.random(SIZE);

  ClientLeavesTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    repository.push(blob);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1_000, 100_000, 3_000_000})
  void get_closedAfterSomeBytes_othersServed(int bytes) {
    leaveReading(40, bytes);
    assertServed();
  }

  @Test
  void get_closedAfterRequest_othersServed() {
    leaveAtOnce(200);
    assertServed();
  }

  @Test
  void push_closedHalfWay_othersServed() {
    leavePushing(50);
    assertServed();
  }

  /** Only where the registry runs in this process can its open files be counted. */
  @Test
  void manyLeave_openFilesStayFew() {
    assumeThat(registry.isInProcess()).as("the registry runs in this process").isTrue();
    long before = openFiles();
    leaveReading(60, 1_000);
    leaveAtOnce(100);
    leavePushing(60);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(openFiles()).isLessThan(before + 40));
  }

  private void leaveReading(int times, int bytes) {
    for (int i = 0; i < times; i++) {
      try (var wire = registry.connectNarrow()) {
        wire.send("GET", repository.path("blobs/" + blob.digest()), "Range: bytes=" + i + "-");
        assertThat(new String(wire.readRaw(12), US_ASCII)).isEqualTo("HTTP/1.1 206");
        wire.readRaw(bytes);
        if (i % 2 == 0) {
          wire.reset();
        }
      }
    }
  }

  private void leaveAtOnce(int times) {
    for (int i = 0; i < times; i++) {
      try (var wire = registry.connectNarrow()) {
        wire.send("GET", repository.path("blobs/" + blob.digest()));
      }
    }
  }

  private void leavePushing(int times) {
    for (int i = 0; i < times; i++) {
      try (var wire = registry.connectNarrow()) {
        wire.send(
            "POST",
            repository.path("blobs/uploads/?digest=" + Content.random(9).digest()),
            "Content-Length: " + SIZE);
        wire.write(blob.slice(0, 300_000));
        wire.reset();
      }
    }
  }

  private static long openFiles() {
    return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
        .getOpenFileDescriptorCount();
  }

  private void assertServed() {
    var response = repository.blob(blob.digest());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.asByteArray()).isEqualTo(blob.bytes());
  }
}
