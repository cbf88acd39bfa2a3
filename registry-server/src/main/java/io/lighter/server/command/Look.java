package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.DataSize;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** What commands that show something of a running server have in common: where, and how. */
public final class Look {
  @Mixin private AdminTarget server = new AdminTarget();

  @Option(
      names = "--json",
      description = "Print what the admin API answers, one document on a line, and no table.")
  private boolean json;

  boolean isJson() {
    return json;
  }

  AdminClient connect() {
    return server.connect();
  }

  /** A view of the server, which answers one document. */
  static JsonNode view(AdminClient client, String name, Map<String, String> parameters) {
    List<JsonNode> documents = new ArrayList<>();
    client.call("GET", name, parameters, null, documents::add);
    return documents.getFirst();
  }

  /** Prints a table, or what there is to say if it has no rows. */
  static void print(PrintWriter out, Table table, String none) {
    out.println(table.isEmpty() ? none : table.text());
  }

  static String size(JsonNode bytes) {
    return new DataSize(bytes.asLong()).rounded();
  }

  /** A digest that can be told from others. */
  static String digest(JsonNode digest) {
    String text = digest.asString();
    int colon = text.indexOf(':');
    return colon < 0 ? "-" : text.substring(0, Math.min(text.length(), colon + 13));
  }

  /** Time that has passed since, in the largest unit. */
  static String age(JsonNode time) {
    Duration age = Duration.between(Instant.parse(time.asString()), Instant.now());
    if (age.toDays() > 1) {
      return age.toDays() + " d";
    }
    if (age.toHours() > 1) {
      return age.toHours() + " h";
    }
    return age.toMinutes() > 1 ? age.toMinutes() + " min" : Math.max(0, age.toSeconds()) + " s";
  }
}
