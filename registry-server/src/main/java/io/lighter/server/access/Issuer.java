package io.lighter.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Believes the tokens of somebody else (RFC 7519, RFC 8725): signed by a key of his, for this
 * registry, and not expired. His keys are fetched when the first token comes and then every quarter
 * of an hour, and when a token names one that is new, at most twice in half a minute; while he
 * cannot be reached, those from before are good for four hours. Thread-safe; blocks.
 */
final class Issuer {
  private static final Logger LOG = LoggerFactory.getLogger(Issuer.class);

  /** Nothing symmetric: whoever could check a token could make one. */
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  private static final Duration KEPT = Duration.ofMinutes(15);
  private static final Duration FETCHING = Duration.ofSeconds(15);
  private static final Duration BETWEEN = Duration.ofSeconds(30);
  private static final Duration OUTAGE = Duration.ofHours(4);

  private final IssuerSettings settings;
  private final IssuerKeys source;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

  Issuer(IssuerSettings settings, Clock clock) {
    this.settings = settings;
    this.source = new IssuerKeys(settings);
    var keys =
        JWKSourceBuilder.create(source)
            .cache(KEPT.toMillis(), FETCHING.toMillis())
            .rateLimited(BETWEEN.toMillis())
            .outageTolerant(OUTAGE.toMillis())
            .build();
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
    var types = new HashSet<JOSEObjectType>();
    types.add(JOSEObjectType.JWT);
    types.add(new JOSEObjectType("at+jwt")); // RFC 9068
    types.add(null); // Kubernetes says none.
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(types));
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            settings.audience(),
            new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
            Set.of("exp", settings.userClaim())) {
          @Override
          protected Date currentTime() {
            return Date.from(clock.instant());
          }
        });
  }

  /** Whether he is the one that these settings are of. */
  boolean isBy(IssuerSettings other) {
    return settings.equals(other);
  }

  /** The {@code iss} of his tokens. */
  String name() {
    return settings.issuer();
  }

  /** Whether a user's name is one that he gives. */
  boolean names(String user) {
    return user.startsWith(prefix());
  }

  private String prefix() {
    return settings.name() + ':';
  }

  /**
   * Whom a token is about.
   *
   * @throws AccessException if it is not to be believed, or that cannot be found out now
   */
  Caller caller(SignedJWT token) {
    try {
      JWTClaimsSet claims = processor.process(token, null);
      Object user = claims.getClaim(settings.userClaim());
      if (!(user instanceof String name) || name.isBlank()) {
        throw new AccessException.InvalidToken("names no user by " + settings.userClaim());
      }
      return new Caller(
          prefix() + name,
          groups(claims),
          Optional.empty(),
          claims.getExpirationTime().toInstant());
    } catch (RateLimitReachedException e) {
      // By a key that is not among his, just after he was asked for new ones.
      throw source.answered()
          ? new AccessException.InvalidToken("is signed by a key that its issuer does not have")
          : new AccessException.IssuerAway(settings.name());
    } catch (KeySourceException e) {
      LOG.warn("{}", e.getMessage());
      throw new AccessException.IssuerAway(settings.name());
    } catch (BadJOSEException | JOSEException e) {
      throw new AccessException.InvalidToken("is not good: " + e.getMessage());
    }
  }

  private Set<String> groups(JWTClaimsSet claims) {
    return claims.getClaim(settings.groupsClaim()) instanceof List<?> list
        ? list.stream()
            .filter(String.class::isInstance)
            .map(group -> prefix() + group)
            .collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }
}
