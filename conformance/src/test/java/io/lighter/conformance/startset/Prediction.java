package io.lighter.conformance.startset;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code lighter startset --json} says about an image.
 *
 * @param reasons why each path is in the set, in the set's order; paths have no slash in front
 * @param unresolved what the analysis could not follow
 * @param cpu processor time of the analysis
 */
record Prediction(Map<String, String> reasons, List<String> unresolved, Duration cpu) {

  private static final JsonMapper JSON = JsonMapper.shared();

  static Prediction parse(byte[] json) {
    JsonNode answer = JSON.readTree(json);
    if (!answer.path("files").isArray()) {
      throw new IllegalArgumentException("the answer has no list \"files\"");
    }
    var reasons = new LinkedHashMap<String, String>();
    for (JsonNode file : answer.path("files")) {
      String path = file.path("path").asString();
      reasons.put(path.startsWith("/") ? path.substring(1) : path, file.path("reason").asString());
    }
    var unresolved = new ArrayList<String>();
    for (JsonNode item : answer.path("unresolved")) {
      unresolved.add(item.path("what").asString() + ": " + item.path("why").asString());
    }
    return new Prediction(
        reasons, unresolved, Duration.ofMillis(answer.path("cpuMillis").asLong(0)));
  }
}
