package io.lighter.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The operations as routes. The answer is 200 with one JSON document on each line; an operation
 * that fails before its first line is an error status, one that fails later ends with a line {@code
 * {"error": …}}. Thread-safe.
 */
public final class AdminRoutes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminRoutes.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  static final String PREFIX = "/admin/";
  static final String LINES = "application/x-ndjson";

  /** A client that does not read must not keep an operation, and what it excludes, waiting. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration HEARTBEAT = Duration.ofSeconds(20);

  private final List<AdminOperation> operations;
  private final JobLog jobs;

  /** Few and long, and they call native code: no work for virtual threads. */
  private final ExecutorService running =
      Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("admin-", 1).daemon().factory());

  /**
   * @param jobs is told of every operation but those that only look
   */
  public AdminRoutes(List<AdminOperation> operations, JobLog jobs) {
    this.operations = List.copyOf(operations);
    this.jobs = jobs;
  }

  /** Adds a route for each operation. */
  public void mount(Router router) {
    for (AdminOperation operation : operations) {
      for (String method : operation.methods()) {
        router
            .route(HttpMethod.valueOf(method), PREFIX + operation.name())
            .handler(context -> receive(context, operation));
      }
    }
  }

  private void receive(RoutingContext routing, AdminOperation operation) {
    HttpServerRequest request = routing.request();
    var lines = new Lines(routing.vertx(), request.response());
    if (isForeign(request)) {
      lines.refuse(403, "a web page of another origin must not do this");
      return;
    }
    Map<String, String> parameters = parameters(request.params());
    Optional<String> unknown = unknown(parameters, operation.parameters());
    if (unknown.isPresent()) {
      lines.refuse(400, unknown.get());
      return;
    }
    String method = request.method().name();
    if (operation.maxBody() == 0) {
      var whole = new AdminRequest(method, parameters, new byte[0]);
      running.execute(() -> run(operation, whole, lines));
    } else if (announcedLength(request) > operation.maxBody()) {
      lines.refuse(
          413, "the body has to say its length, at most %d bytes".formatted(operation.maxBody()));
    } else {
      var _ =
          request
              .body()
              .onSuccess(body -> {
                var whole = new AdminRequest(method, parameters, body.getBytes());
                running.execute(() -> run(operation, whole, lines));
              });
    }
  }

  /** What is wrong with the names of parameters; empty if nothing is. */
  static Optional<String> unknown(Map<String, String> parameters, Set<String> known) {
    return parameters.keySet().stream()
        .filter(name -> !known.contains(name))
        .map(name ->
            known.isEmpty()
                ? "unknown parameter \"%s\"; none are allowed".formatted(name)
                : "unknown parameter \"%s\"; allowed: %s"
                    .formatted(name, String.join(", ", new TreeSet<>(known))))
        .findFirst();
  }

  /** What a body in pieces announces is too much: it may have any length. */
  private static long announcedLength(HttpServerRequest request) {
    if (request.getHeader("Transfer-Encoding") != null) {
      return Long.MAX_VALUE;
    }
    String length = request.getHeader("Content-Length");
    return length == null ? 0 : Long.parseLong(length);
  }

  private void run(AdminOperation operation, AdminRequest request, Lines lines) {
    if (request.method().equals("GET")) {
      var _ = attempt(operation, request, lines);
      return;
    }
    long id = jobs.begins(operation.name(), request.parameters());
    var end = new Ending(JobLog.State.FAILED, "broken off");
    try {
      end = attempt(operation, request, lines);
    } finally {
      jobs.ended(id, end.state(), end.reason());
    }
  }

  private record Ending(JobLog.State state, String reason) {}

  private static Ending attempt(AdminOperation operation, AdminRequest request, Lines lines) {
    try {
      operation.run(request, lines::send);
      lines.end();
      return new Ending(JobLog.State.DONE, "");
    } catch (AdminException.ClientGone e) {
      LOG.info("the client of {} left before its end", operation.name());
      return new Ending(JobLog.State.LEFT, "");
    } catch (AdminException e) {
      String reason = String.valueOf(e.getMessage());
      int status = status(e);
      lines.refuse(status, reason);
      return new Ending(status < 500 ? JobLog.State.REFUSED : JobLog.State.FAILED, reason);
    } catch (Throwable e) { // Whatever it is, the operator is told and the log has the rest.
      LOG.error("{} failed", operation.name(), e);
      String reason = "%s failed: %s".formatted(operation.name(), e.getMessage());
      lines.refuse(500, reason);
      return new Ending(JobLog.State.FAILED, reason);
    }
  }

  /** The only mapping of what is wrong to a status. */
  static int status(AdminException failure) {
    return switch (failure) {
      case AdminException.Invalid _ -> 400;
      case AdminException.Missing _ -> 404;
      case AdminException.Busy _ -> 409;
      case AdminException.Failed _ -> 502;
      // Those of callers, if an operation calls another server.
      case AdminException.ClientGone _, AdminException.Refused _, AdminException.Unreachable _ ->
          500;
    };
  }

  static Map<String, String> parameters(MultiMap params) {
    var parameters = new HashMap<String, String>();
    params.forEach(entry -> parameters.put(entry.getKey(), entry.getValue()));
    return parameters;
  }

  /** Browsers name the page that sends a form; tools name nothing. */
  private static boolean isForeign(HttpServerRequest request) {
    String origin = request.getHeader("Origin");
    return origin != null && !origin.endsWith("://" + request.authority());
  }

  /** Stops taking operations, stops those that run, and waits for their end. */
  @Override
  public void close() {
    operations.forEach(AdminOperation::stop);
    running.shutdownNow();
    running.close();
  }

  record Failure(String error) {}

  /** The lines of one answer, written by one thread that waits for each. */
  private static final class Lines {
    private final Context context;
    private final HttpServerResponse response;
    private final long heartbeat;
    private boolean begun; // Event loop only, as the response.

    Lines(Vertx vertx, HttpServerResponse response) {
      this.context = vertx.getOrCreateContext();
      this.response = response;
      heartbeat = vertx.setPeriodic(HEARTBEAT.toMillis(), _ -> beat());
      response.endHandler(_ -> vertx.cancelTimer(heartbeat));
      response.closeHandler(_ -> vertx.cancelTimer(heartbeat));
    }

    /** An empty line, so that nobody takes the connection for idle. */
    private void beat() {
      if (!response.ended() && !response.closed()) {
        var _ = write(Buffer.buffer("\n"));
      }
    }

    void send(Record line) {
      Buffer bytes = encode(line);
      var written = new CompletableFuture<Void>();
      context.runOnContext(_ -> {
        if (response.closed()) {
          written.completeExceptionally(new IllegalStateException("connection closed"));
          return;
        }
        write(bytes).onSuccess(written::complete).onFailure(written::completeExceptionally);
      });
      try {
        written.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw new AdminException.ClientGone(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AdminException.ClientGone(e);
      }
    }

    private Future<Void> write(Buffer bytes) {
      if (!begun) {
        begun = true;
        response.putHeader("Content-Type", LINES).setChunked(true);
      }
      return response.write(bytes);
    }

    void end() {
      context.runOnContext(_ -> {
        if (!begun) {
          response.setStatusCode(204);
        }
        response.end();
      });
    }

    void refuse(int status, String message) {
      Buffer bytes = encode(new Failure(message));
      context.runOnContext(_ -> {
        if (!begun) {
          response.setStatusCode(status).putHeader("Content-Type", "application/json");
        }
        response.end(bytes);
      });
    }

    private static Buffer encode(Record line) {
      return Buffer.buffer((JSON.writeValueAsString(line) + "\n").getBytes(UTF_8));
    }
  }
}
