package io.lighter.server.upstream;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.InvalidManifestException;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.UpstreamCalls.Question;
import io.lighter.server.upstream.UpstreamObserver.Operation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The lists of an upstream, read to their end: a client's page is cut from the whole, because only
 * the whole can be merged with what is known here. Of the address of a next page only the query is
 * used, so that a list leads nowhere but on. Thread-safe and blocking.
 */
final class RemoteLists {
  private static final int MAX_PAGE = 4 * 1024 * 1024;
  private static final int MAX_ENTRIES = 100_000;

  /** For all pages together; the first answer of a client waits for this. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Pattern NEXT =
      Pattern.compile("<([^>]*)>\\s*;[^,]*\\brel\\s*=\\s*\"?next\\b.*");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final UpstreamSettings settings;
  private final UpstreamCalls calls;

  /** Puts what a page holds into the list. */
  @FunctionalInterface
  private interface Reader {
    /** False if the answer is no page of such a list. */
    boolean read(UpstreamResponse response, Question question) throws IOException;
  }

  RemoteLists(UpstreamSettings settings, UpstreamCalls calls) {
    this.settings = settings;
    this.calls = calls;
  }

  /** Every tag of a repository, in byte-wise order. */
  List<Tag> tags(RepositoryName repository) {
    var tags = new TreeSet<Tag>();
    readAll(
        Operation.TAG_LIST,
        repository,
        "tags/list",
        Optional.of("n=1000"),
        "application/json",
        (response, question) -> {
          calls.requireOk(response, question);
          for (JsonNode tag : json(response, question).path("tags")) {
            Tag.tryParse(tag.asString("")).ifPresent(tags::add);
          }
          requireBounded(question, tags.size());
          return true;
        });
    return List.copyOf(tags);
  }

  /**
   * Every referrer of a manifest, by the referrers API.
   *
   * @return empty if the upstream does not have this API
   */
  Optional<List<Descriptor>> referrers(RepositoryName repository, Digest subject) {
    var referrers = new ArrayList<Descriptor>();
    boolean supported =
        readAll(
            Operation.REFERRERS,
            repository,
            "referrers/" + subject,
            Optional.empty(),
            MediaTypes.OCI_INDEX,
            (response, question) -> {
              switch (response.status()) {
                case 400, 404, 405, 501 -> {
                  return false;
                }
                default -> calls.requireOk(response, question);
              }
              Optional<String> type =
                  response.header("Content-Type").map(MediaTypes::withoutParameters);
              if (!type.equals(Optional.of(MediaTypes.OCI_INDEX))) {
                return false; // A page for people, or another API under this path.
              }
              referrers.addAll(index(response, question).manifests());
              requireBounded(question, referrers.size());
              return true;
            });
    return supported ? Optional.of(List.copyOf(referrers)) : Optional.empty();
  }

  private boolean readAll(
      Operation operation,
      RepositoryName repository,
      String path,
      Optional<String> firstQuery,
      String accept,
      Reader reader) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    var seen = new HashSet<String>();
    for (Optional<String> query = firstQuery; ; ) {
      String tail = query.map(parameters -> path + '?' + parameters).orElse(path);
      if (!seen.add(tail)) {
        throw invalid(path + " of " + repository, "leads from page to page in a circle");
      }
      if (System.nanoTime() - deadline > 0) {
        throw new UpstreamException.Unreachable(
            "%s of %s at %s takes longer than %d s"
                .formatted(path, repository, settings.name(), PATIENCE.toSeconds()),
            null);
      }
      var question = new Question(operation, "GET", repository, tail, Map.of("Accept", accept));
      record Page(boolean supported, Optional<String> next) {}
      Page page =
          calls.ask(
              question,
              response -> new Page(reader.read(response, question), next(response, question)));
      if (!page.supported()) {
        return false;
      }
      if (page.next().isEmpty()) {
        return true;
      }
      query = page.next();
    }
  }

  /** The query of the next page, if there is one. */
  private Optional<String> next(UpstreamResponse response, Question question) {
    for (String link : response.headerValues("Link")) {
      Matcher next = NEXT.matcher(link);
      if (next.matches()) {
        try {
          String query = URI.create(next.group(1)).getRawQuery();
          if (query != null) {
            return Optional.of(query);
          }
        } catch (IllegalArgumentException e) {
          throw invalid(question.toString(), "links to something that is not an address");
        }
      }
    }
    return Optional.empty();
  }

  private JsonNode json(UpstreamResponse response, Question question) throws IOException {
    try {
      return JSON.readTree(response.body().readAll(MAX_PAGE, settings.network().stallTimeout()));
    } catch (JacksonException e) {
      throw invalid(question.toString(), "is not JSON");
    }
  }

  private ManifestView index(UpstreamResponse response, Question question) throws IOException {
    byte[] content = response.body().readAll(MAX_PAGE, settings.network().stallTimeout());
    try {
      return ManifestView.parse(Optional.of(MediaTypes.OCI_INDEX), content);
    } catch (InvalidManifestException e) {
      throw invalid(question.toString(), "is not an index: " + e.getMessage());
    }
  }

  private void requireBounded(Question question, int entries) {
    if (entries > MAX_ENTRIES) {
      throw invalid(question.toString(), "has more than %d entries".formatted(MAX_ENTRIES));
    }
  }

  private UpstreamException invalid(String what, String why) {
    return new UpstreamException.Invalid(
        "answer of %s to %s %s".formatted(settings.name(), what, why), null);
  }
}
