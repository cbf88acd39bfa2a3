package quay;

import io.javalin.Javalin;
import java.util.List;
import java.util.stream.Collectors;

/** Answers with the berths of a small quay. */
public final class Server {
  private static final List<Berth> BERTHS = List.of(new Berth("north", 120), new Berth("south", 80));

  private Server() {}

  public static void main(String[] arguments) {
    Javalin server = Javalin.create();
    server.get(
        "/berths",
        request ->
            request
                .contentType("application/json")
                .result(BERTHS.stream().map(Berth::toJson).collect(Collectors.joining(",", "[", "]"))));
    server.start(8080);
  }
}
