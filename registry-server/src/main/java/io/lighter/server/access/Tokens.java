package io.lighter.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that are signed here (RFC 7519, ES256). The key is made for the first token and replaced
 * each hour; the one before is believed until its last token has expired. It is in memory only:
 * after a restart clients are told that their token is not good, and fetch another. Thread-safe.
 */
final class Tokens {
  static final String SERVICE = "lighter";

  private static final String GROUPS = "groups";
  private static final Duration KEY_AGE = Duration.ofHours(1);

  private final Clock clock;
  private final Duration ttl;
  private @Nullable Signer current;
  private @Nullable Signer before;

  private record Signer(ECKey key, Instant since) {}

  /** A token and its time. */
  record Issued(String token, Instant at, Duration ttl) {}

  Tokens(Clock clock, Duration ttl) {
    this.clock = clock;
    this.ttl = ttl;
  }

  private Signer signer() {
    try {
      ECKey key = new ECKeyGenerator(Curve.P_256).keyID(UUID.randomUUID().toString()).generate();
      return new Signer(key, clock.instant());
    } catch (JOSEException e) {
      throw new IllegalStateException("part of every JDK", e);
    }
  }

  private synchronized ECKey signing() {
    Signer newest = current;
    if (newest == null || clock.instant().isAfter(newest.since().plus(KEY_AGE))) {
      before = newest;
      newest = signer();
      current = newest;
    }
    return newest.key();
  }

  private synchronized Optional<ECKey> key(@Nullable String id) {
    return Stream.of(Optional.ofNullable(current), believedStill())
        .flatMap(Optional::stream)
        .map(Signer::key)
        .filter(key -> key.getKeyID().equals(id))
        .findFirst();
  }

  private synchronized Optional<Signer> believedStill() {
    return Optional.ofNullable(current)
        .filter(newest -> clock.instant().isBefore(newest.since().plus(ttl)))
        .flatMap(_ -> Optional.ofNullable(before));
  }

  /**
   * Makes a token that is as good as its owner, within its scope, for a short time.
   *
   * @param groups of the owner that nobody here could tell again
   * @param until when it is over at the latest
   */
  Issued issue(String user, Set<String> groups, Scope scope, Instant until) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Duration left = Duration.between(now, until);
    Duration good = left.compareTo(ttl) < 0 ? left : ttl;
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(SERVICE)
            .audience(SERVICE)
            .subject(user)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(good)))
            .jwtID(UUID.randomUUID().toString())
            .claim("access", scope.claim())
            .claim(GROUPS, groups.isEmpty() ? null : List.copyOf(groups))
            .build();
    ECKey key = signing();
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    try {
      token.sign(new ECDSASigner(key));
    } catch (JOSEException e) {
      throw new IllegalStateException("a key of its own", e);
    }
    return new Issued(token.serialize(), now, good);
  }

  /**
   * What a token says.
   *
   * @param groups that it was issued with
   */
  record Verified(String user, Set<String> groups, Scope scope, Instant until) {}

  /**
   * Reads a token.
   *
   * @throws AccessException.InvalidToken if it was not signed here, or has expired
   */
  Verified verify(String text) {
    try {
      SignedJWT token = SignedJWT.parse(text);
      ECKey key =
          key(token.getHeader().getKeyID())
              .orElseThrow(() -> new AccessException.InvalidToken("was not issued here"));
      if (!token.getHeader().getAlgorithm().equals(JWSAlgorithm.ES256)
          || !token.verify(new ECDSAVerifier(key.toECPublicKey()))) {
        throw new AccessException.InvalidToken("was not issued here");
      }
      JWTClaimsSet claims = token.getJWTClaimsSet();
      Instant until = claims.getExpirationTime().toInstant();
      if (!clock.instant().isBefore(until)) {
        throw new AccessException.InvalidToken("has expired");
      }
      Object access = claims.getClaim("access");
      return new Verified(
          Optional.ofNullable(claims.getSubject()).orElse(""),
          Set.copyOf(Optional.ofNullable(claims.getStringListClaim(GROUPS)).orElse(List.of())),
          Scope.ofClaim(access instanceof List<?> list ? list : List.of()),
          until);
    } catch (ParseException | JOSEException e) {
      throw new AccessException.InvalidToken("cannot be read");
    }
  }
}
