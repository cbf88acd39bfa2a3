package io.lighter.server.verify;

import io.lighter.server.verify.Verification.Origin;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.VerificationPass.Phase;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the store verified once in an interval, on a thread of its own. What counts is when the last
 * pass began, whoever asked for it; a pass that was stopped is continued.
 */
public final class VerificationSchedule implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VerificationSchedule.class);

  /** Also how long a fresh start is left in peace. */
  private static final Duration LOOK_EVERY = Duration.ofMinutes(5);

  private final Verification verification;
  private final Duration interval;
  private final long bytesPerSecond;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("verification").daemon().factory());

  public VerificationSchedule(
      Verification verification, Duration interval, long bytesPerSecond, Clock clock) {
    this.verification = verification;
    this.interval = interval;
    this.bytesPerSecond = bytesPerSecond;
    this.clock = clock;
  }

  /** Begins to look whether a pass is due. */
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::look, LOOK_EVERY.toSeconds(), LOOK_EVERY.toSeconds(), TimeUnit.SECONDS);
  }

  /** Does a pass, or the rest of one, if it is due. */
  void look() {
    try {
      if (verification.last().map(this::isDue).orElse(true)) {
        VerificationPass pass =
            verification.run(Origin.SCHEDULE, false, bytesPerSecond, new Logged());
        if (pass.phase() == Phase.FINISHED) {
          LOG.info(
              "verified {} blobs with {} bytes and {} manifests; {} damaged",
              pass.blobs(),
              pass.bytes(),
              pass.manifests(),
              pass.damage());
        }
      }
    } catch (VerificationBusyException _) {
      // Somebody has it done already.
    } catch (RuntimeException e) {
      LOG.error("verification failed; it is continued later", e);
    }
  }

  private boolean isDue(VerificationPass last) {
    return last.phase() != Phase.FINISHED
        || !last.startedAt().plus(interval).isAfter(clock.instant());
  }

  @Override
  public void close() {
    thread.shutdown();
  }

  /** Nobody waits for what is found, so it goes to the log. */
  private static final class Logged implements Verification.Listener {
    @Override
    public void damaged(Damage damage) {
      LOG.error("{}", damage.text());
    }

    @Override
    public void progressed(VerificationPass pass) {}
  }
}
