package io.lighter.oci;

/**
 * The header by which every answer of a registry says that it is one (Docker Registry HTTP API V2;
 * the OCI Distribution Specification allows it).
 */
public final class ApiVersion {
  public static final String HEADER = "Docker-Distribution-Api-Version";
  public static final String VALUE = "registry/2.0";

  private ApiVersion() {}
}
