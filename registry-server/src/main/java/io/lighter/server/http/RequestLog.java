package io.lighter.server.http;

import io.lighter.server.observe.RequestRecord;

/** Is told of every answered request. Called on event loops; must not block. */
@FunctionalInterface
public interface RequestLog {
  void answered(RequestRecord request);
}
