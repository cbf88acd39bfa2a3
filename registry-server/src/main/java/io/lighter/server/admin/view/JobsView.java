package io.lighter.server.admin.view;

import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.admin.JobLog;
import io.lighter.storage.VerificationPass;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code GET /admin/jobs}: what operators had the server do since its start, and how far the
 * verification that was begun last has come, whoever began it.
 */
public final class JobsView implements AdminView {
  private final JobLog jobs;
  private final Supplier<Optional<VerificationPass>> verification;

  public JobsView(JobLog jobs, Supplier<Optional<VerificationPass>> verification) {
    this.jobs = jobs;
    this.verification = verification;
  }

  @Override
  public String name() {
    return "jobs";
  }

  @Override
  public Record read(AdminRequest request) {
    return new Document(
        jobs.jobs().stream().map(Entry::of).toList(), verification.get().map(Pass::of));
  }

  private record Document(List<Entry> jobs, Optional<Pass> verification) {}

  private record Entry(
      long id,
      String operation,
      Map<String, String> parameters,
      Instant startedAt,
      Optional<Instant> endedAt,
      String state,
      String reason) {
    static Entry of(JobLog.Job job) {
      return new Entry(
          job.id(),
          job.operation(),
          job.parameters(),
          job.startedAt(),
          job.endedAt(),
          job.state().name().toLowerCase(Locale.ROOT),
          job.reason());
    }
  }

  private record Pass(
      Instant startedAt,
      String phase,
      long blobs,
      long bytes,
      long manifests,
      long repositories,
      long damage) {
    static Pass of(VerificationPass pass) {
      return new Pass(
          pass.startedAt(),
          pass.phase().name().toLowerCase(Locale.ROOT),
          pass.blobs(),
          pass.bytes(),
          pass.manifests(),
          pass.repositories(),
          pass.damage());
    }
  }
}
