package io.lighter.server.admin;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The views as routes, {@code GET /admin/} with a list of all routes, and {@code GET
 * /admin/openapi.json}, which describes them. A few threads look, and few requests wait for them;
 * one more is told to come back. Thread-safe.
 */
public final class ViewRoutes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ViewRoutes.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int THREADS = 4;
  private static final int WAITING = 64;
  private static final String DESCRIPTION = "openapi.json";

  private final List<AdminView> views;
  private final Index index;

  /** Views call native code: no work for virtual threads. */
  private final ExecutorService looking =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          1,
          TimeUnit.MINUTES,
          new ArrayBlockingQueue<>(WAITING),
          Thread.ofPlatform().name("view-", 1).daemon().factory());

  /**
   * @param operations are listed beside the views
   */
  public ViewRoutes(List<AdminView> views, List<AdminOperation> operations) {
    this.views = List.copyOf(views);
    var routes = new ArrayList<Route>();
    routes.add(new Route("GET", AdminRoutes.PREFIX, Set.of()));
    routes.add(new Route("GET", AdminRoutes.PREFIX + DESCRIPTION, Set.of()));
    for (AdminView view : views) {
      routes.add(new Route("GET", AdminRoutes.PREFIX + view.name(), view.parameters()));
    }
    for (AdminOperation operation : operations) {
      for (String method : operation.methods()) {
        routes.add(
            new Route(method, AdminRoutes.PREFIX + operation.name(), operation.parameters()));
      }
    }
    routes.sort(Comparator.comparing(Route::path).thenComparing(Route::method));
    this.index = new Index(AdminRoutes.PREFIX + DESCRIPTION, routes);
  }

  /** Adds a route for each view. */
  public void mount(Router router) {
    router
        .get(AdminRoutes.PREFIX)
        .handler(context -> answer(context, eventLoop(context), 200, index));
    Buffer description = Buffer.buffer(AdminApiDescription.bytes());
    router
        .get(AdminRoutes.PREFIX + DESCRIPTION)
        .handler(context -> head(context.response(), 200).end(description));
    for (AdminView view : views) {
      router.get(AdminRoutes.PREFIX + view.name()).handler(context -> receive(context, view));
    }
  }

  private void receive(RoutingContext routing, AdminView view) {
    Map<String, String> parameters = AdminRoutes.parameters(routing.request().params());
    Optional<String> unknown = AdminRoutes.unknown(parameters, view.parameters());
    if (unknown.isPresent()) {
      answer(routing, eventLoop(routing), 400, new AdminRoutes.Failure(unknown.get()));
      return;
    }
    Context eventLoop = eventLoop(routing);
    var request = new AdminRequest("GET", parameters, new byte[0]);
    try {
      looking.execute(() -> look(routing, eventLoop, view, request));
    } catch (RejectedExecutionException _) {
      routing.response().putHeader("Retry-After", "1");
      answer(routing, eventLoop, 503, new AdminRoutes.Failure("too many look at once; try again"));
    }
  }

  private static void look(
      RoutingContext routing, Context eventLoop, AdminView view, AdminRequest request) {
    int status = 200;
    Record found;
    try {
      found = view.read(request);
    } catch (AdminException e) {
      status = AdminRoutes.status(e);
      found = new AdminRoutes.Failure(String.valueOf(e.getMessage()));
    } catch (Throwable e) { // Whatever it is, the operator is told and the log has the rest.
      LOG.error("{} cannot be shown", view.name(), e);
      status = 500;
      found =
          new AdminRoutes.Failure("%s cannot be shown: %s".formatted(view.name(), e.getMessage()));
    }
    answer(routing, eventLoop, status, found);
  }

  private static Context eventLoop(RoutingContext routing) {
    return routing.vertx().getOrCreateContext();
  }

  /** Encodes here, and writes on the event loop. */
  private static void answer(
      RoutingContext routing, Context eventLoop, int status, Record document) {
    Buffer bytes = Buffer.buffer(JSON.writeValueAsBytes(document)).appendString("\n");
    eventLoop.runOnContext(_ -> {
      if (!routing.response().closed()) {
        head(routing.response(), status).end(bytes);
      }
    });
  }

  private static HttpServerResponse head(HttpServerResponse response, int status) {
    return response
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Content-Type-Options", "nosniff");
  }

  @Override
  public void close() {
    looking.shutdownNow();
    looking.close();
  }

  /**
   * What there is.
   *
   * @param description path of the OpenAPI file
   */
  private record Index(String description, List<Route> routes) {}

  private record Route(String method, String path, Set<String> parameters) {
    Route {
      parameters = new TreeSet<>(parameters);
    }
  }
}
