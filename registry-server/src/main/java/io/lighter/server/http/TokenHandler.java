package io.lighter.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.oci.OciErrorCode;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.AccessException;
import io.lighter.server.access.Caller;
import io.lighter.server.access.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code GET} and {@code POST} of {@code /token} (Docker's "Token Authentication" and "OAuth2 Token
 * Authentication"). Whoever says nothing gets a token too: with it he may what everybody may. A
 * token holds what was asked for, and rules are looked at when it is used, so it tells nothing of
 * what exists, and what is taken away is gone at once.
 */
final class TokenHandler {
  private static final int MAX_FORM = 64 << 10;

  private final AccessControl access;
  private final AccessGate gate;

  TokenHandler(AccessControl access, AccessGate gate) {
    this.access = access;
    this.gate = gate;
  }

  Answer handle(RegistryRequest request) {
    if (!access.active()) {
      throw Dispatcher.noEndpoint("/token");
    }
    return switch (request.method().name()) {
      case "GET" -> byHeader(request);
      case "POST" -> byForm(request);
      default -> throw MethodNotAllowed.allowed("GET, POST");
    };
  }

  private Answer byHeader(RegistryRequest request) {
    Caller caller = gate.identify(request).caller();
    if (caller.scope().isPresent()) {
      // It could ask for more than it is good for.
      throw ProtocolException.of(
          OciErrorCode.UNAUTHORIZED, "no token is had for a token; say who you are by Basic");
    }
    // Some write the space between two scopes as forms do, and neither has a plus of its own.
    List<String> scopes =
        request.query().all("scope").stream().map(text -> text.replace('+', ' ')).toList();
    return issued(caller, scopes);
  }

  private Answer byForm(RegistryRequest request) {
    byte[] body =
        request
            .body()
            .readAll(MAX_FORM)
            .orElseThrow(() ->
                ProtocolException.of(
                    OciErrorCode.UNSUPPORTED, 413, "a form has at most 65536 bytes"));
    var form = Query.parse(new String(body, UTF_8).replace("+", "%20"));
    String grant = form.first("grant_type").orElse("");
    if (!grant.equals("password")) {
      // Clients go on with GET, which is all that there is instead of refresh tokens.
      return Answer.of(400)
          .json(JsonBodies.of(Map.of("error", "unsupported_grant_type")), "application/json");
    }
    try {
      Caller caller =
          access.login(
              form.first("username").orElse(""),
              form.first("password").orElse(""),
              request.origin().address());
      return issued(caller, form.all("scope"));
    } catch (AccessException e) {
      throw gate.refusal(request, e);
    }
  }

  private Answer issued(Caller caller, List<String> scopes) {
    AccessControl.Token token = access.token(caller, Scope.parse(scopes));
    var body = new LinkedHashMap<String, Object>();
    body.put("token", token.text());
    body.put("access_token", token.text());
    body.put("token_type", "Bearer");
    body.put("expires_in", token.ttl().toSeconds());
    body.put("issued_at", token.issuedAt().toString());
    return Answer.of(200)
        .json(JsonBodies.of(body), "application/json")
        .with("Cache-Control", "no-store");
  }
}
