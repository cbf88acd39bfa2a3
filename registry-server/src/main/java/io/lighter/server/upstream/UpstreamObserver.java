package io.lighter.server.upstream;

/**
 * Is told what happens between Lighter and its upstreams, for metrics. Called on the threads that
 * do the work: implementations are thread-safe, quick and do not throw.
 */
public interface UpstreamObserver {

  /** What was asked of an upstream. */
  enum Operation {
    MANIFEST_HEAD,
    MANIFEST_GET,
    TAG_LIST,
    REFERRERS,
    BLOB_HEAD,
    BLOB_GET
  }

  /** How the upstream answered: well, or with one of the {@link UpstreamException}s. */
  enum Outcome {
    OK,
    NOT_FOUND,
    DENIED,
    RATE_LIMITED,
    UNREACHABLE,
    FAILED,
    INVALID;

    static Outcome of(UpstreamException failure) {
      return switch (failure) {
        case UpstreamException.NotFound _ -> NOT_FOUND;
        case UpstreamException.Denied _ -> DENIED;
        case UpstreamException.RateLimited _ -> RATE_LIMITED;
        case UpstreamException.Failed _ -> FAILED;
        case UpstreamException.Unreachable _ -> UNREACHABLE;
        case UpstreamException.Invalid _ -> INVALID;
      };
    }
  }

  /** A request was answered, or failed. Every attempt counts, as upstream counts it. */
  void requested(String upstream, Operation operation, Outcome outcome);

  /** Bytes of a blob arrived. */
  void received(String upstream, long bytes);

  /** A tag or list was answered from what was known before, because upstream did not confirm it. */
  void answeredStale(String upstream, StaleReason reason);

  /** Upstream was not asked again for what it had just refused, or did not have. */
  void refusedFromMemory(String upstream);

  /** Upstream has said how many more pulls it allows for now. */
  void pullsLeft(String upstream, long count);

  /** A client wanted a blob that was being downloaded already. */
  void joined(String upstream);

  /** A whole blob was downloaded and verified, or a download was given up. */
  void fetched(String upstream, boolean complete);

  /** An observer that does nothing. */
  static UpstreamObserver none() {
    return new UpstreamObserver() {
      @Override
      public void requested(String upstream, Operation operation, Outcome outcome) {}

      @Override
      public void received(String upstream, long bytes) {}

      @Override
      public void answeredStale(String upstream, StaleReason reason) {}

      @Override
      public void refusedFromMemory(String upstream) {}

      @Override
      public void pullsLeft(String upstream, long count) {}

      @Override
      public void joined(String upstream) {}

      @Override
      public void fetched(String upstream, boolean complete) {}
    };
  }
}
