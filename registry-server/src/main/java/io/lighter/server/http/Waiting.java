package io.lighter.server.http;

import java.util.concurrent.TimeUnit;

/** Holds a virtual thread back, so that bytes go no faster than they may. */
final class Waiting {
  private Waiting() {}

  /**
   * Returns after so many nanoseconds, at once for none.
   *
   * @throws ClientGoneException if the thread is told to stop: nobody is answered any more
   */
  static void nanos(long nanos) {
    if (nanos > 0) {
      try {
        TimeUnit.NANOSECONDS.sleep(nanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ClientGoneException(e);
      }
    }
  }
}
