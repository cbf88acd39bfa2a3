package io.lighter.conversion;

import static java.util.stream.Collectors.toSet;

import io.lighter.oci.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Files that the start of an image is going to read, in the order in which it reads them: paths,
 * and patterns of paths, relative to the root. {@link PathPattern} tells what patterns may hold.
 *
 * <p>Two lists are equal if they name the same in the same order. Immutable.
 *
 * @param items cleaned, each once
 */
public record PrefetchList(List<Item> items) {

  /** No file at all. */
  public static final PrefetchList NONE = new PrefetchList(List.of());

  /** Far more than a start reads. */
  private static final int MAX_ITEMS = 200_000;

  /** Every pattern is tried on every path of a layer. */
  private static final int MAX_PATTERNS = 1_000;

  /**
   * A path or a pattern.
   *
   * @param path relative to the root, without empty and "." components
   * @param pattern whether some of its characters stand for others
   */
  public record Item(String path, boolean pattern) {}

  public PrefetchList {
    items = List.copyOf(items);
  }

  /**
   * Reads a list of one path or pattern a line. Lines that are blank or begin with {@code #} mean
   * nothing, and neither do blanks around a path.
   *
   * @param name what to call the list in messages
   * @throws InvalidPrefetchListException if a line cannot be understood
   * @throws IOException if the list cannot be read
   */
  public static PrefetchList parse(InputStream text, String name) throws IOException {
    var builder = new Builder(name);
    builder.read(
        text,
        line -> {
          if (!line.startsWith("#")) {
            builder.add(line, PathPattern.isPattern(line));
          }
        });
    return builder.build();
  }

  /**
   * Reads a record of file accesses as {@code ctr-remote} and {@code nerdctl} write and take it: a
   * JSON object a line, whose {@code path} names a file. Everything else in it means nothing here:
   * a path counts in every layer that has it.
   *
   * @param name what to call the record in messages
   * @throws InvalidPrefetchListException if a line cannot be understood
   * @throws IOException if the record cannot be read
   */
  public static PrefetchList parseRecord(InputStream jsonLines, String name) throws IOException {
    var builder = new Builder(name);
    builder.read(jsonLines, line -> builder.add(builder.pathOf(line), false));
    return builder.build();
  }

  /** The items of this list and then those of another that are not in this. */
  public PrefetchList and(PrefetchList other) {
    var all = new LinkedHashSet<>(items);
    all.addAll(other.items);
    return new PrefetchList(List.copyOf(all));
  }

  /** Whether it names nothing. */
  public boolean isEmpty() {
    return items.isEmpty();
  }

  /**
   * Whether a layer with this TOC has anything of the list.
   *
   * @throws LayerTooLargeException if the patterns take too many steps on the paths
   */
  public boolean hasSomethingIn(Toc toc) {
    Set<String> paths =
        items.stream().filter(item -> !item.pattern()).map(Item::path).collect(toSet());
    List<PathPattern> patterns =
        items.stream().filter(Item::pattern).map(item -> new PathPattern(item.path())).toList();
    var steps = new PatternSteps(PatternSteps.MOST);
    return toc.entries().stream()
        .map(entry -> LayerPaths.clean(entry.name(), entry.name()))
        .filter(path -> !LayerPaths.isReserved(path))
        .anyMatch(path ->
            paths.contains(path) || patterns.stream().anyMatch(p -> p.matches(path, steps)));
  }

  /** Sixteen hex characters that tell it from other lists. */
  public String id() {
    var text = new StringBuilder();
    items.forEach(item -> text.append(item.pattern() ? 'g' : 'p').append(item.path()).append('\n'));
    return Digest.ofSha256(text.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
  }

  @FunctionalInterface
  private interface LineReader {
    void take(String line);
  }

  /** A list on its way from lines. */
  private static final class Builder {
    private final String name;
    private final Set<Item> items = new LinkedHashSet<>();
    private int line;
    private int patterns;

    Builder(String name) {
      this.name = name;
    }

    void read(InputStream in, LineReader reader) throws IOException {
      var decoder = StandardCharsets.UTF_8.newDecoder();
      var lines = new BufferedReader(new InputStreamReader(in, decoder));
      try {
        for (String text = lines.readLine(); text != null; text = lines.readLine()) {
          line++;
          String stripped = text.strip();
          if (!stripped.isEmpty()) {
            reader.take(stripped);
          }
        }
      } catch (CharacterCodingException e) {
        throw new InvalidPrefetchListException(
            name, line + 1, "is not UTF-8, or follows what is not");
      }
    }

    void add(String path, boolean pattern) {
      String clean;
      try {
        clean = LayerPaths.clean(path, path);
      } catch (UnconvertibleLayerException e) {
        throw invalid(
            "a path has at most 4096 characters, names of at most 255 bytes, and no \"..\" in it: "
                + quote(path));
      }
      if (clean.indexOf('\0') >= 0) {
        throw invalid("a path has no zero byte: " + quote(path));
      }
      if (items.add(new Item(clean, pattern)) && pattern) {
        patterns++;
      }
      if (items.size() > MAX_ITEMS || patterns > MAX_PATTERNS) {
        throw invalid(
            "a list has at most %d paths, of which %d are patterns"
                .formatted(MAX_ITEMS, MAX_PATTERNS));
      }
    }

    String pathOf(String json) {
      JsonNode object;
      try {
        object = Toc.JSON.readTree(json);
      } catch (JacksonException e) {
        throw invalid("not JSON; a line is an object such as {\"path\":\"usr/bin/app\"}");
      }
      if (!object.path("path").isString() || object.path("path").asString().isEmpty()) {
        throw invalid("no path; a line is an object such as {\"path\":\"usr/bin/app\"}");
      }
      return object.path("path").asString();
    }

    PrefetchList build() {
      return new PrefetchList(new ArrayList<>(items));
    }

    private InvalidPrefetchListException invalid(String problem) {
      return new InvalidPrefetchListException(name, line, problem);
    }

    private static String quote(String text) {
      return UnconvertibleLayerException.quote(text);
    }
  }
}
