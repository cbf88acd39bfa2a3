package io.lighter.server.upstream;

import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The lists that a good registry makes of its manifests: tags and referrers, in pages. */
final class ScriptedLists {
  private static final Pattern PATH = Pattern.compile("/v2/(.+)/(tags/list|referrers/([^/]+))");

  /** By repository and tag, or digest, with a slash between. */
  private final SortedMap<String, Manifest> manifests = new TreeMap<>();

  private int pageSize = Integer.MAX_VALUE;
  private boolean referrersApi = true;

  /**
   * A page.
   *
   * @param next where the next one is
   */
  record Page(String json, String type, Optional<String> next) {}

  synchronized void add(String repository, String reference, Manifest manifest) {
    manifests.put(repository + '/' + reference, manifest);
  }

  synchronized void remove(String repository, String reference) {
    manifests.remove(repository + '/' + reference);
  }

  synchronized void pagesOf(int entries) {
    pageSize = entries;
  }

  synchronized void withoutReferrersApi() {
    referrersApi = false;
  }

  /** Empty if this is no list, or the registry does not have it. */
  synchronized Optional<Page> page(URI request) {
    Matcher path = PATH.matcher(request.getPath());
    if (!path.matches()) {
      return Optional.empty();
    }
    String prefix = path.group(1) + '/';
    Map<String, Manifest> own =
        manifests.tailMap(prefix).entrySet().stream()
            .takeWhile(entry -> entry.getKey().startsWith(prefix))
            .collect(
                Collectors.toMap(
                    entry -> entry.getKey().substring(prefix.length()),
                    Map.Entry::getValue,
                    (a, _) -> a,
                    TreeMap::new));
    String subject = path.group(3);
    if (subject == null) {
      return own.isEmpty() ? Optional.empty() : Optional.of(tags(request, own));
    }
    return referrersApi ? Optional.of(referrers(request, own, subject)) : Optional.empty();
  }

  private Page tags(URI request, Map<String, Manifest> own) {
    List<String> tags = own.keySet().stream().filter(name -> name.indexOf(':') < 0).toList();
    return page(
        request,
        tags,
        tag -> '"' + tag + '"',
        "{\"name\":\"x\",\"tags\":[%s]}",
        "application/json");
  }

  private Page referrers(URI request, Map<String, Manifest> own, String subject) {
    Map<String, String> referrers =
        own.entrySet().stream()
            .filter(entry -> entry.getKey().indexOf(':') >= 0)
            .filter(entry -> refersTo(entry.getValue(), subject))
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> descriptor(entry.getValue())));
    return page(
        request,
        referrers.keySet().stream().sorted().toList(),
        name -> referrers.getOrDefault(name, ""),
        "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":[%s]}",
        MediaTypes.OCI_INDEX);
  }

  private static boolean refersTo(Manifest manifest, String subject) {
    return manifest
        .view()
        .subject()
        .filter(it -> it.digest().toString().equals(subject))
        .isPresent();
  }

  /** As a registry or a client lists a manifest. */
  static String descriptor(Manifest manifest) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"artifactType\":\"%s\"}"
        .formatted(
            manifest.mediaType(),
            manifest.digest(),
            manifest.content().length,
            manifest.view().artifactType().orElse(""));
  }

  private Page page(
      URI request, List<String> names, UnaryOperator<String> entry, String body, String type) {
    String after = parameter(request, "last");
    String n = parameter(request, "n");
    int size = n.isEmpty() ? pageSize : Math.min(pageSize, Integer.parseInt(n));
    List<String> rest = names.stream().filter(name -> name.compareTo(after) > 0).toList();
    List<String> entries = rest.stream().limit(size).toList();
    return new Page(
        body.formatted(entries.stream().map(entry).collect(Collectors.joining(","))),
        type,
        entries.size() < rest.size()
            ? Optional.of(
                "<%s?last=%s&n=%d>; rel=\"next\""
                    .formatted(request.getPath(), entries.getLast().replace(":", "%3A"), size))
            : Optional.empty());
  }

  private static String parameter(URI request, String name) {
    if (request.getRawQuery() == null) {
      return "";
    }
    for (String parameter : request.getRawQuery().split("&", -1)) {
      if (parameter.startsWith(name + '=')) {
        return URLDecoder.decode(parameter.substring(name.length() + 1), StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}
