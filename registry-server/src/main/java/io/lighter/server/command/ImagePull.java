package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.admin.AdminException;
import io.lighter.server.admin.ConversionOperation.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Pulls images through the admin API of a server, again if that fails, and waits for what their
 * conversion comes to. Blocking.
 */
final class ImagePull {
  private static final String IMAGE = "image";
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(5);

  private final AdminClient client;
  private final int attempts;
  private final Duration patience;

  /**
   * Images of one server.
   *
   * @param attempts how often an image is tried that the server cannot pull
   * @param patience how long one image may take until its conversion has ended, in which time a
   *     server that does not answer is waited for; zero waits for neither
   */
  ImagePull(AdminClient client, int attempts, Duration patience) {
    this.client = client;
    this.attempts = attempts;
    this.patience = patience;
  }

  /**
   * Pulls an image.
   *
   * @param lines is told how it goes
   * @return what became of its conversion, for people; empty if that is not waited for
   * @throws AdminException if it was not pulled, or its conversion takes too long or was given up
   */
  String pull(String image, List<String> platforms, Consumer<JsonNode> lines)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    var parameters = new HashMap<String, String>();
    parameters.put(IMAGE, image);
    if (!platforms.isEmpty()) {
      parameters.put("platforms", String.join(",", platforms));
    }
    fetch(parameters, lines, deadline);
    return patience.isZero() ? "" : conversion(image, deadline);
  }

  private void fetch(Map<String, String> parameters, Consumer<JsonNode> lines, long deadline)
      throws InterruptedException {
    int refusals = 0;
    while (true) {
      try {
        client.call("pull", parameters, lines);
        return;
      } catch (AdminException.Unreachable e) {
        if (System.nanoTime() >= deadline) {
          throw e;
        }
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
      } catch (AdminException.Refused e) {
        refusals++;
        if (refusals >= attempts) {
          throw e;
        }
        TimeUnit.NANOSECONDS.sleep(BETWEEN_ATTEMPTS.toNanos());
      }
    }
  }

  private String conversion(String image, long deadline) throws InterruptedException {
    while (true) {
      try {
        var last = new JsonNode[1];
        client.call("GET", "conversion", Map.of(IMAGE, image), null, line -> last[0] = line);
        String state = last[0].get("state").asString();
        if (!state.equals(State.WAITING.text())) {
          return ended(image, state, last[0]);
        }
      } catch (AdminException.Unreachable e) {
        // It restarts, and goes on with what it had to convert.
      }
      if (System.nanoTime() >= deadline) {
        throw new AdminException.Refused(
            "%s is here, but was not converted within %d s".formatted(image, patience.toSeconds()));
      }
      TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    }
  }

  private static String ended(String image, String state, JsonNode line) {
    if (state.equals(State.LAZY.text())) {
      return "%s is lazy as %s".formatted(image, line.get("lazy").asString());
    }
    if (state.equals(State.PARKED.text())) {
      throw new AdminException.Refused(
          "the conversion of %s was given up: %s".formatted(image, line.get("reason").asString()));
    }
    return "%s stays as it is; the server's log says why".formatted(image);
  }
}
