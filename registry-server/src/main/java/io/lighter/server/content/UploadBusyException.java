package io.lighter.server.content;

import io.lighter.storage.UploadId;

/** Another request is writing the same upload. */
public final class UploadBusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UploadBusyException(UploadId id) {
    super("another request is writing upload " + id, null, false, false);
  }
}
