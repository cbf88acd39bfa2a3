package io.lighter.bench.load;

/** What can be wrong with an answer, or with getting one. */
public enum FailureKind {
  NO_CONNECTION("no connection"),
  CLOSED("closed without an answer"),
  TIMEOUT("no complete answer in time"),
  PROTOCOL("not HTTP"),
  STATUS("wrong status"),
  CONTENT_RANGE("wrong Content-Range"),
  HEADER("wrong header"),
  LENGTH("wrong length"),
  PARTS("malformed multipart"),
  PART_ORDER("wrong part order"),
  BYTES("wrong bytes"),
  DIGEST("wrong digest");

  private final String text;

  FailureKind(String text) {
    this.text = text;
  }

  /** As people read it. */
  public String text() {
    return text;
  }
}
