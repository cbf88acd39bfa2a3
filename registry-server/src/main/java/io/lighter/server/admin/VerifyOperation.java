package io.lighter.server.admin;

import io.lighter.server.verify.Damage;
import io.lighter.server.verify.Verification;
import io.lighter.server.verify.Verification.Origin;
import io.lighter.server.verify.VerificationBusyException;
import io.lighter.storage.VerificationPass;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /admin/verify}: continues or does a verification. Each damage is a line, progress is
 * a line about every second, and the last line is the result. Damage is logged as well. A client
 * that leaves stops the pass; the next request, or the schedule, continues it.
 */
public final class VerifyOperation implements AdminOperation {
  private static final Logger LOG = LoggerFactory.getLogger(VerifyOperation.class);

  private final Verification verification;
  private final ToLongFunction<String> rate;

  /**
   * @param rate understands the text of a rate, in bytes per second; throws {@link
   *     IllegalArgumentException} for what is none
   */
  public VerifyOperation(Verification verification, ToLongFunction<String> rate) {
    this.verification = verification;
    this.rate = rate;
  }

  @Override
  public String name() {
    return "verify";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("rate", "restart");
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    long bytesPerSecond = bytesPerSecond(request);
    try {
      VerificationPass pass =
          verification.run(
              Origin.OPERATOR,
              request.flag("restart"),
              bytesPerSecond,
              new Verification.Listener() {
                @Override
                public void damaged(Damage damage) {
                  LOG.error("{}", damage.text());
                  answer.accept(new DamageLine(damage));
                }

                @Override
                public void progressed(VerificationPass pass) {
                  answer.accept(new ProgressLine(pass));
                }
              });
      answer.accept(new ResultLine(pass));
    } catch (VerificationBusyException e) {
      throw new AdminException.Busy(String.valueOf(e.getMessage()));
    }
  }

  private long bytesPerSecond(AdminRequest request) {
    try {
      return rate.applyAsLong(request.text("rate").orElse(""));
    } catch (IllegalArgumentException e) {
      throw new AdminException.Invalid("rate: " + e.getMessage());
    }
  }

  private record DamageLine(Damage damage) {}

  private record ProgressLine(VerificationPass progress) {}

  private record ResultLine(VerificationPass result) {}
}
