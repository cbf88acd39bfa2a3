package io.lighter.server.content;

/** Which view a tag answers. */
public enum ViewPolicy {
  /** Lazy as soon as it is complete, unless the request asks for the original. */
  REPLACE,
  /** Original, unless the request asks for the lazy view or its virtual tag. */
  NEGOTIATE,
  /** Always original; nothing is converted. */
  OFF
}
