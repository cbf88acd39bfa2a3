package quay;

/** A place for one ship. */
record Berth(String name, int length) {
  String toJson() {
    return "{\"name\":\"" + name + "\",\"length\":" + length + "}";
  }
}
