package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.lighter.server.access.Rights;

/** From endpoint to handler: the whole routing table. Blocking; runs on a virtual thread. */
final class Dispatcher {
  private final BlobHandler blobs;
  private final UploadHandler uploads;
  private final ManifestHandler manifests;
  private final ListingHandler listings;
  private final ReferrersHandler referrers;
  private final TokenHandler tokens;
  private final AccessGate gate;

  Dispatcher(
      BlobHandler blobs,
      UploadHandler uploads,
      ManifestHandler manifests,
      ListingHandler listings,
      ReferrersHandler referrers,
      TokenHandler tokens,
      AccessGate gate) {
    this.blobs = blobs;
    this.uploads = uploads;
    this.manifests = manifests;
    this.listings = listings;
    this.referrers = referrers;
    this.tokens = tokens;
    this.gate = gate;
  }

  /** Answers a request. Whatever it throws, {@link ErrorAnswers} maps. */
  Answer answer(RegistryRequest request) {
    Rights rights = gate.admit(request);
    Answer answer =
        switch (request.endpoint()) {
          case Endpoint.Ping _ -> ping(request);
          case Endpoint.Token _ -> tokens.handle(request);
          case Endpoint.Catalog _ -> listings.catalog(request, rights);
          case Endpoint.Blob blob -> blobs.handle(request, blob, rights);
          case Endpoint.Uploads all -> uploads.handle(request, all, rights);
          case Endpoint.Upload one -> uploads.handle(request, one);
          case Endpoint.Manifest manifest -> manifests.handle(request, manifest);
          case Endpoint.Tags tags -> listings.tags(request, tags);
          case Endpoint.Referrers subject -> referrers.handle(request, subject);
        };
    return request.isHead() ? answer.withoutBody() : answer;
  }

  /** The refusal of a path that is no endpoint. */
  static ProtocolException noEndpoint(String path) {
    return ProtocolException.of(
        OciErrorCode.UNSUPPORTED,
        404,
        "no endpoint of the distribution API: " + path.substring(0, Math.min(160, path.length())));
  }

  private static Answer ping(RegistryRequest request) {
    if (!request.method().name().equals("GET") && !request.isHead()) {
      throw MethodNotAllowed.allowed("GET, HEAD");
    }
    return Answer.of(200).json(new byte[] {'{', '}'}, "application/json");
  }
}
