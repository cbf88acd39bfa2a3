package io.lighter.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.server.observe.LogText;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks names and passwords. A check takes tens of milliseconds of a core on purpose, so few run
 * at once, and one that succeeded is remembered for some minutes, or until the user's entry in the
 * file changes. Thread-safe; blocks.
 */
final class Logins {
  private static final Logger AUDIT = LoggerFactory.getLogger("io.lighter.audit");
  private static final Duration REMEMBERED = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_REMEMBERED = 10_000;

  private final FailedLogins failures;
  private final Semaphore checks =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  private final Cache<String, PasswordHash> succeeded =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED).build();
  private final SecretKeySpec key;
  private volatile Accounts accounts;

  Logins(Accounts accounts, Clock clock) {
    this.accounts = accounts;
    this.failures = new FailedLogins(clock);
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    this.key = new SecretKeySpec(secret, "HmacSHA256");
  }

  void replace(Accounts next) {
    accounts = next;
  }

  boolean exists(String user) {
    return accounts.hash(user).isPresent();
  }

  /**
   * Returns if the password is right.
   *
   * @param address where the attempt comes from
   */
  void check(String user, String password, String address) {
    Accounts known = accounts;
    PasswordHash hash = known.hash(user).orElse(null);
    String remembered = fingerprint(user, password);
    PasswordHash before = succeeded.getIfPresent(remembered);
    if (hash != null && before != null && before.sameAs(hash)) {
      return;
    }
    Duration wait = failures.wait(user, address);
    if (!wait.isZero()) {
      throw new AccessException.Later(wait);
    }
    // A user who does not exist takes as long as a wrong password.
    boolean matches = compare(hash == null ? known.decoy() : hash, password);
    if (hash == null || !matches) {
      failures.failed(user, address);
      AUDIT.warn("login refused: user={} client={}", LogText.word(user), address);
      throw new AccessException.WrongCredentials();
    }
    failures.succeeded(user, address);
    succeeded.put(remembered, hash);
    AUDIT.info("login: user={} client={}", LogText.word(user), address);
  }

  private boolean compare(PasswordHash hash, String password) {
    try {
      if (!checks.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AccessException.Later(Duration.ofSeconds(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AccessException.Later(Duration.ofSeconds(1));
    }
    try {
      return hash.matches(password);
    } finally {
      checks.release();
    }
  }

  /** Tells the same pair again without its being kept. */
  private String fingerprint(String user, String password) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(user.getBytes(UTF_8));
      mac.update((byte) 0);
      return Base64.getEncoder().encodeToString(mac.doFinal(password.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("part of every JDK", e);
    }
  }
}
