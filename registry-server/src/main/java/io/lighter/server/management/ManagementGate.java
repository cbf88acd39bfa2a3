package io.lighter.server.management;

import io.lighter.server.access.AccessControl;
import io.lighter.server.access.AccessException;
import io.lighter.server.access.Credentials;
import io.lighter.server.access.Rights;
import io.lighter.server.http.Connections;
import io.lighter.server.observe.LogText;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets those to the admin API and its page whom the rules allow {@code admin} of all repositories,
 * by Basic, by the token of an issuer, or by client certificate. A token of this registry's own
 * says what may be done to repositories, which is not this. Called on the event loop; passwords are
 * compared elsewhere.
 */
public final class ManagementGate {
  private static final Logger AUDIT = LoggerFactory.getLogger("io.lighter.audit");

  private final AccessControl access;

  public ManagementGate(AccessControl access) {
    this.access = access;
  }

  /** Goes on with a request that may, and answers the others. */
  void admit(RoutingContext context) {
    Credentials credentials = credentials(context.request());
    Optional<Rights> known = access.known(credentials);
    if (known.isPresent()) {
      admit(context, known.get());
      return;
    }
    context.request().pause();
    Callable<Rights> identify = () -> access.identify(credentials);
    context
        .vertx()
        .executeBlocking(identify, false)
        .onComplete(
            rights -> {
              context.request().resume();
              admit(context, rights);
            },
            failure -> {
              context.request().resume();
              if (failure instanceof AccessException refused) {
                refuse(context, refused);
              } else {
                context.fail(failure);
              }
            });
  }

  private static void admit(RoutingContext context, Rights rights) {
    boolean may = rights.administersEverything();
    if (!may || !context.request().method().name().equals("GET")) {
      AUDIT.info(
          "{}: user={} action=admin method={} path={} client={}",
          may ? "allowed" : "denied",
          rights.caller().isAnonymous() ? "-" : LogText.word(rights.caller().name()),
          context.request().method().name(),
          LogText.word(context.normalizedPath()),
          context.request().remoteAddress().hostAddress());
    }
    if (may) {
      context.next();
    } else if (rights.caller().isAnonymous()) {
      challenge(context, "say who you are");
    } else {
      Refusal.send(
          context,
          403,
          "%s may not: this needs somebody whom access.rules allow admin of all repositories (\"**\")"
              .formatted(LogText.word(rights.caller().name())));
    }
  }

  private static void refuse(RoutingContext context, AccessException failure) {
    String message = String.valueOf(failure.getMessage());
    switch (failure) {
      case AccessException.WrongCredentials _, AccessException.InvalidToken _ ->
          challenge(context, message);
      case AccessException.IssuerAway _ -> {
        context.response().putHeader("Retry-After", "5");
        Refusal.send(context, 503, message);
      }
      case AccessException.Later later -> {
        context
            .response()
            .putHeader(
                "Retry-After", Long.toString(Math.max(1, later.retryAfter().toSeconds() + 1)));
        Refusal.send(context, 429, message);
      }
    }
  }

  /** A browser asks its user then, and a client of the API reads why. */
  private static void challenge(RoutingContext context, String why) {
    context.response().putHeader("WWW-Authenticate", "Basic realm=\"Lighter management\"");
    Refusal.send(context, 401, why);
  }

  private static Credentials credentials(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    return new Credentials(
        header == null ? "" : header,
        Connections.certificate(request.connection()),
        request.remoteAddress().hostAddress());
  }
}
