package io.lighter.server.management;

import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The answer to what the management listener does not do. */
final class Refusal {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Refusal() {}

  static void send(RoutingContext context, int status, String why) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(JSON.writeValueAsString(Map.of("error", why)) + '\n');
  }
}
