package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.oci.OciErrorCode;
import io.lighter.oci.RepositoryName;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.AccessException;
import io.lighter.server.access.Action;
import io.lighter.server.access.Credentials;
import io.lighter.server.access.Rights;
import io.lighter.server.access.Scope;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.observe.LogText;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a request through to its handler, or refuses it with what its client needs to do better (OCI
 * Distribution Specification, "Authentication"; Docker's "Token Authentication"). What it says does
 * not depend on what exists. Thread-safe and blocking.
 */
final class AccessGate {
  private static final Logger AUDIT = LoggerFactory.getLogger("io.lighter.audit");

  private final AccessControl access;
  private final Repositories repositories;

  AccessGate(AccessControl access, Repositories repositories) {
    this.access = access;
    this.repositories = repositories;
  }

  /** Whose rights a request has that may go on. */
  Rights admit(RegistryRequest request) {
    Rights rights = identify(request);
    if (!access.active()) {
      return rights;
    }
    switch (request.endpoint()) {
      case Endpoint.Ping _ -> ping(request, rights);
      case Endpoint.Token _, Endpoint.Catalog _ -> {
        // The one says itself who may; the other lists what may be pulled.
      }
      case Endpoint.Blob(String name, String digest) ->
          require(request, rights, name, reading(request), Digest.tryParse(digest));
      case Endpoint.Manifest(String name, _) ->
          require(request, rights, name, reading(request), Optional.empty());
      case Endpoint.Tags(String name) ->
          require(request, rights, name, Action.PULL, Optional.empty());
      case Endpoint.Referrers(String name, _) ->
          require(request, rights, name, Action.PULL, Optional.empty());
      case Endpoint.Uploads(String name) ->
          require(request, rights, name, Action.PUSH, Optional.empty());
      case Endpoint.Upload(String name, _) ->
          require(request, rights, name, Action.PUSH, Optional.empty());
    }
    return rights;
  }

  private static Action reading(RegistryRequest request) {
    return switch (request.method().name()) {
      case "PUT", "POST", "PATCH" -> Action.PUSH;
      case "DELETE" -> Action.DELETE;
      default -> Action.PULL;
    };
  }

  /** Who a request is from. */
  Rights identify(RegistryRequest request) {
    try {
      return access.identify(credentials(request));
    } catch (AccessException e) {
      throw refusal(request, e);
    }
  }

  private static Credentials credentials(RegistryRequest request) {
    return new Credentials(
        request.header("Authorization").orElse(""),
        request.origin().certificate(),
        request.origin().address());
  }

  /** The refusal of somebody who is not who he says. */
  ProtocolException refusal(RegistryRequest request, AccessException failure) {
    String message = String.valueOf(failure.getMessage());
    return switch (failure) {
      case AccessException.WrongCredentials _ -> unauthorized(request, message, "", "");
      case AccessException.InvalidToken _ ->
          unauthorized(request, message, scope(request), "invalid_token");
      case AccessException.IssuerAway _ ->
          ProtocolException.of(OciErrorCode.UNAVAILABLE, 503, message).header("Retry-After", "5");
      case AccessException.Later later ->
          ProtocolException.of(OciErrorCode.TOOMANYREQUESTS, message)
              .header(
                  "Retry-After", Long.toString(Math.max(1, later.retryAfter().toSeconds() + 1)));
    };
  }

  /**
   * A client learns here that it has to say who it is: some ask nothing else before they push. With
   * tokens even those do who may pull without; there is a token for them too.
   */
  private void ping(RegistryRequest request, Rights rights) {
    boolean said = !rights.caller().isAnonymous() || rights.caller().scope().isPresent();
    if (!said && (access.challenge() == AccessControl.Form.BEARER || !rights.pullsEverything())) {
      throw unauthorized(request, "say who you are", "", "");
    }
  }

  private void require(
      RegistryRequest request, Rights rights, String name, Action action, Optional<Digest> blob) {
    if (rights.inScope(action, name)) {
      RepositoryName meant = meant(request, rights, name, action, blob);
      if (rights.may(action, name, request.namespace(), meant)) {
        audit(request, rights, name, action);
        return;
      }
    }
    AUDIT.warn(
        "denied: user={} action={} repository={} client={}",
        user(rights),
        action.text(),
        LogText.word(name),
        request.origin().address());
    boolean helps = rights.caller().isAnonymous() || !rights.inScope(action, name);
    throw helps
        ? unauthorized(
            request,
            "%s of %s needs somebody who may".formatted(action.text(), LogText.word(name)),
            scope(request),
            rights.caller().scope().isPresent() ? "insufficient_scope" : "")
        : ProtocolException.of(
            OciErrorCode.DENIED,
            "%s may not %s %s"
                .formatted(
                    LogText.word(rights.caller().name()), action.text(), LogText.word(name)));
  }

  /** What the name means; a plain one that is not allowed as it stands is not looked up at all. */
  private RepositoryName meant(
      RegistryRequest request, Rights rights, String name, Action action, Optional<Digest> blob) {
    if (action == Action.PULL) {
      return blob.map(digest -> blobs(request, rights, name, digest).name())
          .orElseGet(() -> repositories.resolve(name, request.namespace()).name());
    }
    return repositories.written(name, request.namespace());
  }

  /** The repository that a name means for reading a blob, among those that the caller may read. */
  RepositoryContent blobs(RegistryRequest request, Rights rights, String name, Digest digest) {
    return repositories.forBlob(
        name, request.namespace(), digest, repository -> lists(rights, repository));
  }

  private static void audit(RegistryRequest request, Rights rights, String name, Action action) {
    if (action != Action.PULL && !(request.endpoint() instanceof Endpoint.Upload)) {
      AUDIT.info(
          "allowed: user={} action={} repository={} method={} client={}",
          user(rights),
          action.text(),
          LogText.word(name),
          request.method().name(),
          request.origin().address());
    }
  }

  private static String user(Rights rights) {
    return rights.caller().isAnonymous() ? "-" : LogText.word(rights.caller().name());
  }

  /** Whether a blob may be mounted from a repository; without one, from any. */
  boolean mayMount(RegistryRequest request, Rights rights, Optional<RepositoryName> from) {
    if (!access.active()) {
      return true;
    }
    return from.map(source -> rights.may(Action.PULL, source.value(), request.namespace(), source))
        .orElseGet(rights::pullsEverything);
  }

  /** Whether a repository is listed for somebody. */
  boolean lists(Rights rights, RepositoryName repository) {
    return !access.active() || rights.byRules(Action.PULL, repository.value());
  }

  private ProtocolException unauthorized(
      RegistryRequest request, String message, String scope, String error) {
    return ProtocolException.of(OciErrorCode.UNAUTHORIZED, message)
        .header("WWW-Authenticate", challenge(request, scope, error));
  }

  /** All values in quotation marks: parsers want them. */
  private String challenge(RegistryRequest request, String scope, String error) {
    if (access.challenge() == AccessControl.Form.BASIC) {
      return "Basic realm=\"%s\"".formatted(access.service());
    }
    var challenge =
        new StringBuilder(
            "Bearer realm=\"%s\",service=\"%s\"".formatted(realm(request), access.service()));
    if (!scope.isEmpty()) {
      challenge.append(",scope=\"").append(scope).append('"');
    }
    if (!error.isEmpty()) {
      challenge.append(",error=\"").append(error).append('"');
    }
    return challenge.toString();
  }

  private String realm(RegistryRequest request) {
    if (!access.realm().isEmpty()) {
      return access.realm();
    }
    // What the client calls this server; RequestCheck has seen that it is a host and nothing else.
    return (request.origin().secure() ? "https://" : "http://")
        + request.header("Host").orElse("")
        + "/token";
  }

  /** What a token has to be asked for; without a quotation mark, as names have none. */
  private static String scope(RegistryRequest request) {
    return switch (request.endpoint()) {
      case Endpoint.Ping _, Endpoint.Token _, Endpoint.Catalog _ -> "";
      case Endpoint.Blob(String name, _) -> scope(name, reading(request));
      case Endpoint.Manifest(String name, _) -> scope(name, reading(request));
      case Endpoint.Tags(String name) -> scope(name, Action.PULL);
      case Endpoint.Referrers(String name, _) -> scope(name, Action.PULL);
      case Endpoint.Uploads(String name) -> scope(name, Action.PUSH) + mountScope(request);
      case Endpoint.Upload(String name, _) -> scope(name, Action.PUSH);
    };
  }

  /** To mount a blob needs the right to pull it where it is, which may be anywhere. */
  private static String mountScope(RegistryRequest request) {
    if (request.query().first("mount").isEmpty()) {
      return "";
    }
    String source =
        request
            .query()
            .first("from")
            .map(from -> scope(from, Action.PULL))
            .orElse("repository:%s:pull".formatted(Scope.ALL));
    return source.isEmpty() ? "" : ' ' + source;
  }

  private static String scope(String name, Action action) {
    if (!name.matches("[A-Za-z0-9._:/-]+")) {
      return "";
    }
    // Who pushes asks what is there already.
    return "repository:%s:%s".formatted(name, action == Action.PUSH ? "pull,push" : action.text());
  }
}
