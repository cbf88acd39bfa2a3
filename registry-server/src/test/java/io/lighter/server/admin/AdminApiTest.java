package io.lighter.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Client and routes against each other, over a socket. */
class AdminApiTest {
  private final Vertx vertx = Vertx.vertx();
  private final CountDownLatch left = new CountDownLatch(1);
  private AdminRoutes routes;
  private AdminClient client;
  private int port;

  @BeforeEach
  void listen() {
    routes = new AdminRoutes(List.of(new Count(left)), new JobLog(Clock.systemUTC()));
    Router router = Router.router(vertx);
    routes.mount(router);
    port =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join()
            .actualPort();
    client = new AdminClient("127.0.0.1:" + port);
  }

  @AfterEach
  void close() {
    client.close();
    routes.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void call_answersLineByLine() {
    assertThat(count(Map.of("to", "3"))).containsExactly(1, 2, 3);
    assertThat(count(Map.of("to", "20000"))).hasSize(20_000).endsWith(20_000);
    assertThat(count(Map.of("to", "0"))).isEmpty();
  }

  @Test
  void call_invalidOrBusy_refusedWithTheReason() {
    assertThatThrownBy(() -> count(Map.of()))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessage("to: missing");
    assertThatThrownBy(() -> count(Map.of("to", "1", "busy", "true")))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessage("somebody counts already");
    assertThatThrownBy(() -> count(Map.of("to", "1", "busy", "maybe")))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessage("busy: \"maybe\" is not allowed; allowed: true, false");
    assertThatThrownBy(() -> count(Map.of("to", "1", "form", "7")))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessageContaining("unknown parameter \"form\"; allowed: ");
    assertThatThrownBy(() -> client.call("nothing", Map.of(), _ -> {}))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessageContaining("404");
  }

  @Test
  void call_failsHalfWay_linesThenRefused() {
    var lines = new ArrayList<JsonNode>();
    assertThatThrownBy(() -> client.call("count", Map.of("to", "5", "failAfter", "2"), lines::add))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessage("count failed: enough");
    assertThat(lines).hasSize(2);
  }

  @Test
  void call_nobodyListens_saysWhatToDo() {
    try (var nobody = new AdminClient("127.0.0.1:1")) {
      assertThatThrownBy(() -> nobody.call("count", Map.of(), _ -> {}))
          .isInstanceOf(AdminException.Unreachable.class)
          .hasMessageContaining("127.0.0.1:1")
          .hasMessageContaining("lighter serve");
    }
  }

  @Test
  void call_clientLeaves_operationIsTold() throws InterruptedException {
    assertThatThrownBy(() ->
            client.call(
                "count",
                Map.of("to", Integer.toString(Integer.MAX_VALUE)),
                _ -> {
                  throw new IllegalStateException("seen enough");
                }))
        .hasMessage("seen enough");
    assertThat(left.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void post_fromAPageOfAnotherOrigin_forbidden() throws Exception {
    assertThat(post("http://evil.example")).isEqualTo(403);
    assertThat(post("null")).isEqualTo(403);
    assertThat(post("http://127.0.0.1:" + port)).isEqualTo(200);
  }

  private int post(String origin) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:%d/admin/count?to=1".formatted(port)))
                  .header("Origin", origin)
                  .POST(BodyPublishers.noBody())
                  .build(),
              BodyHandlers.discarding())
          .statusCode();
    }
  }

  private List<Integer> count(Map<String, String> parameters) {
    var numbers = new ArrayList<Integer>();
    client.call("count", parameters, line -> numbers.add(line.get("number").asInt()));
    return numbers;
  }

  private record Line(int number) {}

  private record Count(CountDownLatch left) implements AdminOperation {
    @Override
    public String name() {
      return "count";
    }

    @Override
    public Set<String> parameters() {
      return Set.of("to", "busy", "failAfter");
    }

    @Override
    public void run(AdminRequest request, Consumer<Record> answer) {
      int to =
          Integer.parseInt(
              request.text("to").orElseThrow(() -> new AdminException.Invalid("to: missing")));
      int failAfter = request.text("failAfter").map(Integer::valueOf).orElse(Integer.MAX_VALUE);
      if (request.flag("busy")) {
        throw new AdminException.Busy("somebody counts already");
      }
      try {
        for (int number = 1; number <= to; number++) {
          if (number > failAfter) {
            throw new IllegalStateException("enough");
          }
          answer.accept(new Line(number));
        }
      } catch (AdminException.ClientGone e) {
        left.countDown();
        throw e;
      }
    }
  }
}
