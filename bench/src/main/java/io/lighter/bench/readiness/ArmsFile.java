package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is compared, as it is written down: a JSON object of {@code arms} and {@code counters}, with
 * comments if one likes. docs/readiness.md describes it.
 */
record ArmsFile(List<Arm> arms, List<Counter> counters) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  ArmsFile {
    arms = List.copyOf(arms);
    counters = List.copyOf(counters);
  }

  /**
   * Reads a file.
   *
   * @throws BenchException if it cannot be read or says something that makes no sense
   */
  static ArmsFile read(Path file) {
    try {
      return parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new BenchException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Reads text.
   *
   * @param name of the file, for messages
   */
  static ArmsFile parse(String text, String name) {
    try {
      Written written = JSON.readValue(text, Written.class);
      var arms = orNone(written.arms).stream().map(ArmsFile::arm).toList();
      check(arms);
      return new ArmsFile(arms, orNone(written.counters).stream().map(ArmsFile::counter).toList());
    } catch (JacksonException e) {
      throw new BenchException("%s: %s".formatted(name, e.getOriginalMessage()), e);
    } catch (BenchException e) {
      throw new BenchException("%s: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Those arms whose image is among these; all if there are none. */
  List<Arm> of(Set<String> images) {
    List<Arm> some =
        arms.stream().filter(arm -> images.isEmpty() || images.contains(arm.image())).toList();
    for (String image : images) {
      if (arms.stream().noneMatch(arm -> arm.image().equals(image))) {
        throw new BenchException(
            "no arm has the image \"%s\"; there are: %s"
                .formatted(image, arms.stream().map(Arm::image).distinct().toList()));
      }
    }
    return some;
  }

  private static void check(List<Arm> arms) {
    if (arms.isEmpty()) {
      throw new BenchException("no arms; at least one is needed");
    }
    var known = new HashSet<String>();
    for (Arm arm : arms) {
      if (!known.add(arm.toString())) {
        throw new BenchException("there are two arms \"%s\"".formatted(arm));
      }
    }
    for (Arm arm : arms) {
      arm.against()
          .ifPresent(other -> {
            if (!known.contains(arm.image() + ", " + other)) {
              throw new BenchException("%s: against \"%s\", which is no arm".formatted(arm, other));
            }
          });
    }
  }

  private static Arm arm(WrittenArm arm) {
    String image = needed(arm.image, "image of an arm");
    String name = needed(arm.name, "name of an arm of " + image);
    String what = image + ", " + name;
    return new Arm(
        image,
        name,
        needed(arm.reference, what + ": reference"),
        pull(arm.pull, what),
        arm.plainHttp,
        Optional.ofNullable(arm.hosts),
        orNone(arm.command),
        ready(arm.ready, what),
        orNone(arm.before),
        Optional.ofNullable(arm.against));
  }

  private static PullKind pull(@Nullable String text, String what) {
    for (PullKind kind : PullKind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(text)) {
        return kind;
      }
    }
    throw new BenchException("%s: pull is \"%s\"; allowed: full, lazy".formatted(what, text));
  }

  private static ReadyCheck ready(@Nullable WrittenReady ready, String what) {
    if (ready != null && ready.url != null && ready.line == null && !ready.ended) {
      String contains = ready.contains == null ? "" : ready.contains;
      return new ReadyCheck.Http(url(ready.url, what), contains);
    }
    if (ready != null && ready.line != null && ready.url == null && !ready.ended) {
      return new ReadyCheck.Line(ready.line);
    }
    if (ready != null && ready.ended && ready.url == null && ready.line == null) {
      return new ReadyCheck.Ended();
    }
    throw new BenchException(
        "%s: ready needs one of {\"url\": \"http://...\"}, {\"line\": \"...\"}, {\"ended\": true}"
            .formatted(what));
  }

  private static Counter counter(WrittenCounter counter) {
    String name = needed(counter.name, "name of a counter");
    double unit = counter.unit == null ? 1 : counter.unit;
    if (!(unit > 0)) {
      throw new BenchException(
          "counter %s: unit is %s; allowed: more than 0".formatted(name, counter.unit));
    }
    return new Counter(
        name,
        url(needed(counter.url, name + ": url"), "counter " + name),
        needed(counter.metric, name + ": metric"),
        unit);
  }

  private static URI url(String text, String what) {
    if (!text.startsWith("http://") && !text.startsWith("https://")) {
      throw new BenchException(
          "%s: \"%s\" is no URL; allowed: http://HOST:PORT/PATH".formatted(what, text));
    }
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new BenchException("%s: \"%s\" is no URL".formatted(what, text), e);
    }
  }

  private static String needed(@Nullable String value, String what) {
    if (value == null || value.isBlank()) {
      throw new BenchException(what + " is missing");
    }
    return value;
  }

  private static <T> List<T> orNone(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  private record Written(
      @Nullable List<WrittenArm> arms, @Nullable List<WrittenCounter> counters) {}

  private record WrittenArm(
      @Nullable String image,
      @Nullable String name,
      @Nullable String reference,
      @Nullable String pull,
      boolean plainHttp,
      @Nullable String hosts,
      @Nullable List<String> command,
      @Nullable WrittenReady ready,
      @Nullable List<String> before,
      @Nullable String against) {}

  private record WrittenReady(
      @Nullable String url, @Nullable String contains, @Nullable String line, boolean ended) {}

  private record WrittenCounter(
      @Nullable String name,
      @Nullable String url,
      @Nullable String metric,
      @Nullable Double unit) {}
}
