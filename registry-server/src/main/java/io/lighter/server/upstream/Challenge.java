package io.lighter.server.upstream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How a registry wants to be asked, as its {@code WWW-Authenticate} says (RFC 9110, 11.6.1). */
sealed interface Challenge {

  /**
   * A token is to be had elsewhere (RFC 6750, and Docker's token specification).
   *
   * @param realm address of the token endpoint, as it was sent
   * @param service name of the registry to the token endpoint, if one was sent
   * @param scope what the token must allow, if that was sent
   */
  record Bearer(String realm, Optional<String> service, Optional<String> scope)
      implements Challenge {}

  /** User name and password are to be sent with each request (RFC 7617). */
  record Basic() implements Challenge {}

  /**
   * Reads every challenge that Lighter can meet, in the order in which they were sent. Anything
   * else is left out, a Bearer challenge without a realm too.
   *
   * @param values values of the header fields
   */
  static List<Challenge> parse(List<String> values) {
    var challenges = new ArrayList<Challenge>();
    for (String value : values) {
      new Scanner(value).scan(challenges);
    }
    return challenges;
  }

  /**
   * One field value: schemes, each followed by comma-separated parameters. A word that is followed
   * by {@code =} is a parameter, any other begins the next scheme.
   */
  final class Scanner {
    private final String text;
    private int at;

    private Scanner(String text) {
      this.text = text;
    }

    private void scan(List<Challenge> into) {
      String scheme = "";
      var parameters = new HashMap<String, String>();
      while (skipSeparators()) {
        String word = word();
        if (word.isEmpty()) {
          at++; // A character that belongs nowhere.
        } else if (peekEquals()) {
          parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), value());
        } else {
          add(scheme, parameters, into);
          scheme = word.toLowerCase(Locale.ROOT);
          parameters.clear();
        }
      }
      add(scheme, parameters, into);
    }

    private static void add(String scheme, Map<String, String> parameters, List<Challenge> into) {
      String realm = parameters.get("realm");
      if (scheme.equals("basic")) {
        into.add(new Basic());
      } else if (scheme.equals("bearer") && realm != null) {
        into.add(
            new Bearer(
                realm,
                Optional.ofNullable(parameters.get("service")),
                Optional.ofNullable(parameters.get("scope"))));
      }
    }

    private boolean skipSeparators() {
      while (at < text.length() && " \t,".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      return at < text.length();
    }

    private String word() {
      int start = at;
      while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at);
    }

    private boolean peekEquals() {
      int next = at;
      while (next < text.length() && " \t".indexOf(text.charAt(next)) >= 0) {
        next++;
      }
      if (next < text.length() && text.charAt(next) == '=') {
        at = next + 1;
        return true;
      }
      return false;
    }

    private String value() {
      while (at < text.length() && " \t".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      if (at >= text.length() || text.charAt(at) != '"') {
        return unquoted();
      }
      at++;
      var value = new StringBuilder();
      while (at < text.length() && text.charAt(at) != '"') {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at++));
      }
      at++;
      return value.toString();
    }

    /** Not a token of the grammar: some registries send their realm without quotes. */
    private String unquoted() {
      int start = at;
      while (at < text.length() && " \t,".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at);
    }
  }
}
