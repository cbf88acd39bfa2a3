package io.lighter.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jwt.SignedJWT;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Who a request is from, and what he may do. Thread-safe. {@link #known} never blocks, {@link
 * #identify} does.
 *
 * <p>What was found out about an {@code Authorization} header is remembered for seconds, so that
 * the ranges of a node are not each verified anew. A file that changes, or other terms, make all of
 * that void.
 */
public final class AccessControl {
  private static final Duration REMEMBERED = Duration.ofSeconds(60);
  private static final int MAX_REMEMBERED = 20_000;

  private final Supplier<AccessTerms> terms;
  private final Clock clock;
  private final Logins logins;
  private final Tokens tokens;
  private final AtomicLong generation = new AtomicLong();
  private final Cache<String, Rights> remembered =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED).build();

  /**
   * How access is decided.
   *
   * @param active whether there is anything to decide; else everybody may everything
   * @param policy the rules
   * @param challenge what a client that has to say who it is is told to do
   * @param realm where clients get tokens; empty for this server, as they call it
   * @param tokenTtl how long a token is good
   * @param issuers others whose tokens are believed
   */
  public record Settings(
      boolean active,
      Policy policy,
      Form challenge,
      String realm,
      Duration tokenTtl,
      List<IssuerSettings> issuers) {
    public Settings {
      issuers = List.copyOf(issuers);
    }
  }

  /** How clients are told to say who they are. They may always do the other thing too. */
  public enum Form {
    BASIC,
    BEARER
  }

  /**
   * Access by these terms, which may be replaced; tokens are good as long as the first ones say.
   *
   * @param terms those in force, or those that the caller began with; never blocks
   * @param accounts content of a file as {@code htpasswd -B} writes it
   * @throws IllegalArgumentException if that is something else
   */
  public AccessControl(Supplier<AccessTerms> terms, Optional<byte[]> accounts, Clock clock) {
    this.terms = terms;
    this.clock = clock;
    this.logins = new Logins(accounts.map(Accounts::parse).orElse(Accounts.NONE), clock);
    this.tokens = new Tokens(clock, settings().tokenTtl());
  }

  private Settings settings() {
    return terms.get().settings();
  }

  /** Whether there is anything to decide. */
  public boolean active() {
    return settings().active();
  }

  public Form challenge() {
    return settings().challenge();
  }

  /** Where clients get tokens; empty for this server, as they call it. */
  public String realm() {
    return settings().realm();
  }

  /** What tokens are for. */
  public String service() {
    return Tokens.SERVICE;
  }

  /**
   * Takes other accounts.
   *
   * @throws IllegalArgumentException if the content is not as it should be; nothing changes then
   */
  public void replaceAccounts(byte[] content) {
    logins.replace(Accounts.parse(content));
    generation.incrementAndGet();
    remembered.invalidateAll();
  }

  /** Whether rights that were found out before still hold. Never blocks. */
  public boolean isCurrent(Rights rights) {
    Settings now = settings();
    return rights.isBy(now.policy())
        && (!now.active()
            || (rights.generation() == generation.get()
                && clock.instant().isBefore(rights.caller().until())));
  }

  /** The rights of a caller that was seen a moment ago. Never blocks. */
  public Optional<Rights> known(Credentials credentials) {
    AccessTerms now = terms.get();
    if (!now.settings().active()) {
      return Optional.of(now.open());
    }
    return Optional.ofNullable(remembered.getIfPresent(fingerprint(credentials)))
        .filter(this::isCurrent);
  }

  /**
   * Finds out who a request is from. Blocks.
   *
   * @throws AccessException if what it says of that is not true
   */
  public Rights identify(Credentials credentials) {
    Optional<Rights> before = known(credentials);
    if (before.isPresent()) {
      return before.get();
    }
    long asOf = generation.get();
    var rights = new Rights(caller(credentials), settings().policy(), asOf);
    remembered.put(fingerprint(credentials), rights);
    return rights;
  }

  private Caller caller(Credentials credentials) {
    String header = credentials.authorization();
    if (header.isEmpty()) {
      return credentials.certificate().map(this::member).orElse(Caller.ANONYMOUS);
    }
    if (header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return password(header.substring(6).strip(), credentials.address());
    }
    if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return token(header.substring(7).strip());
    }
    throw new AccessException.InvalidToken("is of a kind that is not known; use Basic or Bearer");
  }

  private Caller member(String user) {
    return new Caller(
        user,
        settings().policy().groupsOf(user),
        Optional.empty(),
        clock.instant().plus(REMEMBERED));
  }

  private Caller password(String encoded, String address) {
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(encoded), UTF_8);
    } catch (IllegalArgumentException _) {
      throw new AccessException.WrongCredentials();
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      throw new AccessException.WrongCredentials();
    }
    if (colon == 0 && pair.length() == 1) {
      return Caller.ANONYMOUS; // Some clients send this for want of an account.
    }
    return login(pair.substring(0, colon), pair.substring(colon + 1), address);
  }

  /**
   * Checks a name and a password. The token of an issuer may stand for the password, as clients
   * that know nothing else need it; it says itself whose it is, whatever the name.
   *
   * @throws AccessException if they are wrong, or were too often
   */
  public Caller login(String user, String password, String address) {
    Optional<Caller> byToken = parsed(password).flatMap(this::ofIssuer);
    if (byToken.isPresent()) {
      return byToken.get();
    }
    logins.check(user, password, address);
    return member(user);
  }

  private Caller token(String text) {
    return parsed(text).flatMap(this::ofIssuer).orElseGet(() -> own(text));
  }

  private static Optional<SignedJWT> parsed(String text) {
    try {
      return Optional.of(SignedJWT.parse(text));
    } catch (ParseException _) {
      return Optional.empty();
    }
  }

  /** Whom somebody else's token is about; empty if it is nobody's whose tokens are believed. */
  private Optional<Caller> ofIssuer(SignedJWT token) {
    String named;
    try {
      named = token.getJWTClaimsSet().getIssuer();
    } catch (ParseException _) {
      return Optional.empty();
    }
    return terms.get().issuers().stream()
        .filter(issuer -> issuer.name().equals(named))
        .findFirst()
        .map(issuer -> issuer.caller(token))
        .map(this::withOwnGroups);
  }

  private Caller own(String text) {
    Tokens.Verified verified = tokens.verify(text);
    String user = verified.user();
    if (!user.isEmpty() && !isKnown(user)) {
      throw new AccessException.InvalidToken("is of a user who is no more");
    }
    return withOwnGroups(
        new Caller(user, verified.groups(), Optional.of(verified.scope()), verified.until()));
  }

  /** With the groups of the configuration beside those that came with him. */
  private Caller withOwnGroups(Caller caller) {
    var groups = new HashSet<>(caller.groups());
    groups.addAll(settings().policy().groupsOf(caller.name()));
    return new Caller(caller.name(), groups, caller.scope(), caller.until());
  }

  /** Whoever shows a certificate, or the token of an issuer, is in no file. */
  private boolean isKnown(String user) {
    return logins.exists(user) || user.indexOf('=') > 0 || isIssuers(user);
  }

  private boolean isIssuers(String user) {
    return terms.get().issuers().stream().anyMatch(issuer -> issuer.names(user));
  }

  /** A token for somebody whose rights are known. */
  public Token token(Caller caller, Scope scope) {
    var brought = new HashSet<>(caller.groups());
    brought.removeAll(settings().policy().groupsOf(caller.name()));
    // Not longer than the token that it was had for.
    Instant until = isIssuers(caller.name()) ? caller.until() : Instant.MAX;
    Tokens.Issued issued = tokens.issue(caller.name(), brought, scope, until);
    return new Token(issued.token(), issued.at(), issued.ttl());
  }

  /** A token and how long it is good. */
  public record Token(String text, Instant issuedAt, Duration ttl) {
    @Override
    public String toString() {
      return "Token[issuedAt=" + issuedAt + ']';
    }
  }

  private static String fingerprint(Credentials credentials) {
    if (credentials.authorization().isEmpty()) {
      return credentials.certificate().orElse("");
    }
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(credentials.authorization().getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("part of every JDK", e);
    }
  }
}
