package io.lighter.server.upstream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A registry on a port of its own that serves what it is given and misbehaves as it is told. It
 * remembers every request and how many body bytes it wrote for each path.
 *
 * <p>Steps are given by path. Those of {@link #next} are used up, one by each request for the path;
 * the one of {@link #always} applies when there are none left.
 */
public final class ScriptedUpstream implements AutoCloseable {

  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]*)");
  private static final int CHUNK = 8 * 1024;

  /** One way to answer a request. */
  public sealed interface Step {
    /** As a good registry does. */
    record Honest() implements Step {}

    /** With this status and these headers, and no body worth reading. */
    record Status(int status, Map<String, String> headers) implements Step {}

    /** The connection is closed after so many bytes of the body. */
    record Cut(long after) implements Step {}

    /** Nothing is sent after so many bytes of the body until the gate opens. */
    record Hold(long after, CountDownLatch gate) implements Step {}

    /** Nothing is sent at all, not even a status, until the gate opens. */
    record Silence(CountDownLatch gate) implements Step {}

    /** Other content, correctly framed, under the same headers. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Content(byte[] content) implements Step {}

    /** This as JSON, with this as {@code Link}. */
    record Listing(String json, String link) implements Step {}

    /** The client is sent to another address. */
    record Redirect(URI location) implements Step {}

    /** The whole body with 200, whatever range was asked for. */
    record IgnoreRange() implements Step {}

    /** Without a length: chunked, or no header on HEAD. */
    record NoLength() implements Step {}

    /** So many bytes in a second. */
    record Slow(int bytesPerSecond) implements Step {}

    /** Without {@code Docker-Content-Digest}. */
    record NoDigest() implements Step {}

    /** Without it too, but with the digest as {@code ETag}. */
    record EntityTag() implements Step {}

    /** Like that, and 304 to who names it in {@code If-None-Match}. */
    record Conditional() implements Step {}
  }

  /** A request that came. */
  public record Received(
      String method, String path, Optional<String> authorization, Optional<String> range) {}

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Resource(byte[] content, String type, Optional<Digest> digest) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Resource> resources = new ConcurrentHashMap<>();
  private final ScriptedLists lists = new ScriptedLists();
  private final Map<String, Queue<Step>> script = new ConcurrentHashMap<>();
  private final Map<String, Step> rules = new ConcurrentHashMap<>();
  private final List<Received> requests = new CopyOnWriteArrayList<>();
  private final Map<String, LongAdder> sent = new ConcurrentHashMap<>();
  private final List<String> issued = new CopyOnWriteArrayList<>();
  private final List<String> traces = new CopyOnWriteArrayList<>();
  private final AtomicInteger tokens = new AtomicInteger();
  private volatile @Nullable ScriptedUpstream tokenIssuer;
  private volatile @Nullable String password;
  private volatile long tokenSeconds = 300;
  private final CountDownLatch closing = new CountDownLatch(1);

  private ScriptedUpstream(HttpServer server) {
    this.server = server;
  }

  /** Starts one on a free port of the loopback interface. */
  public static ScriptedUpstream start() {
    try {
      var server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
      var upstream = new ScriptedUpstream(server);
      server.setExecutor(upstream.threads);
      server.createContext("/", upstream::handle);
      server.start();
      return upstream;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Address without a path. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Settings with waits that no test runs into, and a tag that is good for a minute. */
  public UpstreamSettings settings(String name) {
    return settings(name, Optional.empty());
  }

  /** Like {@link #settings(String)}, with this for what is good for how long. */
  public UpstreamSettings settings(String name, Freshness freshness) {
    UpstreamSettings settings = settings(name);
    return new UpstreamSettings(
        name, uri(), settings.addressing(), freshness, settings.credentials(), settings.network());
  }

  /** Like {@link #settings(String)}, for these names and accounts. */
  public UpstreamSettings settings(
      String name, Addressing addressing, CredentialsByPath credentials) {
    UpstreamSettings settings = settings(name);
    return new UpstreamSettings(
        name, uri(), addressing, settings.freshness(), credentials, settings.network());
  }

  /** Like {@link #settings(String)}, reached like this. */
  public UpstreamSettings settings(String name, Network network) {
    UpstreamSettings settings = settings(name);
    return new UpstreamSettings(
        name, uri(), settings.addressing(), settings.freshness(), settings.credentials(), network);
  }

  /** Like {@link #settings(String)}, with credentials. */
  public UpstreamSettings settings(String name, Optional<UpstreamCredentials> credentials) {
    return settings(name, credentials, Duration.ofSeconds(20), Duration.ofSeconds(20));
  }

  /** Like {@link #settings(String)}, with these waits for the head and the next byte. */
  public UpstreamSettings settings(String name, Duration response, Duration stall) {
    return settings(name, Optional.empty(), response, stall);
  }

  private UpstreamSettings settings(
      String name, Optional<UpstreamCredentials> credentials, Duration response, Duration stall) {
    return new UpstreamSettings(
        name,
        uri(),
        Addressing.PLAIN,
        Freshness.DEFAULT,
        CredentialsByPath.of(credentials),
        new Network(
            8,
            2,
            true,
            Optional.empty(),
            Optional.empty(),
            Duration.ofSeconds(20),
            response,
            stall));
  }

  /** Serves a blob. */
  public Digest blob(String repository, byte[] content) {
    Digest digest = Digest.ofSha256(content);
    resources.put(
        blobPath(repository, digest),
        new Resource(content, "application/octet-stream", Optional.of(digest)));
    return digest;
  }

  /** Serves a manifest by its digest and by a tag. */
  public Manifest manifest(String repository, String tag, String json) {
    byte[] content = json.getBytes(StandardCharsets.UTF_8);
    Manifest manifest = Manifest.of(Optional.empty(), content);
    var resource = new Resource(content, manifest.mediaType(), Optional.of(manifest.digest()));
    resources.put(manifestPath(repository, tag), resource);
    resources.put(manifestPath(repository, manifest.digest().toString()), resource);
    lists.add(repository, tag, manifest);
    lists.add(repository, manifest.digest().toString(), manifest);
    return manifest;
  }

  /** The {@code traceparent} headers of all requests that had one. */
  public List<String> traces() {
    return List.copyOf(traces);
  }

  /** Stops serving what is at this path. */
  public void forget(String path) {
    resources.remove(path);
  }

  /** Stops serving a tag. */
  public void forgetTag(String repository, String tag) {
    resources.remove(manifestPath(repository, tag));
    lists.remove(repository, tag);
  }

  /** From now on lists have so many entries in a page. */
  public void pagesOf(int entries) {
    lists.pagesOf(entries);
  }

  /** From now on referrers are not listed but under fallback tags. */
  public void withoutReferrersApi() {
    lists.withoutReferrersApi();
  }

  /** Path of a list of tags. */
  public static String tagsPath(String repository) {
    return "/v2/%s/tags/list".formatted(repository);
  }

  /** Path of a blob, as {@link #next} and the counters want it. */
  public static String blobPath(String repository, Digest digest) {
    return "/v2/%s/blobs/%s".formatted(repository, digest);
  }

  /** Path of a manifest. */
  public static String manifestPath(String repository, String reference) {
    return "/v2/%s/manifests/%s".formatted(repository, reference);
  }

  /** How the next requests for this path are answered, one step each. */
  public void next(String path, Step... steps) {
    script.computeIfAbsent(path, _ -> new ConcurrentLinkedQueue<>()).addAll(List.of(steps));
  }

  /** How requests for this path are answered when no {@link #next} is left. */
  public void always(String path, Step step) {
    rules.put(path, step);
  }

  /** From now on only tokens of that one are let in. */
  public void requireTokensOf(ScriptedUpstream issuer) {
    tokenIssuer = issuer;
  }

  /** From now on only this value of {@code Authorization} is let in. */
  public void requireBasic(String authorization) {
    password = authorization;
  }

  /** Every token issued so far is void. */
  public void revokeTokens() {
    issued.clear();
  }

  /** Lifetime of the tokens that are issued from now on. */
  public void tokenLifetime(Duration lifetime) {
    tokenSeconds = lifetime.toSeconds();
  }

  /** All requests, in the order they came. */
  public List<Received> requests() {
    return List.copyOf(requests);
  }

  /** Number of requests with this method for this path. */
  public long count(String method, String path) {
    return requests.stream()
        .filter(request -> request.method().equals(method) && request.path().equals(path))
        .count();
  }

  /** Number of body bytes written for this path. */
  public long bytes(String path) {
    LongAdder count = sent.get(path);
    return count == null ? 0 : count.sum();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      var headers = exchange.getRequestHeaders();
      var request =
          new Received(
              exchange.getRequestMethod(),
              path,
              Optional.ofNullable(headers.getFirst("Authorization")),
              Optional.ofNullable(headers.getFirst("Range")));
      requests.add(request);
      traces.addAll(headers.getOrDefault("Traceparent", List.of()));
      Queue<Step> steps = script.get(path);
      Step step = steps == null ? null : steps.poll();
      if (step == null) {
        step = rules.getOrDefault(path, new Step.Honest());
      }
      if (path.equals("/token")) {
        issue(exchange, step);
      } else if (admits(request)) {
        answer(exchange, request, step);
      } else {
        challenge(exchange);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean admits(Received request) {
    var issuer = tokenIssuer;
    if (issuer != null) {
      return request
          .authorization()
          .filter(
              value -> value.startsWith("Bearer ") && issuer.issued.contains(value.substring(7)))
          .isPresent();
    }
    return password == null || request.authorization().equals(Optional.ofNullable(password));
  }

  private void challenge(HttpExchange exchange) throws IOException {
    var issuer = tokenIssuer;
    exchange
        .getResponseHeaders()
        .set(
            "WWW-Authenticate",
            issuer == null
                ? "Basic realm=\"a, b\""
                : "Bearer realm=\"%s/token\",service=\"scripted, inc\",scope=\"repository:x:pull,push\""
                    .formatted(issuer.uri()));
    exchange.sendResponseHeaders(401, -1);
  }

  private void issue(HttpExchange exchange, Step step) throws IOException, InterruptedException {
    if (step instanceof Step.Status(int status, Map<String, String> _)) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    if (step instanceof Step.Redirect(URI location)) {
      exchange.getResponseHeaders().set("Location", location.toString());
      exchange.sendResponseHeaders(307, -1);
      return;
    }
    if (step instanceof Step.Silence(CountDownLatch gate)) {
      await(gate);
    }
    String token = "token-" + tokens.incrementAndGet();
    issued.add(token);
    byte[] body =
        "{\"token\":\"%s\",\"expires_in\":%d}"
            .formatted(token, tokenSeconds)
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private void answer(HttpExchange exchange, Received request, Step step)
      throws IOException, InterruptedException {
    switch (step) {
      case Step.Status(int status, Map<String, String> headers) -> {
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      case Step.Redirect(URI location) -> {
        exchange.getResponseHeaders().set("Location", location.toString());
        exchange.sendResponseHeaders(307, -1);
        return;
      }
      case Step.Listing(String json, String link) -> {
        list(exchange, new ScriptedLists.Page(json, "application/json", Optional.of(link)));
        return;
      }
      case Step.Silence(CountDownLatch gate) -> await(gate);
      case Step.Honest _,
          Step.Cut _,
          Step.Hold _,
          Step.Content _,
          Step.IgnoreRange _,
          Step.NoLength _,
          Step.Slow _,
          Step.NoDigest _,
          Step.EntityTag _,
          Step.Conditional _ -> {}
    }
    Resource resource = resources.get(request.path());
    if (resource == null) {
      list(exchange);
      return;
    }
    serve(exchange, request, resource, step);
  }

  private void list(HttpExchange exchange) throws IOException {
    Optional<ScriptedLists.Page> page = lists.page(exchange.getRequestURI());
    if (page.isEmpty()) {
      exchange.sendResponseHeaders(404, -1);
    } else {
      list(exchange, page.get());
    }
  }

  private static void list(HttpExchange exchange, ScriptedLists.Page page) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", page.type());
    page.next().ifPresent(next -> exchange.getResponseHeaders().set("Link", next));
    byte[] body = page.json().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private void serve(HttpExchange exchange, Received request, Resource resource, Step step)
      throws IOException, InterruptedException {
    byte[] content = step instanceof Step.Content(byte[] other) ? other : resource.content();
    int from = 0;
    int end = content.length;
    int status = 200;
    Matcher range = RANGE.matcher(request.range().orElse(""));
    if (range.matches() && !(step instanceof Step.IgnoreRange)) {
      from = Integer.parseInt(range.group(1));
      if (!range.group(2).isEmpty()) {
        end = Math.min(end, Integer.parseInt(range.group(2)) + 1);
      }
      status = 206;
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, end - 1, content.length));
    }
    exchange.getResponseHeaders().set("Content-Type", resource.type());
    if (resource.digest().isPresent()) {
      String digest = resource.digest().get().toString();
      String etag = '"' + digest + '"';
      var headers = exchange.getResponseHeaders();
      switch (step) {
        case Step.NoDigest _ -> {}
        case Step.EntityTag _ -> headers.set("ETag", etag);
        case Step.Conditional _ -> {
          if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
          }
          headers.set("ETag", etag);
        }
        default -> headers.set("Docker-Content-Digest", digest);
      }
    }
    int length = end - from;
    boolean stated = !(step instanceof Step.NoLength);
    if (request.method().equals("HEAD")) {
      if (stated) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(length));
      }
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, stated && length > 0 ? length : length == 0 ? -1 : 0);
    send(exchange.getResponseBody(), request.path(), Arrays.copyOf(content, end), from, step);
  }

  private void send(OutputStream out, String path, byte[] content, int from, Step step)
      throws IOException, InterruptedException {
    LongAdder counter = sent.computeIfAbsent(path, _ -> new LongAdder());
    long pause =
        switch (step) {
          case Step.Cut(long after) -> after;
          case Step.Hold(long after, CountDownLatch _) -> after;
          case Step.Honest _,
              Step.Status _,
              Step.Listing _,
              Step.Silence _,
              Step.Content _,
              Step.Redirect _,
              Step.IgnoreRange _,
              Step.NoLength _,
              Step.Slow _,
              Step.NoDigest _,
              Step.EntityTag _,
              Step.Conditional _ ->
              Long.MAX_VALUE;
        };
    int at = from;
    boolean paused = false;
    while (at < content.length) {
      if (!paused && at - from >= pause) {
        out.flush();
        if (!(step instanceof Step.Hold(long _, CountDownLatch gate))) {
          return; // Closing the exchange now breaks the connection.
        }
        await(gate);
        paused = true;
      }
      int count = Math.min(CHUNK, content.length - at);
      if (!paused) {
        count = (int) Math.min(count, pause - (at - from));
      }
      if (step instanceof Step.Slow(int bytesPerSecond)
          && closing.await(count * 1_000_000L / bytesPerSecond, TimeUnit.MICROSECONDS)) {
        return;
      }
      out.write(content, at, count);
      counter.add(count);
      at += count;
    }
  }

  /** Waits for a gate, or for the end of the test. */
  private void await(CountDownLatch gate) throws InterruptedException {
    while (!gate.await(20, TimeUnit.MILLISECONDS)) {
      if (closing.getCount() == 0) {
        return;
      }
    }
  }
}
