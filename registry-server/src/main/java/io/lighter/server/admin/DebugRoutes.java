package io.lighter.server.admin;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The debug pages as routes, and {@code GET /debug} with a list of them. A few threads make them,
 * and few requests wait for those; one more is told to come back. Thread-safe.
 */
public final class DebugRoutes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DebugRoutes.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Path of the list; those of the pages begin with it. */
  public static final String INDEX = "/debug";

  /** One more than pages that take long, so that the others need not wait for those. */
  private static final int THREADS = 2;

  private static final int WAITING = 8;
  private static final int PIECE = 64 * 1024;

  /** A client that does not read must not keep a thread. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<DebugPage> pages;

  /** Pages ask the virtual machine and native code: no work for virtual threads. */
  private final ExecutorService making =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          1,
          TimeUnit.MINUTES,
          new ArrayBlockingQueue<>(WAITING),
          Thread.ofPlatform().name("debug-", 1).daemon().factory());

  public DebugRoutes(List<DebugPage> pages) {
    this.pages = List.copyOf(pages);
  }

  /** Adds the list, and a route for each page. */
  public void mount(Router router) {
    Buffer list = encode(new Index(pages.stream().map(Route::of).toList()));
    router
        .get(INDEX)
        .handler(context -> {
          if (isAllowed(context, Set.of())) {
            head(context.response(), 200, "application/json").end(list);
          }
        });
    for (DebugPage page : pages) {
      router.get(INDEX + '/' + page.name()).handler(context -> receive(context, page));
    }
  }

  private void receive(RoutingContext routing, DebugPage page) {
    if (!isAllowed(routing, page.parameters())) {
      return;
    }
    var request =
        new AdminRequest("GET", AdminRoutes.parameters(routing.request().params()), new byte[0]);
    var answer = new Answer(routing.vertx().getOrCreateContext(), routing.response());
    try {
      Future<?> made = making.submit(() -> make(page, request, answer));
      routing.response().closeHandler(_ -> made.cancel(true));
    } catch (RejectedExecutionException _) {
      routing.response().putHeader("Retry-After", "1");
      refuse(routing.response(), 503, "too many look at once; try again");
    }
  }

  /** Refuses what makes no sense. */
  private static boolean isAllowed(RoutingContext routing, Set<String> known) {
    Map<String, String> parameters = AdminRoutes.parameters(routing.request().params());
    Optional<String> unknown = AdminRoutes.unknown(parameters, known);
    unknown.ifPresent(what -> refuse(routing.response(), 400, what));
    return unknown.isEmpty();
  }

  private static void make(DebugPage page, AdminRequest request, Answer answer) {
    try (InputStream content = page.open(request)) {
      answer.send(page.type(), content);
    } catch (AdminException.ClientGone _) {
      LOG.info("the client of /debug/{} left before its end", page.name());
    } catch (AdminException e) {
      answer.refuse(AdminRoutes.status(e), String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      answer.refuse(503, "the server stops");
    } catch (Throwable e) { // Whatever it is, the operator is told and the log has the rest.
      LOG.error("/debug/{} failed", page.name(), e);
      answer.refuse(500, "/debug/%s failed: %s".formatted(page.name(), e.getMessage()));
    }
  }

  private static HttpServerResponse head(HttpServerResponse response, int status, String type) {
    return response
        .setStatusCode(status)
        .putHeader("Content-Type", type)
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Content-Type-Options", "nosniff");
  }

  private static void refuse(HttpServerResponse response, int status, String why) {
    head(response, status, "application/json").end(encode(new AdminRoutes.Failure(why)));
  }

  private static Buffer encode(Record document) {
    return Buffer.buffer(JSON.writeValueAsBytes(document)).appendString("\n");
  }

  /** Stops making pages, also those that take long. */
  @Override
  public void close() {
    making.shutdownNow();
    making.close();
  }

  /** What there is. */
  private record Index(List<Route> routes) {}

  private record Route(String method, String path, Set<String> parameters, String summary) {
    static Route of(DebugPage page) {
      return new Route(
          "GET", INDEX + '/' + page.name(), new TreeSet<>(page.parameters()), page.summary());
    }
  }

  /** One answer, written by one thread that waits for each piece. */
  private record Answer(Context context, HttpServerResponse response) {

    void send(String type, InputStream content) throws IOException {
      onLoop(() -> {
        head(response, 200, type).setChunked(true);
        return response.writeHead();
      });
      for (byte[] piece = content.readNBytes(PIECE);
          piece.length > 0;
          piece = content.readNBytes(PIECE)) {
        Buffer bytes = Buffer.buffer(piece);
        onLoop(() -> response.write(bytes));
      }
      onLoop(response::end);
    }

    private void onLoop(Step step) {
      var done = new CompletableFuture<Void>();
      context.runOnContext(_ -> {
        if (response.closed()) {
          done.completeExceptionally(new IllegalStateException("connection closed"));
        } else {
          step.run().onSuccess(done::complete).onFailure(done::completeExceptionally);
        }
      });
      try {
        done.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw new AdminException.ClientGone(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AdminException.ClientGone(e);
      }
    }

    /** What has begun cannot be refused any more; it is cut short. */
    void refuse(int status, String why) {
      context.runOnContext(_ -> {
        if (response.headWritten()) {
          response.reset();
        } else if (!response.closed()) {
          DebugRoutes.refuse(response, status, why);
        }
      });
    }

    @FunctionalInterface
    private interface Step {
      io.vertx.core.Future<Void> run();
    }
  }
}
