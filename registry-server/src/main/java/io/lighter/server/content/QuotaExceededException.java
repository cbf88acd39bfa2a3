package io.lighter.server.content;

/** A push would take more than its namespace may have. The message is for clients. */
public final class QuotaExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  QuotaExceededException(String namespace, long used, long allowed, long more) {
    super(
        "the quota of namespace \"%s\" is %d bytes, of which %d are used; %s. Delete what is not needed, or ask whoever runs this registry (limits.quotas)"
            .formatted(
                namespace,
                allowed,
                used,
                more == 0
                    ? "nothing can be pushed"
                    : "there is no room for %d more".formatted(more)),
        null,
        false,
        false);
  }
}
