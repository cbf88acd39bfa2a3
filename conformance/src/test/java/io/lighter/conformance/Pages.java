package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Listings that are read page by page, along their {@code Link} headers. */
final class Pages {
  private static final Pattern LINK = Pattern.compile("<([^>]+)>; *rel=\"?next\"?");

  private Pages() {}

  /** The page at a path below the repository or, as links have it, from the root. */
  static Response get(Repository repository, String path) {
    return repository.request().get(path.startsWith("/") ? path : repository.path(path));
  }

  /** The path of the page behind this one; empty if this is the last. Links must be relative. */
  static String next(Response response) {
    String link = response.header("Link");
    if (link == null) {
      return "";
    }
    var matcher = LINK.matcher(link);
    assertThat(matcher.matches()).as(link).isTrue();
    assertThat(matcher.group(1)).as("a path on this host").startsWith("/v2/");
    return matcher.group(1);
  }

  /** The entries of every page, first to last. */
  static <T> List<List<T>> walk(
      Repository repository, String first, Function<Response, List<T>> entries) {
    var pages = new ArrayList<List<T>>();
    var seen = new HashSet<String>();
    for (String path = first; !path.isEmpty(); ) {
      var response = get(repository, path);
      pages.add(entries.apply(response));
      assertThat(seen.add(path)).as("%s comes again", path).isTrue();
      path = next(response);
    }
    return pages;
  }
}
