package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** The {@code package.json} files of one start, each read once. Belongs to one thread. */
final class Packages {

  /** Far more than a package.json has. */
  private static final int MAX_LENGTH = 1 << 20;

  /** Far more than all of them have; as trees they take many times as much memory. */
  private static final int MAX_TOTAL = 32 << 20;

  private static final JsonMapper MAPPER = new JsonMapper();

  private final Start start;
  private final Map<ImageFile, NodePackage> known = new HashMap<>();
  private final Map<ImageFile, Optional<ImageFile>> nearest = new HashMap<>();
  private long parsed;

  Packages(Start start) {
    this.start = start;
  }

  /** The package in a directory; Node reads its file to know. */
  Optional<NodePackage> in(ImageFile directory, Reason reason) {
    ImageFile entry = directory.children().get("package.json");
    if (entry == null) {
      return Optional.empty();
    }
    return start
        .image()
        .find(directory, "package.json")
        .filter(ImageFile::isRegular)
        .map(file -> read(file, reason));
  }

  /** The package that a directory belongs to (Node.js, "LOOKUP_PACKAGE_SCOPE"). */
  Optional<NodePackage> around(ImageFile directory, Reason reason) {
    Optional<ImageFile> scope = nearest.get(directory);
    if (scope == null) {
      scope = Optional.empty();
      for (ImageFile at = directory; !at.name().equals("node_modules"); at = at.directory()) {
        start.checkpoint();
        if (at.children().containsKey("package.json")) {
          scope = Optional.of(at);
          break;
        }
        if (at == at.directory()) {
          break;
        }
      }
      nearest.put(directory, scope);
    }
    return scope.flatMap(at -> in(at, reason));
  }

  private NodePackage read(ImageFile file, Reason reason) {
    start.reads(file, reason);
    NodePackage already = known.get(file);
    if (already == null) {
      already = parse(file);
      known.put(file, already);
    }
    return already;
  }

  private NodePackage parse(ImageFile file) {
    parsed += Math.min(file.size(), MAX_LENGTH);
    if (file.size() > MAX_LENGTH || parsed > MAX_TOTAL) {
      start.unresolved(
          file.path(),
          "it is longer than %d bytes, or with all others than %d"
              .formatted(MAX_LENGTH, MAX_TOTAL));
      return new NodePackage(file, MissingNode.getInstance());
    }
    try {
      return new NodePackage(file, MAPPER.readTree(start.content(file)));
    } catch (JacksonException e) {
      start.unresolved(file.path(), "it is not JSON: " + e.getOriginalMessage());
      return new NodePackage(file, MissingNode.getInstance());
    }
  }
}
