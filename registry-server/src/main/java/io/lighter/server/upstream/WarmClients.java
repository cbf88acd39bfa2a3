package io.lighter.server.upstream;

import io.lighter.server.tls.TlsException;
import io.lighter.server.tls.TrustedAuthorities;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * HTTP clients for one exchange at a time each, the one that was used last first. A connection that
 * rested begins as slowly as a new one (RFC 5681, section 4.1), and the pool within the JDK's
 * client takes the one that has rested longest: with one client for all, each small range of a
 * starting container would begin slowly again.
 *
 * <p>There are never more clients than exchanges at a time; those that were not used for {@link
 * #REST} are closed, and none is kept once this has {@linkplain #retire retired}. Thread-safe, and
 * never waits for the network.
 */
final class WarmClients implements AutoCloseable {

  /** The JDK's client closes its connections after half of that. */
  static final Duration REST = Duration.ofMinutes(1);

  /** How soon after its last use a connection is still fast. */
  private static final Duration WARM = Duration.ofSeconds(1);

  /** So many bytes show that a connection has left its slow begin behind. */
  private static final long WARM_BYTES = 128 * 1024;

  private final Supplier<HttpClient> factory;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Idle> idle = new ArrayDeque<>(); // used last first; guarded by lock
  private final Set<HttpClient> lent = new HashSet<>(); // guarded by lock
  private boolean closed; // guarded by lock
  private boolean retired; // guarded by lock

  private record Idle(HttpClient client, long since, long bytes) {}

  /** A client until it is given back. */
  final class Loan {
    private final HttpClient client;
    private final AtomicLong bytes;
    private final AtomicBoolean over = new AtomicBoolean();

    private Loan(HttpClient client, long bytes) {
      this.client = client;
      this.bytes = new AtomicLong(bytes);
    }

    HttpClient client() {
      return client;
    }

    /** So many bytes came over its connection. */
    void received(long count) {
      bytes.addAndGet(count);
    }

    /** Gives it back with its connection; without effect if it was given back before. */
    void giveBack() {
      if (over.compareAndSet(false, true)) {
        WarmClients.this.giveBack(client, bytes.get());
      }
    }

    /** Gives it back, its connection lost; without effect if it was given back before. */
    void giveBackWithoutConnection() {
      if (over.compareAndSet(false, true)) {
        WarmClients.this.giveBack(client, 0);
      }
    }
  }

  /** Clients for an upstream, which follow no redirect. */
  static WarmClients of(UpstreamSettings settings) {
    Network network = settings.network();
    Optional<SSLContext> trust = network.caCertificates().map(file -> trust(settings.name(), file));
    var threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("upstream-http-" + settings.name()).factory());
    return new WarmClients(() -> newClient(network, trust, threads), System::nanoTime);
  }

  private static SSLContext trust(String upstream, Path file) {
    try {
      return TrustedAuthorities.withSystems(file);
    } catch (TlsException e) {
      var failure =
          new InvalidSettingException(
              upstream, "caCertificates", file, "a file of certificates in PEM");
      failure.initCause(e);
      throw failure;
    }
  }

  private static HttpClient newClient(
      Network network, Optional<SSLContext> trust, Executor threads) {
    var builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(network.connectTimeout())
            .executor(threads);
    network
        .proxy()
        .map(proxy -> new InetSocketAddress(proxy.getHost(), proxy.getPort()))
        .map(ProxySelector::of)
        .ifPresent(builder::proxy);
    trust.ifPresent(builder::sslContext);
    return builder.build();
  }

  /**
   * @param factory makes another client; called under a lock
   * @param nanoTime as {@link System#nanoTime()}
   */
  WarmClients(Supplier<HttpClient> factory, LongSupplier nanoTime) {
    this.factory = factory;
    this.nanoTime = nanoTime;
  }

  /** The client that was used last, of those that are free. */
  Loan take() {
    lock.lock();
    try {
      Idle last = idle.pollFirst();
      var loan =
          last == null
              ? new Loan(factory.get(), 0)
              : new Loan(last.client(), isRested(last, WARM) ? 0 : last.bytes());
      lent.add(loan.client());
      return loan;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the next exchange will find a connection that is fast from its begin on. */
  boolean nextIsWarm() {
    lock.lock();
    try {
      Idle next = idle.peekFirst();
      return next != null && next.bytes() >= WARM_BYTES && !isRested(next, WARM);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps no client beyond the exchange that it is used for, from now on. What is under way goes
   * on, and what comes after all gets a client for itself.
   */
  void retire() {
    lock.lock();
    try {
      retired = true;
      idle.forEach(each -> each.client().shutdownNow());
      idle.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Ends every exchange under way. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      idle.forEach(each -> each.client().shutdownNow());
      lent.forEach(HttpClient::shutdownNow);
      idle.clear();
    } finally {
      lock.unlock();
    }
  }

  private void giveBack(HttpClient client, long bytes) {
    lock.lock();
    try {
      lent.remove(client);
      if (closed || retired) {
        client.shutdownNow();
        return;
      }
      idle.addFirst(new Idle(client, nanoTime.getAsLong(), bytes));
      while (isRested(idle.getLast(), REST)) {
        idle.removeLast().client().shutdownNow();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isRested(Idle client, Duration time) {
    return nanoTime.getAsLong() - client.since() > time.toNanos();
  }
}
